//! Status conditions of a resource.

use serde_json::Value;

/// The status of a condition; `Unknown` where the resource has no such condition.
#[must_use]
pub(crate) fn condition_status<'a>(resource: &'a Value, kind: &str) -> &'a str {
    let conditions = resource.pointer("/status/conditions").and_then(Value::as_array);
    conditions
        .into_iter()
        .flatten()
        .find(|condition| condition.get("type").and_then(Value::as_str) == Some(kind))
        .and_then(|condition| condition.get("status"))
        .and_then(Value::as_str)
        .unwrap_or("Unknown")
}
