//! Template values as JSON Schema sees them: names of types, equality and amounts.

use plimsoll_gotemplate::{Data, Value};
use serde_json::Value as Json;

/// The name that JSON Schema has for the type.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value.data() {
        Data::Nil => "null",
        Data::Bool(_) => "boolean",
        Data::String(_) => "string",
        Data::List(_) => "array",
        Data::Map(_) => "object",
        _ => "number",
    }
}

/// The number, of whatever Go type.
pub(crate) fn number(value: &Value) -> Option<f64> {
    value.float().or_else(|| value.integer().map(|number| number as f64))
}

/// Whether one number is a whole multiple of another.
pub(crate) fn is_multiple(number: f64, divisor: f64) -> bool {
    let quotient = number / divisor;
    // Decimal fractions have no exact binary form; what is whole but for that counts as whole.
    (quotient - quotient.round()).abs() <= quotient.abs().max(1.0) * 1e-12
}

/// Whether a value is what a schema says, numbers by their amount.
pub(crate) fn equals(value: &Value, wanted: &Json) -> bool {
    match (value.data(), wanted) {
        (Data::Nil, Json::Null) => true,
        (Data::Bool(one), Json::Bool(other)) => one == other,
        (Data::String(one), Json::String(other)) => *one == **other,
        (Data::List(list), Json::Array(others)) => {
            list.len() == others.len()
                && list.items().iter().zip(others).all(|(one, other)| equals(one, other))
        }
        (Data::Map(map), Json::Object(others)) => {
            map.len() == others.len()
                && others
                    .iter()
                    .all(|(key, other)| map.value(key.as_bytes()).is_some_and(|one| equals(&one, other)))
        }
        (_, Json::Number(other)) => number(value).is_some_and(|one| Some(one) == other.as_f64()),
        _ => false,
    }
}

/// The positions of the first two items that are equal.
pub(crate) fn duplicates(items: &[Value]) -> Option<(usize, usize)> {
    let texts: Vec<String> = items.iter().map(|item| crate::shared::to_json(item).to_string()).collect();
    let mut seen = std::collections::HashMap::new();
    for (index, text) in texts.iter().enumerate() {
        if let Some(first) = seen.insert(text, index) {
            return Some((first, index));
        }
    }
    None
}
