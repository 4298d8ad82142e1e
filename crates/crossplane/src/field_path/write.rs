//! Writes and deletes a value by a path, and makes the parents that are missing.

use serde_json::{Map, Value};

use super::{PathError, Segment, Segments};
use crate::number::round_trip;

/// The highest index that a path may write.
const MAX_INDEX: u32 = 1024;

/// Puts a value at a path. Missing parents become objects or arrays as the path says; arrays are padded with null.
pub fn set_value(object: &mut Value, path: &str, value: Value) -> Result<(), PathError> {
    set(object, &Segments::parse(path)?, value)
}

pub(super) fn set(object: &mut Value, segments: &Segments, value: Value) -> Result<(), PathError> {
    let value = round_trip(value);
    for segment in &segments.0 {
        if let Segment::Index(index) = segment
            && *index > MAX_INDEX
        {
            let message = format!("index {index} is greater than max allowed index {MAX_INDEX}");
            return Err(PathError::invalid(message));
        }
    }
    let mut place = object;
    for (position, segment) in segments.0.iter().enumerate() {
        let next = segments.0.get(position + 1);
        place = match (segment, place) {
            (Segment::Field(field), Value::Object(fields)) => {
                let is_new = !fields.contains_key(field);
                let child = fields.entry(field.as_str()).or_insert(Value::Null);
                if is_new {
                    shape(child, next);
                }
                child
            }
            (Segment::Index(index), Value::Array(items)) => {
                let message = || PathError::invalid(format!("{} is not an array", segments.first(position)));
                let child = items.get_mut(*index as usize).ok_or_else(message)?;
                if child.is_null() {
                    shape(child, next);
                }
                child
            }
            (Segment::Field(_), _) => {
                return Err(PathError::invalid(format!("{} is not an object", segments.first(position))));
            }
            (Segment::Index(_), _) => {
                return Err(PathError::invalid(format!("{} is not an array", segments.first(position))));
            }
        };
        if let (Value::Array(items), Some(Segment::Index(index))) = (&mut *place, next) {
            let length = items.len().max(*index as usize + 1);
            items.resize(length, Value::Null);
        }
    }
    if !segments.0.is_empty() {
        *place = value;
    }
    Ok(())
}

/// Makes a new place an object or an array, as the segment after it needs. A null that was there before stays, and is an
/// error to go through, as in the original.
fn shape(place: &mut Value, next: Option<&Segment>) {
    match next {
        Some(Segment::Field(_)) => *place = Value::Object(Map::new()),
        Some(Segment::Index(_)) => *place = Value::Array(Vec::new()),
        None => {}
    }
}

/// Takes the field or element at a path away; what is not there already is no error.
pub fn delete_field(object: &mut Value, path: &str) -> Result<(), PathError> {
    let segments = Segments::parse(path)?;
    let Some((last, parents)) = segments.0.split_last() else { return Ok(()) };
    let mut place = object;
    for (position, segment) in parents.iter().enumerate() {
        let found = match (segment, place) {
            (Segment::Index(index), Value::Array(items)) => items.get_mut(*index as usize),
            (Segment::Field(field), Value::Object(fields)) => fields.get_mut(field),
            (Segment::Index(_), _) => {
                return Err(PathError::invalid(format!("{} is not an array", segments.first(position))));
            }
            (Segment::Field(_), _) => {
                return Err(PathError::invalid(format!("{} is not an object", segments.first(position))));
            }
        };
        match found {
            Some(below) => place = below,
            None => return Ok(()),
        }
    }
    let wrong = |what: &str| Err(PathError::invalid(format!("cannot delete {segments}: not {what}")));
    match (last, place) {
        (Segment::Index(index), Value::Array(items)) => {
            if (*index as usize) < items.len() {
                items.remove(*index as usize);
            }
            Ok(())
        }
        (Segment::Field(field), Value::Object(fields)) => {
            fields.remove(field);
            Ok(())
        }
        (Segment::Index(_), _) => wrong("an array"),
        (Segment::Field(_), _) => wrong("an object"),
    }
}
