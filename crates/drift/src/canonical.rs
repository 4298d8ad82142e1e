//! What is declared, as the API server would keep it where that is another field than the one written.
//!
//! Only rewrites that no table of defaults can say: a Secret's `stringData`. Spellings of one value are no matter of this.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::sides::text;

/// The declared resource in the server's form.
pub(crate) fn canonical(desired: &Value) -> Cow<'_, Value> {
    let is_secret = text(desired, "kind") == "Secret" && text(desired, "apiVersion") == "v1";
    match desired.get("stringData").and_then(Value::as_object) {
        Some(texts) if is_secret => Cow::Owned(with_data(desired, texts)),
        _ => Cow::Borrowed(desired),
    }
}

fn with_data(secret: &Value, texts: &Map<String, Value>) -> Value {
    let mut secret = secret.clone();
    let encoded = texts.iter().map(|(key, value)| {
        let bytes = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        (key.clone(), json!(STANDARD.encode(bytes)))
    });
    if let Some(map) = secret.as_object_mut() {
        map.remove("stringData");
        let data = map.entry("data").or_insert_with(|| json!({}));
        if data.is_null() {
            *data = json!({});
        }
        if let Some(data) = data.as_object_mut() {
            data.extend(encoded);
        }
    }
    secret
}
