//! JSON pointers, followed without copying their parts: [`Value::pointer`] copies each twice.

use serde_json::Value;

/// The value that a pointer leads to.
pub(crate) fn follow<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    pointer.split('/').skip(1).try_fold(value, |value, part| match value {
        Value::Object(fields) if part.contains('~') => {
            fields.get(&part.replace("~1", "/").replace("~0", "~"))
        }
        Value::Object(fields) => fields.get(part),
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The text that a pointer leads to; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    follow(value, pointer).and_then(Value::as_str).unwrap_or_default()
}
