//! minijinja's errors as diagnostics: template, line, column and the expression at fault.
//!
//! Details of minijinja may quote values, and values may be secrets: only what our own filters say, and what is known to name
//! no value, is repeated.

use std::ops::Range;

use minijinja::{Error, ErrorKind};
use plimsoll_resource::FileTree;
use plimsoll_yaml::Span;

use super::{filters, refused};
use crate::diagnostic::{Code, Diagnostic, Place, did_you_mean};
use crate::secrets::mask;

/// What minijinja 3.1 says of the call of a variable that holds an error.
const CALLED_ERROR: &str = "invalid value is not callable";

/// Names that are meant by those who misspell them.
const KNOWN_NAMES: [&str; 24] = [
    "b64decode",
    "b64encode",
    "default",
    "fail",
    "file",
    "from_json",
    "from_yaml",
    "indent",
    "items",
    "join",
    "length",
    "lower",
    "nindent",
    "quote",
    "replace",
    "required",
    "sha256",
    "squote",
    "to_json",
    "to_yaml",
    "trim",
    "trim_prefix",
    "trim_suffix",
    "upper",
];

/// What an error means to the author of the template at `path`.
pub(super) fn diagnose(error: &Error, path: &str, folder: &str, tree: &FileTree) -> Diagnostic {
    let innermost = innermost(error);
    let (code, message, help) = describe(innermost, folder);
    let mut diagnostic = Diagnostic::error(Code::new(code), message).with_optional_help(help);
    diagnostic.place = Some(place(innermost, path, tree));
    for outer in chain(error).into_iter().rev().skip(1) {
        let at = place(outer, path, tree);
        let known = diagnostic.place.as_ref().is_some_and(|inner| inner.label() == at.label());
        if !known {
            diagnostic = diagnostic.with_link("included from", Place { excerpt: None, ..at });
        }
    }
    diagnostic
}

/// The error and those below it, outermost first, as far as they are minijinja's.
fn chain(error: &Error) -> Vec<&Error> {
    let mut errors = vec![error];
    let mut current: &dyn std::error::Error = error;
    while let Some(source) = current.source() {
        if let Some(source) = source.downcast_ref::<Error>() {
            errors.push(source);
        }
        current = source;
    }
    errors
}

fn innermost(error: &Error) -> &Error {
    chain(error).pop().unwrap_or(error)
}

fn place(error: &Error, path: &str, tree: &FileTree) -> Place {
    let file = error.name().unwrap_or(path);
    let committed = || tree.get(file).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let Some(source) = error.template_source().or_else(committed) else { return Place::file(file) };
    match (range_at_fault(error), error.line()) {
        (Some(range), _) => {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX - 1);
            let span = Span::new(offset(range.start), offset(range.end));
            mask::without_secrets(Place::of_span(file, source, span), source)
        }
        (None, Some(line)) => Place::line(file, u32::try_from(line).unwrap_or(u32::MAX)),
        (None, None) => Place::file(file),
    }
}

/// The part of the template at fault. Of a filter that refuses something undefined, it is what the filter is given, as far
/// as that is a name.
fn range_at_fault(error: &Error) -> Option<Range<usize>> {
    let range = error.range()?;
    Some(filtered_name(error, &range).or_else(|| whole_path(error, &range)).unwrap_or(range))
}

/// Of `.b.c` behind a name that has no `b`, the path with the name.
fn whole_path(error: &Error, attribute: &Range<usize>) -> Option<Range<usize>> {
    let source = error.template_source()?;
    if error.kind() != ErrorKind::UndefinedError || !source.get(attribute.clone())?.starts_with(['.', '[']) {
        return None;
    }
    let start = source.get(..attribute.start)?.trim_end_matches(is_of_name).len();
    Some(start..attribute.end)
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '[' | ']')
}

/// What stands before the `|` of a filter.
fn filtered<'a>(error: &'a Error, filter: &Range<usize>) -> Option<&'a str> {
    Some(error.template_source()?.get(..filter.start)?.trim_end().strip_suffix('|')?.trim_end())
}

/// The name before the `|` of a filter that is given something undefined.
fn filtered_name(error: &Error, filter: &Range<usize>) -> Option<Range<usize>> {
    if error.kind() != ErrorKind::UndefinedError {
        return None;
    }
    let before = filtered(error, filter)?;
    let start = before.trim_end_matches(is_of_name).len();
    let is_name =
        before[start..].starts_with(|character: char| character.is_alphabetic() || character == '_');
    (is_name && !before[..start].trim_end().ends_with('|')).then_some(start..before.len())
}

/// The text of the expression at fault.
fn expression(error: &Error) -> Option<&str> {
    let text = error.template_source()?.get(range_at_fault(error)?)?.trim();
    let text = text
        .trim_start_matches("{{")
        .trim_start_matches('-')
        .trim_end_matches("}}")
        .trim_end_matches('-')
        .trim();
    (!text.is_empty() && text.len() <= 80 && !text.contains('\n') && !text.contains(['"', '\'']))
        .then_some(text)
}

fn describe(error: &Error, folder: &str) -> (&'static str, String, Option<String>) {
    let detail = error.detail().unwrap_or_default();
    let refused_call = || error.template_source()?.get(error.range()?).and_then(refused::of_call);
    let refusal = if detail.ends_with(CALLED_ERROR) { refused_call() } else { refused::parse(detail) };
    if let Some((code, message, help)) = refusal {
        return (code, message, Some(help));
    }
    if let Some(message) = detail.strip_prefix(filters::REQUIRED) {
        return (
            "template::required",
            message.to_owned(),
            Some(format!("set the value in `{folder}/values.yaml`, or in the layer's values.yaml")),
        );
    }
    if let Some(message) = detail.strip_prefix(filters::FAILED) {
        return ("template::failed", message.to_owned(), None);
    }
    let safe_detail = if detail.is_empty() || detail.contains(['"', '\'']) { None } else { Some(detail) };
    let with_detail = |what: &str| safe_detail.map_or(what.to_owned(), |detail| format!("{what}: {detail}"));
    match error.kind() {
        ErrorKind::UndefinedError => undefined(error, folder),
        ErrorKind::SyntaxError => ("template::syntax", with_detail("syntax error"), None),
        ErrorKind::UnknownFilter
        | ErrorKind::UnknownFunction
        | ErrorKind::UnknownTest
        | ErrorKind::UnknownMethod => {
            let unknown = detail.trim_end_matches(" is unknown").rsplit(' ').next().unwrap_or_default();
            ("template::unknown-name", with_detail("unknown name"), did_you_mean(unknown, KNOWN_NAMES))
        }
        ErrorKind::TemplateNotFound => {
            let message =
                if detail.is_empty() { "there is no such template".to_owned() } else { not_found(detail) };
            ("template::not-found", message, Some(format!("paths are from `{folder}/templates`")))
        }
        ErrorKind::OutOfFuel => (
            "template::too-much",
            "the template takes too many steps, or gives too much text".to_owned(),
            Some("a loop may be larger than it was meant to be".to_owned()),
        ),
        ErrorKind::BadSerialization => ("template::failed", with_detail("a value cannot be written"), None),
        _ => {
            let what = match expression(error) {
                Some(expression) => format!("`{expression}` fails"),
                None => "the template fails".to_owned(),
            };
            ("template::failed", with_detail(&what), None)
        }
    }
}

/// minijinja's words for a missing template quote its name, which stands in the template itself.
fn not_found(detail: &str) -> String {
    let name = detail.split('"').nth(1).unwrap_or_default();
    if name.is_empty() {
        "there is no such template".to_owned()
    } else {
        format!("there is no template `{name}`")
    }
}

fn undefined(error: &Error, folder: &str) -> (&'static str, String, Option<String>) {
    let name = expression(error);
    let is_filter = || range_at_fault(error).and_then(|range| filtered(error, &range)).is_some();
    let message = match name {
        Some(name) if is_filter() => format!("what `{name}` is given is undefined"),
        Some(name) => format!("`{name}` is undefined"),
        None => "a value is undefined".to_owned(),
    };
    let root = name.and_then(|name| name.split(['.', '[', ' ', '|']).next());
    let help = match root {
        Some("values") => {
            format!(
                "set it in `{folder}/values.yaml` or in the layer's values.yaml, or write `| default(...)`"
            )
        }
        Some("parameters") => {
            "set it in `spec.parameters` of the environment, or write `| default(...)`".to_owned()
        }
        _ => "templates see `values`, `parameters`, `aws`, `clusters`, `environment` and `layer`".to_owned(),
    };
    ("template::undefined", message, Some(help))
}
