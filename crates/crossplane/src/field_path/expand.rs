//! Turns a path with `[*]` into the paths that it stands for in an object.

use plimsoll_gotemplate::quote::quote;
use serde_json::Value;

use super::read::follow;
use super::{PathError, Segment, Segments};

/// The paths that a path with wildcards stands for; none where a parent is missing. Keys of objects come sorted, where the
/// original has no order.
pub fn expand_wildcards(object: &Value, path: &str) -> Result<Vec<Segments>, PathError> {
    expand_segments(object, &Segments::parse(path)?)
}

/// The same of a path that is parsed.
pub(super) fn expand_segments(object: &Value, segments: &Segments) -> Result<Vec<Segments>, PathError> {
    expand(object, segments)
        .map_err(|error| error.within(&format!("cannot expand wildcards for segments: {}", quoted(segments))))
}

fn expand(object: &Value, segments: &Segments) -> Result<Vec<Segments>, PathError> {
    let is_wildcard = |segment: &Segment| matches!(segment, Segment::Field(field) if field == "*");
    let Some(position) = segments.0.iter().position(is_wildcard) else {
        return match follow(object, segments) {
            Ok(_) => Ok(vec![segments.clone()]),
            Err(error) if error.is_not_found() => Ok(Vec::new()),
            Err(error) => Err(error),
        };
    };
    let parent = segments.first(position);
    let value = if position == 0 {
        object
    } else {
        match follow(object, &parent) {
            Ok(value) => value,
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
    };
    let steps: Vec<Segment> = match value {
        Value::Array(items) => {
            (0..items.len()).filter_map(|index| u32::try_from(index).ok()).map(Segment::Index).collect()
        }
        Value::Object(fields) => fields.keys().map(|key| Segment::field(key)).collect(),
        Value::Null => {
            let message = format!("wildcard field {} is not found in the path", quoted(&parent));
            return Err(PathError::not_found(message));
        }
        _ => return Err(PathError::invalid(format!("{}: unexpected wildcard usage", quoted(&parent)))),
    };
    let mut expanded = Vec::new();
    for step in steps {
        let mut concrete = segments.clone();
        concrete.0[position] = step;
        let below = expand(object, &concrete)
            .map_err(|error| error.within(&format!("{}: cannot expand wildcards", quoted(&concrete))))?;
        expanded.extend(below);
    }
    Ok(expanded)
}

fn quoted(segments: &Segments) -> String {
    quote(segments.to_string().as_bytes())
}
