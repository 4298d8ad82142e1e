//! What somebody supplies for claims to be expanded: what functions answer that Plimsoll does not have, and resources as they
//! are in the cluster.
//!
//! The answers that every command is to use lie in Git, in `overlays/<env>/function-outputs.yaml`; others are given to
//! `crossplane expand`. What is read here stays in memory; resources of the cluster are never written.

use plimsoll_crossplane::supplied_output::SuppliedOutput;
use plimsoll_resource::FileTree;
use plimsoll_yaml::{Budget, Dialect, Node, Numbers, Span};
use serde_json::Value;

use super::source_lines::steps_of_pointer;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, did_you_mean, yaml_message};
use crate::secrets::mask;

/// The code of a file that cannot be used.
const CODE: Code = Code::new("claim::function-output");

/// Where an environment keeps what functions answer, from the repository's root.
#[must_use]
pub fn path(environment: &str) -> String {
    format!("overlays/{environment}/function-outputs.yaml")
}

/// What functions answer in an environment; nothing where it has no such file.
pub fn outputs_of(tree: &FileTree, environment: &str) -> Result<Vec<SuppliedOutput>, Diagnostics> {
    let path = path(environment);
    match tree.get(&path) {
        Some(bytes) => read_outputs(&path, bytes),
        None => Ok(Vec::new()),
    }
}

/// Reads a file of `FunctionOutput` documents.
pub fn read_outputs(path: &str, bytes: &[u8]) -> Result<Vec<SuppliedOutput>, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut outputs = Vec::new();
    let (text, documents) = documents(path, bytes)?;
    for (root, value) in documents {
        match SuppliedOutput::read(&value) {
            Ok(output) => outputs.push(output),
            Err(problems) => found.extend(
                problems
                    .into_iter()
                    .map(|problem| {
                        let node = deepest(&root, &steps_of_pointer(&problem.pointer));
                        let place = Place::of_span(path, &text, node.span());
                        let help = problem
                            .unknown
                            .and_then(|(word, known)| did_you_mean(&word, known.iter().copied()));
                        Diagnostic::error(CODE, problem.message)
                            .at(mask::without_secrets(place, &text))
                            .with_optional_help(help)
                    })
                    .collect(),
            ),
        }
    }
    if found.is_empty() { Ok(outputs) } else { Err(found) }
}

/// Reads resources as they are in the cluster; a list, as `kubectl get` prints it, is its items.
pub fn read_observed(path: &str, bytes: &[u8]) -> Result<Vec<Value>, Diagnostics> {
    let mut observed = Vec::new();
    for (_, mut value) in documents(path, bytes)?.1 {
        let is_list = value.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
        match value.get_mut("items").and_then(Value::as_array_mut).filter(|_| is_list) {
            Some(items) => observed.append(items),
            None => observed.push(value),
        }
    }
    Ok(observed)
}

/// The documents of a file with their trees; those without content are passed over.
fn documents(path: &str, bytes: &[u8]) -> Result<(String, Vec<(Node, Value)>), Diagnostics> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Diagnostic::error(CODE, "the file is not UTF-8").at(Place::file(path)).into());
    };
    let problem = |error: &plimsoll_yaml::Error| {
        let place = error.offset().and_then(|offset| u32::try_from(offset).ok()).map_or_else(
            || Place::file(path),
            |offset| mask::without_secrets(Place::of_span(path, text, Span::new(offset, offset)), text),
        );
        Diagnostics::from(Diagnostic::error(CODE, yaml_message(error)).at(place))
    };
    let parsed =
        plimsoll_yaml::parse(bytes, Dialect::Helm, &Budget::DEFAULT).map_err(|error| problem(&error))?;
    let mut documents = Vec::new();
    for document in parsed {
        let value =
            document.root.to_value(Dialect::Helm, Numbers::AsWritten).map_err(|error| problem(&error))?;
        if !value.is_null() {
            documents.push((document.root, value));
        }
    }
    Ok((text.to_owned(), documents))
}

/// The node at the end of the steps, or the last one on the way that is there.
fn deepest<'n>(root: &'n Node, steps: &[String]) -> &'n Node {
    let mut node = root;
    for step in steps {
        let below = match step.parse::<usize>() {
            Ok(index) if node.items().is_some() => node.items().and_then(|items| items.get(index)),
            _ => node.get(step),
        };
        match below {
            Some(below) => node = below,
            None => break,
        }
    }
    node
}
