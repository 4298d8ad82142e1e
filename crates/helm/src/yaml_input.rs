//! YAML texts as Helm decodes them: into JSON-like values, with the words it puts before go-yaml's.

use plimsoll_gotemplate::Profile;
use plimsoll_yaml::{Budget, Dialect, Numbers, read_value};
use serde_json::{Map, Value};

/// The first document, whole numbers kept whole.
pub(crate) fn document(bytes: &[u8]) -> Result<Value, String> {
    decode(bytes, Numbers::AsWritten)
}

/// The default values of a chart: Helm 3 reads the first document, Helm 4 merges all.
pub(crate) fn chart_values(bytes: &[u8], profile: Profile) -> Result<Map<String, Value>, String> {
    match profile {
        Profile::V3 => table(bytes),
        Profile::V4 => merged_documents(bytes),
    }
}

/// The values of one document.
pub(crate) fn table(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    match decode(bytes, Numbers::AllFloat)? {
        Value::Null => Ok(Map::new()),
        Value::Object(entries) => Ok(entries),
        other => {
            let kind = match other {
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                _ => "array",
            };
            Err(format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into Go value of type \
                 map[string]interface {{}}"
            ))
        }
    }
}

fn decode(bytes: &[u8], numbers: Numbers) -> Result<Value, String> {
    read_value(bytes, Dialect::Helm, &Budget::DEFAULT, numbers)
        .map_err(|error| format!("error converting YAML to JSON: {error}"))
}

/// Merges all documents of a text, which are parted by lines with `---` and nothing but a comment behind it.
///
/// Helm 4.2.4 loses a last line without an end whose length is a multiple of its 4096 byte buffer; so does this.
pub(crate) fn merged_documents(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let mut values = Map::new();
    let mut document: Vec<u8> = Vec::new();
    let mut read = |document: &mut Vec<u8>| -> Result<(), String> {
        let found =
            table(document).map_err(|message| format!("cannot unmarshal yaml document: {message}"))?;
        document.clear();
        merge(&mut values, found);
        Ok(())
    };
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_whole = line.ends_with(b"\n");
        if !is_whole && line.len().is_multiple_of(4096) {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if let Some(rest) = text.strip_prefix(b"---") {
            let rest = rest.trim_ascii_start();
            if (rest.is_empty() || rest.starts_with(b"#")) && !document.is_empty() {
                read(&mut document)?;
                continue;
            }
        }
        document.extend_from_slice(text);
        document.push(b'\n');
    }
    if !document.is_empty() {
        read(&mut document)?;
    }
    Ok(values)
}

/// Merges a table over another: tables deep, everything else by replacing.
pub(crate) fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// The same value with every number as a float, as Go decodes JSON.
pub(crate) fn with_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            number.as_f64().and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::Number)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(with_floats).collect()),
        Value::Object(entries) => {
            Value::Object(entries.into_iter().map(|(key, value)| (key, with_floats(value))).collect())
        }
        other => other,
    }
}
