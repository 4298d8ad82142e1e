//! Merges a value into what is at a path, as a patch's `toFieldPath` policy asks.
//!
//! The rules are those of mergo v1 on maps of any values, as crossplane-runtime v2.2.1 `pkg/fieldpath/merge.go` calls it: what
//! is empty (`""`, 0, false, an empty list or map, null) counts as absent.

use serde_json::{Map, Value};

use super::read::follow;
use super::write::set;
use super::{PathError, Segments};

/// How objects and arrays that are already there are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeOptions {
    /// Keep the values of keys that are there; leave arrays alone.
    KeepValues,
    /// Keep the values of keys that are there; append to arrays.
    KeepValuesAppendArrays,
    /// Overwrite the values of keys that are there; replace arrays.
    Overwrite,
    /// Overwrite the values of keys that are there; append to arrays.
    OverwriteAppendArrays,
}

impl MergeOptions {
    fn overwrites(self) -> bool {
        matches!(self, MergeOptions::Overwrite | MergeOptions::OverwriteAppendArrays)
    }

    fn appends(self) -> bool {
        matches!(self, MergeOptions::KeepValuesAppendArrays | MergeOptions::OverwriteAppendArrays)
    }
}

/// Puts a value at a path: over what is there, or, with options, merged with it.
pub fn merge_value(
    object: &mut Value,
    path: &str,
    value: Value,
    options: Option<MergeOptions>,
) -> Result<(), PathError> {
    merge_at(object, &Segments::parse(path)?, value, options)
}

/// The same at a path that is parsed.
pub(super) fn merge_at(
    object: &mut Value,
    path: &Segments,
    value: Value,
    options: Option<MergeOptions>,
) -> Result<(), PathError> {
    let value = match options.map(|options| (follow(object, path), options)) {
        Some((Ok(present), options)) => merge(present.clone(), value, options)?,
        Some((Err(error), _)) if !error.is_not_found() => return Err(error),
        _ => value,
    };
    set(object, path, value)
}

fn merge(destination: Value, source: Value, options: MergeOptions) -> Result<Value, PathError> {
    if destination.is_null() || source.is_null() {
        return Ok(source);
    }
    let source = match (source, &destination) {
        (Value::Array(items), Value::Array(present)) if options.appends() => {
            Value::Array(items.into_iter().filter(|item| !present.contains(item)).collect())
        }
        (source, _) => source,
    };
    // The original wraps both sides in a map of one key, so that scalars and arrays meet the rules for entries of maps.
    let mut outer = Map::from_iter([("value".to_owned(), destination)]);
    merge_entry(&mut outer, "value", source, options)
        .map_err(|message| PathError::invalid(format!("failed to merge values: {message}")))?;
    Ok(outer.remove("value").unwrap_or_default())
}

fn merge_entry(
    fields: &mut Map<String, Value>,
    key: &str,
    source: Value,
    options: MergeOptions,
) -> Result<(), String> {
    if source.is_null() {
        // A null of the source is dropped even where the key is new.
        if options.overwrites() {
            fields.insert(key.to_owned(), source);
        }
        return Ok(());
    }
    let Some(present) = fields.get_mut(key) else {
        fields.insert(key.to_owned(), source);
        return Ok(());
    };
    match (source, present) {
        (Value::Object(source), Value::Object(present)) if !present.is_empty() => {
            for (key, value) in source {
                merge_entry(present, &key, value, options)?;
            }
        }
        (Value::Array(items), Value::Array(present)) if options.appends() => present.extend(items),
        (Value::Array(_), present) if options.appends() && !present.is_null() => {
            let message = "cannot append two slices with different type ([]interface {}, ";
            return Err(format!("{message}{})", go_type(present)));
        }
        (source, present) => {
            if options.overwrites() || is_empty(present) {
                *present = source;
            }
        }
    }
    Ok(())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// What Go calls the type of a value that was read from JSON by Kubernetes' decoder.
pub(crate) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
