//! Texts that hold a YAML or JSON document: files in a ConfigMap, policies of IAM.
//!
//! Only a text that is exactly one map or list counts; plain words are YAML too, and are left as they are.

use plimsoll_yaml::{Budget, Dialect, Numbers};
use serde_json::Value;

/// Larger texts are compared as texts.
const LARGEST: usize = 1 << 20;

/// What a text holds.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let trimmed = text.trim();
    let is_json = trimmed.starts_with(['{', '[']);
    let may_be_yaml = trimmed.contains('\n') && trimmed.contains([':', '-']);
    if text.len() > LARGEST || !(is_json || may_be_yaml) {
        return None;
    }
    if is_json && let Ok(value) = serde_json::from_str(trimmed) {
        return holds_parts(&value).then_some(value);
    }
    let documents = plimsoll_yaml::parse(text, Dialect::Helm, &Budget::DEFAULT).ok()?;
    let [document] = documents.as_slice() else { return None };
    let value = document.root.to_value(Dialect::Helm, Numbers::AsWritten).ok()?;
    holds_parts(&value).then_some(value)
}

fn holds_parts(value: &Value) -> bool {
    value.is_object() || value.is_array()
}
