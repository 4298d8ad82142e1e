//! The documents of a rendered text.

use plimsoll_gotemplate::quote::quote;
use serde_json::Value;

use super::{NAME_ANNOTATION, text_at};
use crate::definitions::GroupVersionKind;
use crate::go_value::{sprintf, to_go};
use crate::manifest::{parse_value, split_stream};
use crate::pipeline_state::Fatal;

/// Reads the documents; empty ones vanish. The error tells the line in the whole text, as the original does.
pub(super) fn decode(text: &str) -> Result<Vec<Value>, Fatal> {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut start_line = next_document(&lines, 1);
    let mut resources = Vec::new();
    for (index, document) in split_stream(text.as_bytes()).into_iter().enumerate() {
        let resource = decode_one(document).map_err(|error| {
            Fatal(format!("cannot decode manifest: {}", located(&error, start_line, index + 1, &lines)))
        })?;
        start_line = next_document(&lines, start_line);
        let Some(resource) = resource else { continue };
        check_annotations(&resource)?;
        resources.push(resource);
    }
    Ok(resources)
}

fn decode_one(document: &[u8]) -> Result<Option<Value>, String> {
    let value = parse_value(document)?;
    if value.is_null() {
        return Ok(None);
    }
    match text_at(&value, "/kind") {
        Some(kind) if !kind.is_empty() => Ok(Some(value)),
        _ => {
            let json = plimsoll_yaml::emit_json(&value, plimsoll_yaml::HtmlEscape::Kept);
            Err(format!("Object 'Kind' is missing in '{json}'"))
        }
    }
}

/// The line of the next `---` behind this line; this line where there is none.
fn next_document(lines: &[&str], start: usize) -> usize {
    (start + 1..=lines.len()).find(|line| lines[line - 1].trim() == "---").unwrap_or(start)
}

/// A YAML error with its line in the whole text and that line's text; any other error as it is.
fn located(error: &str, start_line: usize, document: usize, lines: &[&str]) -> String {
    const PREFIX: &str = "error converting YAML to JSON: yaml: line ";
    let parts = error.strip_prefix(PREFIX).and_then(|rest| rest.split_once(':'));
    let Some((Ok(line), message)) = parts.map(|(line, message)| (line.parse::<usize>(), message.trim()))
    else {
        return error.to_owned();
    };
    let absolute = start_line.saturating_add(line);
    let Some(text) = lines.get(absolute - 1) else { return error.to_owned() };
    let text = text.trim();
    let shown = match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    };
    format!("{PREFIX}{absolute} (document {document}, line {line}) near: '{shown}': {message}")
}

/// Annotations must be strings; YAML makes booleans and numbers of what is not quoted.
fn check_annotations(resource: &Value) -> Result<(), Fatal> {
    let Some(annotations) = resource.pointer("/metadata/annotations") else { return Ok(()) };
    let problem = match annotations.as_object() {
        None => {
            let (value, go_type) = (printed(annotations), crate::field_path::go_type(annotations));
            format!("{value} is of the type {go_type}, expected map[string]interface {{}}")
        }
        Some(fields) => {
            let Some((key, value)) = fields.iter().find(|(_, value)| !value.is_string()) else {
                return Ok(());
            };
            let (key, go_type) = (quote(key.as_bytes()), crate::field_path::go_type(value));
            let value = printed(value);
            format!(
                "contains non-string value in the map under key {key}: {value} is of the type {go_type}, expected string"
            )
        }
    };
    let name = annotations.get(NAME_ANNOTATION).unwrap_or(&Value::Null);
    let kind = GroupVersionKind::of(resource);
    let (name, GroupVersionKind { group, version, kind }) = (printed(name), kind);
    Err(Fatal(format!(
        "invalid annotations in resource '{group}/{version}, Kind={kind} resource-name={name}': .metadata.annotations accessor \
         error: {problem}"
    )))
}

/// A value as Go's `%v` prints it.
fn printed(value: &Value) -> String {
    sprintf("%v", &[to_go(value)]).unwrap_or_default()
}
