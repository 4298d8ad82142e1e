//! Manifests as Crossplane's commands read them: YAML through sigs.k8s.io/yaml, into what Kubernetes' decoder makes of it.

use plimsoll_yaml::{Budget, Dialect, Numbers, read_value};
use serde_json::Value;

use crate::number::{round_trip, with_float_numbers};

/// Where manifests come from. The paths are the user's; the errors are in the words of Go's `os`.
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
    /// The paths of the files in a folder, sorted by name, not those in folders below; `None` for what is no folder.
    fn list(&self, path: &str) -> Result<Option<Vec<String>>, String>;
}

/// The first document of a text.
pub fn parse_value(text: &[u8]) -> Result<Value, String> {
    read_value(text, Dialect::Helm, &Budget::DEFAULT, Numbers::AsWritten)
        .map(round_trip)
        .map_err(|error| format!("error converting YAML to JSON: {error}"))
}

/// The first document of a text as a Kubernetes object, which must have a kind.
pub fn parse_object(text: &[u8]) -> Result<Value, String> {
    let value = parse_value(text)?;
    match value.get("kind").and_then(Value::as_str) {
        Some(kind) if !kind.is_empty() => Ok(value),
        _ => {
            let json = plimsoll_yaml::emit_json(&value, plimsoll_yaml::HtmlEscape::Kept);
            Err(format!("error unmarshaling JSON: while decoding JSON: Object 'Kind' is missing in '{json}'"))
        }
    }
}

/// The texts of the documents in a file, or in all YAML files of a folder.
pub fn load_stream(files: &dyn Files, path: &str) -> Result<Vec<Vec<u8>>, String> {
    let Some(listed) = files.list(path).map_err(|error| format!("cannot open file: {error}"))? else {
        let text = files.read(path).map_err(|error| format!("cannot open file: {error}"))?;
        return Ok(split_stream(&text).into_iter().map(<[u8]>::to_vec).collect());
    };
    let manifests: Vec<String> =
        listed.into_iter().filter(|path| path.ends_with(".yaml") || path.ends_with(".yml")).collect();
    if manifests.is_empty() {
        let path = plimsoll_gotemplate::quote::quote(path.as_bytes());
        return Err(format!("no YAML files found in {path} (.yaml or .yml)"));
    }
    let mut stream = Vec::new();
    for path in manifests {
        let text = files
            .read(&path)
            .map_err(|error| format!("cannot load YAML stream from file: cannot open file: {error}"))?;
        stream.extend(split_stream(&text).into_iter().map(<[u8]>::to_vec));
    }
    Ok(stream)
}

/// Splits a text at its `---` lines, as k8s.io/apimachinery's YAML reader does: a line that begins with `---` and has
/// only blanks after it parts two documents, and those without any line count for nothing.
pub(crate) fn split_stream(text: &[u8]) -> Vec<&[u8]> {
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length + 1);
        let is_separator =
            text[at..end].strip_prefix(b"---").is_some_and(|rest| rest.iter().all(u8::is_ascii_whitespace));
        if is_separator {
            documents.push(&text[start..at]);
            start = end;
        }
        at = end;
    }
    documents.push(&text[start..]);
    documents.retain(|document| !document.is_empty());
    documents
}

/// The objects of a text as Crossplane's `validate` loads them: the inputs of a Composition's pipeline come before it.
pub fn load_objects(text: &[u8]) -> Result<Vec<Value>, String> {
    let mut objects = Vec::new();
    for document in split_stream(text) {
        objects.extend(objects_of(object_in(document)?));
    }
    Ok(objects)
}

/// The object of a document.
pub(crate) fn object_in(document: &[u8]) -> Result<Value, String> {
    parse_object(document).map_err(|error| format!("cannot parse YAML manifest: {error}"))
}

/// An object, behind the inputs of its pipeline if it is a Composition.
pub(crate) fn objects_of(object: Value) -> Vec<Value> {
    let is_composition = object.get("kind").and_then(Value::as_str) == Some("Composition")
        && object.get("apiVersion").and_then(Value::as_str) == Some("apiextensions.crossplane.io/v1");
    let mut objects = Vec::new();
    if is_composition {
        let steps = object.pointer("/spec/pipeline").and_then(Value::as_array).into_iter().flatten();
        let inputs = steps.filter_map(|step| step.get("input").filter(|input| input.is_object()));
        objects.extend(inputs.cloned().map(with_float_numbers));
    }
    objects.push(object);
    objects
}
