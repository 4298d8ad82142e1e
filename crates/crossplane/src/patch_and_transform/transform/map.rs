//! `map`: looks a string up.

use serde_json::{Map, Value};

use crate::field_path::go_type;
use crate::number::with_float_numbers;

pub(super) fn resolve(pairs: &Map<String, Value>, input: &Value) -> Result<Value, String> {
    let Value::String(key) = input else {
        return Err(format!("type {} is not supported for map transform", go_type(input)));
    };
    match pairs.get(key) {
        None => Err(format!("key {key} is not found in map")),
        // The original keeps raw JSON, and has none for a null.
        Some(Value::Null) => {
            Err(format!("value for key {key} is not valid JSON: unexpected end of JSON input"))
        }
        Some(value) => Ok(with_float_numbers(value.clone())),
    }
}
