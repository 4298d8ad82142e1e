//! Label selectors of Kubernetes, as values.

use serde_json::Value;

use super::world::{items, text};

/// Whether a selector with `matchLabels` and `matchExpressions` matches labels. An empty one matches all.
pub(super) fn matches(selector: &Value, labels: Option<&Value>) -> bool {
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
    matches_labels(selector.get("matchLabels"), labels)
        && items(selector, "/matchExpressions").all(|expression| {
            let value = label(text(expression, "/key"));
            let is_listed =
                || items(expression, "/values").filter_map(Value::as_str).any(|listed| Some(listed) == value);
            match text(expression, "/operator") {
                "In" => is_listed(),
                "NotIn" => !is_listed(),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}

/// Whether labels hold all these pairs.
pub(super) fn matches_labels(wanted: Option<&Value>, labels: Option<&Value>) -> bool {
    wanted
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value))
}

/// A selector for people: `app=web`.
pub(super) fn shown(selector: &Value) -> String {
    let labels = selector.get("matchLabels").unwrap_or(selector);
    let pairs = labels.as_object().into_iter().flatten();
    let texts: Vec<String> =
        pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    texts.join(",")
}
