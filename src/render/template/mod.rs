//! Jinja templates as sources of manifests (minijinja), with Helm's habits and without surprises.
//!
//! A template sees its values, the environment's facts and the files of its own folder; nothing else can be reached. What is
//! undefined is an error that names it. `true`, `false` and null are printed as YAML reads them, lists and maps as JSON.
//! Fuel bounds steps and output.
//!
//! Upstream traps of minijinja 3.1 that this module works around: Python's `True` and `None`; escaping by file name; an
//! undefined value that is not named in the error.

mod errors;
mod filters;
mod refused;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, OutputSpan, OutputSpanKind, UndefinedBehavior};
use plimsoll_resource::{FileTree, normalize_path};
use plimsoll_yaml::{HtmlEscape, Span, emit_json};

use super::source_text::OutputPart;
use crate::diagnostic::Diagnostic;

/// Steps, bytes and items that the templates of one file may take: a hundred times what a large file needs.
const FUEL: u64 = 400_000_000;

/// The templates of one source.
pub struct Templates {
    environment: Environment<'static>,
    folder: String,
    read: Arc<Mutex<BTreeSet<String>>>,
    tree: FileTree,
}

impl Templates {
    /// The templates below a source's folder. They can read any file below it, by a path from its `templates/`.
    #[must_use]
    pub fn new(tree: &FileTree, folder: &str) -> Templates {
        let read = Arc::new(Mutex::new(BTreeSet::new()));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
            environment.set_syntax(syntax);
        }
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.set_formatter(|out, _, value| {
            out.write_str(&printed(value)?).map_err(|_| Error::from(ErrorKind::WriteFailure))
        });
        filters::add_to(&mut environment);
        refused::add_to(&mut environment);
        let root = format!("{folder}/templates");
        environment.set_path_join_callback(move |name, _| resolve(&root, name).into());
        let source = Source { tree: tree.clone(), folder: folder.to_owned(), read: Arc::clone(&read) };
        let files = source.clone();
        environment.set_loader(move |name| source.text(name));
        let root = format!("{folder}/templates");
        environment.add_function("file", move |name: String| -> Result<String, Error> {
            let missing = || Error::new(ErrorKind::InvalidOperation, format!("there is no file `{name}`"));
            files.text(&resolve(&root, &name))?.ok_or_else(missing)
        });
        Templates { environment, folder: folder.to_owned(), read, tree: tree.clone() }
    }

    /// Renders one template by its path from the repository's root.
    pub fn render(&self, path: &str, context: &Value) -> Result<(String, Vec<OutputPart>), Box<Diagnostic>> {
        self.environment
            .get_template(path)
            .and_then(|template| template.render_with_spans(context.clone()))
            .map(|(text, spans)| (text, parts(&spans)))
            .map_err(|error| Box::new(errors::diagnose(&error, path, &self.folder, &self.tree)))
    }

    /// Renders a text that is no template of its own, such as a values file.
    pub fn render_text(&self, path: &str, text: &str, context: &Value) -> Result<String, Box<Diagnostic>> {
        self.environment
            .render_named_str(path, text, context.clone())
            .map_err(|error| Box::new(errors::diagnose(&error, path, &self.folder, &self.tree)))
    }

    /// The files that have been read so far.
    #[must_use]
    pub fn files_read(&self) -> BTreeSet<String> {
        self.read.lock().map(|read| read.clone()).unwrap_or_default()
    }
}

fn parts(spans: &[OutputSpan]) -> Vec<OutputPart> {
    let span = |range: std::ops::Range<usize>| {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX - 1);
        Span::new(offset(range.start), offset(range.end))
    };
    let mut names: Vec<Arc<str>> = Vec::new();
    spans
        .iter()
        .map(|one| {
            let known = names.iter().rev().find(|name| ***name == *one.name()).cloned();
            let template = known.unwrap_or_else(|| {
                names.push(one.name().into());
                Arc::from(one.name())
            });
            OutputPart {
                output: span(one.output_range()),
                template,
                source: span(one.source_range()),
                is_literal: one.kind() == OutputSpanKind::Raw,
            }
        })
        .collect()
}

#[derive(Clone)]
struct Source {
    tree: FileTree,
    folder: String,
    read: Arc<Mutex<BTreeSet<String>>>,
}

impl Source {
    fn text(&self, path: &str) -> Result<Option<String>, Error> {
        let inside = normalize_path(path).filter(|path| path.starts_with(&format!("{}/", self.folder)));
        let Some(inside) = inside else { return Err(refused::outside(path, &self.folder)) };
        let Some(bytes) = self.tree.get(&inside) else { return Ok(None) };
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("`{inside}` is not UTF-8")))?;
        if let Ok(mut read) = self.read.lock() {
            read.insert(inside);
        }
        Ok(Some(text.to_owned()))
    }
}

/// What a template means by a file name: a path from `templates/`, which may lead up to the source's folder. A name that
/// leads further stays as it is, and is refused when it is read.
fn resolve(root: &str, name: &str) -> String {
    if name.starts_with(&format!("{root}/")) {
        return name.to_owned();
    }
    normalize_path(&format!("{root}/{name}"))
        .filter(|_| !name.starts_with('/'))
        .unwrap_or_else(|| name.to_owned())
}

/// A value as a template prints it.
fn printed(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => Ok("null".to_owned()),
        ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => {
            let json = serde_json::to_value(value)
                .map_err(|_| Error::new(ErrorKind::BadSerialization, "the value cannot be printed"))?;
            Ok(emit_json(&json, HtmlEscape::Kept))
        }
        ValueKind::Plain => {
            Err(Error::new(ErrorKind::InvalidOperation, "a function or object cannot be printed"))
        }
        ValueKind::Bytes => value
            .as_bytes()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(str::to_owned)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the bytes are no text; encode them")),
        _ => Ok(value.to_string()),
    }
}
