//! Reads a value by a path.

use serde_json::Value;

use super::{PathError, Segment, Segments};

/// The value at a path.
pub fn value_at<'a>(object: &'a Value, path: &str) -> Result<&'a Value, PathError> {
    follow(object, &Segments::parse(path)?)
}

/// The string at a path.
pub fn string_at<'a>(object: &'a Value, path: &str) -> Result<&'a str, PathError> {
    value_at(object, path)?.as_str().ok_or_else(|| PathError::invalid(format!("{path}: not a string")))
}

/// The integer at a path; a number with a fraction is none.
pub fn integer_at(object: &Value, path: &str) -> Result<i64, PathError> {
    value_at(object, path)?
        .as_i64()
        .ok_or_else(|| PathError::invalid(format!("{path}: not a (int64) number")))
}

/// The boolean at a path.
pub fn bool_at(object: &Value, path: &str) -> Result<bool, PathError> {
    value_at(object, path)?.as_bool().ok_or_else(|| PathError::invalid(format!("{path}: not a bool")))
}

/// Goes along the segments. Nothing at all is at the end of no segments, which Crossplane takes for null.
pub(super) fn follow<'a>(object: &'a Value, segments: &Segments) -> Result<&'a Value, PathError> {
    if segments.0.is_empty() {
        return Ok(&Value::Null);
    }
    let mut value = object;
    for (position, segment) in segments.0.iter().enumerate() {
        value = match (segment, value) {
            (Segment::Index(index), Value::Array(items)) => items.get(*index as usize).ok_or_else(|| {
                PathError::not_found(format!("{}: no such element", segments.first(position + 1)))
            })?,
            (Segment::Index(_), _) => {
                return Err(PathError::invalid(format!("{}: not an array", segments.first(position))));
            }
            (Segment::Field(field), Value::Object(fields)) => fields.get(field).ok_or_else(|| {
                PathError::not_found(format!("{}: no such field", segments.first(position + 1)))
            })?,
            (Segment::Field(_), Value::Null) => {
                let message = format!("{}: expected map, got nil", segments.first(position));
                return Err(PathError::not_found(message));
            }
            (Segment::Field(_), _) => {
                return Err(PathError::invalid(format!("{}: not an object", segments.first(position))));
            }
        };
    }
    Ok(value)
}
