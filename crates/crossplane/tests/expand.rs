//! Cases of expansion: the resources of an environment in `tests/expand/<case>.yaml`, with what functions answer, what is in the
//! cluster in `<case>.live.yaml`, where there is anything, and what they become in `<case>.expected`.
//!
//! `UPDATE_EXPECTED=1 cargo test -p plimsoll-crossplane --test expand` writes the expected side.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_crossplane::expansion::{Expansion, Supplied, expand};
use plimsoll_crossplane::supplied_output::{KIND, SuppliedOutput};
use plimsoll_yaml::{Budget, Dialect, Numbers, emit_value, parse};
use serde_json::Value;

fn print(expansion: &Expansion) -> String {
    let mut text = String::new();
    for (index, composite) in expansion.composites.iter().enumerate() {
        let name = composite.name.as_deref().unwrap_or("(drawn)");
        let _ = write!(text, "composite {index}: {} {name}", composite.kind);
        if let Some(parent) = composite.parent {
            let _ = write!(text, " of {parent}");
        }
        if let Some(resource) = &composite.resource_name {
            let _ = write!(text, " as {resource}");
        }
        text.push('\n');
    }
    for managed in &expansion.managed {
        let later = if managed.comes_later { ", later" } else { "" };
        let _ = writeln!(text, "--- {} of {}{later}", managed.resource_name, managed.composite);
        text.push_str(&emit_value(&managed.value).expect("a resource can be written"));
        for field in &managed.unknown {
            let _ = writeln!(text, "# unknown {}: {}", field.path, field.sources.join(", "));
        }
    }
    for waiting in &expansion.waiting {
        let name = waiting.resource_name.as_deref().unwrap_or("(all)");
        let missing = if waiting.outlook.is_missing() { " is missing," } else { "" };
        let _ = writeln!(
            text,
            "waiting: {name} of {}{missing} for {}",
            waiting.composite,
            waiting.sources.join(", ")
        );
    }
    for problem in &expansion.problems {
        let _ = writeln!(text, "problem: {:?} of {}: {}", problem.kind, problem.resource, problem.message);
        if let Some(field) = &problem.field {
            let _ = writeln!(text, "  field {field}");
        }
        if let Some((composition, pointer)) = &problem.composition {
            let _ = writeln!(text, "  at {composition} {pointer}");
        }
    }
    text
}

fn read(path: &Path) -> Vec<Value> {
    let text = fs::read(path).expect("a case can be read");
    parse(&text, Dialect::Helm, &Budget::DEFAULT)
        .expect("a case is YAML")
        .into_iter()
        .map(|document| document.root.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data"))
        .collect()
}

fn expanded(case: &Path) -> Expansion {
    let (outputs, values): (Vec<Value>, Vec<Value>) =
        read(case).into_iter().partition(|value| value["kind"] == KIND);
    let outputs = outputs.iter().map(|output| SuppliedOutput::read(output).expect("an answer")).collect();
    let live = case.with_extension("live.yaml");
    let observed = if live.is_file() { read(&live) } else { Vec::new() };
    expand(&values.iter().collect::<Vec<_>>(), &Supplied { outputs: Arc::new(outputs), observed })
}

#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let is_update = std::env::var_os("UPDATE_EXPECTED").is_some();
    assert!(!(is_update && std::env::var_os("CI").is_some()), "UPDATE_EXPECTED is refused where CI is set");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("the folder of cases can be read")
        .map(|entry| entry.expect("the folder of cases can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.to_string_lossy().ends_with(".live.yaml"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 5, "the cases are not there");
    let mut failures = Vec::new();
    for case in cases {
        let found = print(&expanded(&case));
        let expected = case.with_extension("expected");
        if is_update {
            fs::write(&expected, found).expect("the folder of cases can be written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            failures.push(format!("{}:\n{found}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
