//! `math`: multiplies a number, or keeps it within a bound.

use serde_json::Value;

use super::super::input::MathTransform;
use super::super::validate::validate_math;
use crate::field_path::go_type;

pub(super) fn resolve(math: &MathTransform, input: Value) -> Result<Value, String> {
    validate_math(math).map_err(|error| error.to_string())?;
    let Value::Number(number) = &input else {
        return Err(format!(
            "input is required to be a number for math transformer, got {}",
            go_type(&input)
        ));
    };
    let float = number.as_f64().unwrap_or_default();
    // A whole number keeps its type; Go's arithmetic wraps around.
    let whole = number.as_i64().unwrap_or_else(|| truncate(float));
    match math.kind.as_str() {
        "ClampMin" => Ok(math.clamp_min.filter(|bound| whole < *bound).map_or(input, Value::from)),
        "ClampMax" => Ok(math.clamp_max.filter(|bound| whole > *bound).map_or(input, Value::from)),
        _ => {
            let factor = math.multiply.unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "Go converts the factor to a float as well")]
            let product = match number.as_i64() {
                Some(whole) => Value::from(whole.wrapping_mul(factor)),
                None => Value::from(float * factor as f64),
            };
            Ok(product)
        }
    }
}

/// Go's conversion of a float to an integer; what does not fit becomes the smallest integer, as on amd64.
pub(super) fn truncate(float: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    if (-LIMIT..LIMIT).contains(&float) { float as i64 } else { i64::MIN }
}
