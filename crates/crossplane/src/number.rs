//! Numbers as they come out of Go's JSON and protobuf round trips.

use serde_json::{Number, Value};

/// What a value is after Go wrote it as JSON and Kubernetes' decoder read it again: `2.0` is the integer 2, since Go
/// writes a whole float without a fraction and the decoder keeps whole numbers that fit 64 bits as integers.
#[must_use]
pub fn round_trip(mut value: Value) -> Value {
    make_whole(&mut value);
    value
}

/// In place, since making all maps again takes longer than anything else that is done with a large definition.
fn make_whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(whole) = whole(number) {
                *number = whole;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(fields) => fields.values_mut().for_each(make_whole),
        _ => {}
    }
}

/// The integer that a number is after the round trip, if it is one.
pub(crate) fn whole_number(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| whole(number)?.as_i64())
}

/// The integer that a float is. From 2^63 on, and from 1e21 on where Go writes an exponent, a number stays a float.
fn whole(number: &Number) -> Option<Number> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !number.is_f64() {
        return None;
    }
    let float = number.as_f64()?;
    let is_whole = float.trunc() == float && (-LIMIT..LIMIT).contains(&float);
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    is_whole.then(|| Number::from(float as i64))
}

/// A value as it crosses between Crossplane and a function: a protobuf struct, in which every number is a float. Go's plain
/// JSON decoder makes the same of a text.
#[must_use]
pub fn with_float_numbers(mut value: Value) -> Value {
    make_floats(&mut value);
    value
}

fn make_floats(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {}
        Value::Number(number) => *value = number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.iter_mut().for_each(make_floats),
        Value::Object(fields) => fields.values_mut().for_each(make_floats),
        _ => {}
    }
}
