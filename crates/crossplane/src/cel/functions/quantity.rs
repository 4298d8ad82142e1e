//! Quantities: Kubernetes' quantity library. A quantity is counted in billionths, the smallest part that Kubernetes keeps.

use super::super::error::Failure;
use super::super::value::Value;
use super::Outcome;
use crate::quantity::Quantity;

const ONE: i128 = 1_000_000_000;

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    let order = |ordering: std::cmp::Ordering| Value::Int(ordering as i64);
    Some(match (name, arguments) {
        ("quantity", [Value::String(text)]) => {
            Quantity::parse(text).map(|found| Value::Quantity(found.to_billionths())).map_err(Failure::new)
        }
        ("isQuantity", [Value::String(text)]) => Ok(Value::Bool(Quantity::parse(text).is_ok())),
        ("sign", [Value::Quantity(value)]) => {
            Ok(Value::Int(i64::try_from(value.signum()).unwrap_or_default()))
        }
        ("isInteger", [Value::Quantity(value)]) => Ok(Value::Bool(whole(*value).is_some())),
        ("asInteger", [Value::Quantity(value)]) => {
            whole(*value).map(Value::Int).ok_or_else(|| Failure::new("cannot convert value to integer"))
        }
        #[expect(clippy::cast_precision_loss, reason = "an approximation is asked for")]
        ("asApproximateFloat", [Value::Quantity(value)]) => Ok(Value::Double(*value as f64 / ONE as f64)),
        ("isGreaterThan", [Value::Quantity(one), Value::Quantity(other)]) => Ok(Value::Bool(one > other)),
        ("isLessThan", [Value::Quantity(one), Value::Quantity(other)]) => Ok(Value::Bool(one < other)),
        ("compareTo", [Value::Quantity(one), Value::Quantity(other)]) => Ok(order(one.cmp(other))),
        ("add", [Value::Quantity(one), other]) => match billionths(other) {
            Some(other) => Ok(Value::Quantity(one.saturating_add(other))),
            None => return None,
        },
        ("sub", [Value::Quantity(one), other]) => match billionths(other) {
            Some(other) => Ok(Value::Quantity(one.saturating_sub(other))),
            None => return None,
        },
        _ => return None,
    })
}

fn whole(value: i128) -> Option<i64> {
    (value % ONE == 0).then(|| i64::try_from(value / ONE).ok()).flatten()
}

fn billionths(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Quantity(value) => Some(*value),
        Value::Int(value) => Some(i128::from(*value) * ONE),
        _ => None,
    }
}
