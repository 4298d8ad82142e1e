//! JSON patches (RFC 6902) with the habits of evanphx/json-patch v4.13.0, which kustomize uses.
//!
//! `replace` of a key that is not there adds it; negative indexes count from the end; a value that is left out is null; what
//! is null has nothing below it.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::tree::json;
use crate::tree::paths::atoi;
use crate::tree::text;

/// The operations of a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonPatch {
    operations: Vec<Map<String, Value>>,
}

impl JsonPatch {
    /// Reads a patch: strict JSON where the text begins with `[`, else YAML.
    pub fn parse(patch: &str) -> Result<JsonPatch> {
        if patch.is_empty() {
            return Err(Error::new("empty json patch operations"));
        }
        JsonPatch::of_value(if patch.starts_with('[') {
            json::parse(patch)?
        } else {
            text::yaml_to_json(patch)?
        })
    }

    /// The patch that is written as this value.
    pub(crate) fn of_value(value: Value) -> Result<JsonPatch> {
        let operations = match value {
            Value::Array(operations) => operations,
            Value::Null => Vec::new(),
            other => {
                let kind = json::kind_name(&other);
                return Err(Error::new(format!(
                    "json: cannot unmarshal {kind} into Go value of type jsonpatch.Patch"
                )));
            }
        };
        let operations = operations.into_iter().map(|operation| match operation {
            Value::Object(fields) => Ok(fields),
            Value::Null => Ok(Map::new()),
            other => {
                let kind = json::kind_name(&other);
                Err(Error::new(format!(
                    "json: cannot unmarshal {kind} into Go value of type jsonpatch.Operation"
                )))
            }
        });
        Ok(JsonPatch { operations: operations.collect::<Result<_>>()? })
    }

    /// Whether there is no operation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Applies all operations, or fails at the first that does not apply.
    pub fn apply(&self, document: &mut Value) -> Result<()> {
        self.operations.iter().try_for_each(|operation| apply(operation, document))
    }
}

fn apply(operation: &Map<String, Value>, document: &mut Value) -> Result<()> {
    match text_field(operation, "op").unwrap_or("unknown") {
        "add" => {
            let path = path_of(operation, "add operation failed to decode path: missing value")?;
            let (parent, key) = find(document, path).ok_or_else(|| {
                missing(&format!("add operation does not apply: doc is missing path: \"{path}\""))
            })?;
            add(parent, &key, value_of(operation))
                .map_err(|error| error.wrap(format!("error in add for path: '{path}'")))
        }
        "remove" => {
            let path = path_of(operation, "remove operation failed to decode path: missing value")?;
            let (parent, key) = find(document, path).ok_or_else(|| {
                missing(&format!("remove operation does not apply: doc is missing path: \"{path}\""))
            })?;
            remove(parent, &key).map_err(|error| error.wrap(format!("error in remove for path: '{path}'")))
        }
        "replace" => replace(operation, document),
        "move" => move_value(operation, document),
        "test" => test(operation, document),
        "copy" => copy(operation, document),
        other => Err(Error::new(format!("Unexpected kind: {other}"))),
    }
}

fn replace(operation: &Map<String, Value>, document: &mut Value) -> Result<()> {
    let path = path_of(
        operation,
        "replace operation failed to decode path: operation missing path field: missing value",
    )?;
    if path.is_empty() {
        let value = value_of(operation);
        if !value.is_object() && !value.is_array() {
            return Err(Error::new("replace operation value must be object or array: %!w(<nil>)"));
        }
        *document = value;
        return Ok(());
    }
    let (parent, key) = find(document, path)
        .ok_or_else(|| missing(&format!("replace operation does not apply: doc is missing path: {path}")))?;
    match parent {
        Value::Object(fields) => {
            fields.insert(key, value_of(operation));
            Ok(())
        }
        Value::Array(items) => {
            let place = index_in(items.len(), &key).ok().and_then(|index| items.get_mut(index));
            let place = place.ok_or_else(|| {
                missing(&format!("replace operation does not apply: doc is missing key: {path}"))
            })?;
            *place = value_of(operation);
            Ok(())
        }
        _ => Err(missing(&format!("replace operation does not apply: doc is missing path: {path}"))),
    }
}

fn move_value(operation: &Map<String, Value>, document: &mut Value) -> Result<()> {
    let from = text_field(operation, "from")
        .ok_or_else(|| missing("move operation failed to decode from: operation, missing from field"))?;
    let (parent, key) = find(document, from).ok_or_else(|| {
        missing(&format!("move operation does not apply: doc is missing from path: {from}"))
    })?;
    let value = get(parent, &key).map_err(|error| error.wrap(format!("error in move for path: '{key}'")))?;
    remove(parent, &key).map_err(|error| error.wrap(format!("error in move for path: '{key}'")))?;
    let path = path_of(
        operation,
        "move operation failed to decode path: operation missing path field: missing value",
    )?;
    let (parent, key) = find(document, path).ok_or_else(|| {
        missing(&format!("move operation does not apply: doc is missing destination path: {path}"))
    })?;
    add(parent, &key, value).map_err(|error| error.wrap(format!("error in move for path: '{path}'")))
}

fn copy(operation: &Map<String, Value>, document: &mut Value) -> Result<()> {
    let from = text_field(operation, "from")
        .ok_or_else(|| missing("copy operation failed to decode from: operation, missing from field"))?;
    let (parent, key) = find(document, from).ok_or_else(|| {
        missing(&format!("copy operation does not apply: doc is missing from path: {from}"))
    })?;
    let value = get(parent, &key).map_err(|error| error.wrap(format!("error in copy for from: '{from}'")))?;
    let path = path_of(operation, "copy operation failed to decode path: missing value")?;
    let (parent, key) = find(document, path).ok_or_else(|| {
        missing(&format!("copy operation does not apply: doc is missing destination path: {path}"))
    })?;
    add(parent, &key, value).map_err(|error| error.wrap("error while adding value during copy"))
}

fn test(operation: &Map<String, Value>, document: &mut Value) -> Result<()> {
    let path = path_of(
        operation,
        "test operation failed to decode path: operation missing path field: missing value",
    )?;
    let failed = || Error::new(format!("testing value {path} failed: test failed"));
    let wanted = value_of(operation);
    let found = if path.is_empty() {
        document.clone()
    } else {
        let (parent, key) = find(document, path)
            .ok_or_else(|| missing(&format!("test operation does not apply: is missing path: {path}")))?;
        get(parent, &key).map_err(|error| error.wrap(format!("error in test for path: '{path}'")))?
    };
    if found == wanted { Ok(()) } else { Err(failed()) }
}

/// The container that a path ends in, and the last key.
fn find<'a>(document: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.len() < 2 {
        return None;
    }
    let last = parts.pop()?;
    let mut found = document;
    for part in parts.into_iter().skip(1) {
        let key = unescape(part);
        found = match found {
            Value::Object(fields) => fields.get_mut(&key)?,
            Value::Array(items) => {
                let index = index_in(items.len(), &key).ok()?;
                items.get_mut(index)?
            }
            _ => return None,
        };
    }
    (found.is_object() || found.is_array()).then(|| (found, unescape(last)))
}

fn get(parent: &Value, key: &str) -> Result<Value> {
    match parent {
        Value::Object(fields) => Ok(fields.get(key).cloned().unwrap_or_default()),
        Value::Array(items) => {
            let index = index_in(items.len(), key)?;
            items.get(index).cloned().ok_or_else(|| invalid_index(key))
        }
        _ => Ok(Value::Null),
    }
}

fn add(parent: &mut Value, key: &str, value: Value) -> Result<()> {
    match parent {
        Value::Object(fields) => {
            fields.insert(key.to_owned(), value);
        }
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            let index = atoi(key).ok_or_else(|| {
                Error::new(format!("value was not a proper array index: '{key}': {}", syntax_error(key)))
            })?;
            items.insert(bounded(items.len() + 1, index, key)?, value);
        }
        _ => {}
    }
    Ok(())
}

fn remove(parent: &mut Value, key: &str) -> Result<()> {
    match parent {
        Value::Object(fields) => fields
            .remove(key)
            .map(drop)
            .ok_or_else(|| missing(&format!("Unable to remove nonexistent key: {key}"))),
        Value::Array(items) => {
            let index = index_in(items.len(), key)?;
            items.remove(index);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn index_in(length: usize, key: &str) -> Result<usize> {
    let index = atoi(key).ok_or_else(|| Error::new(syntax_error(key)))?;
    bounded(length, index, key)
}

/// An index below `length`; a negative one counts from the end.
fn bounded(length: usize, index: i64, key: &str) -> Result<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let from_start = if index < 0 { index.saturating_add(length) } else { index };
    if from_start < 0 || from_start >= length {
        return Err(invalid_index(key));
    }
    usize::try_from(from_start).map_err(|_| invalid_index(key))
}

fn invalid_index(key: &str) -> Error {
    let index = atoi(key).map_or_else(|| key.to_owned(), |index| index.to_string());
    Error::new(format!("Unable to access invalid index: {index}: invalid index referenced"))
}

fn syntax_error(key: &str) -> String {
    format!("strconv.Atoi: parsing {key:?}: invalid syntax")
}

fn missing(text: &str) -> Error {
    Error::new(format!("{text}: missing value"))
}

fn path_of<'a>(operation: &'a Map<String, Value>, otherwise: &str) -> Result<&'a str> {
    text_field(operation, "path").ok_or_else(|| Error::new(otherwise))
}

fn text_field<'a>(operation: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    operation.get(name).and_then(Value::as_str)
}

fn value_of(operation: &Map<String, Value>) -> Value {
    operation.get("value").cloned().unwrap_or_default()
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}
