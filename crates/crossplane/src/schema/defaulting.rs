//! Fills in the defaults of a schema.
//!
//! Follows k8s.io/apiextensions-apiserver `pkg/apiserver/schema/defaulting/algorithm.go`: a field that is absent, or null where
//! null is not allowed, gets its default; what is below is looked at afterwards, so defaults have defaults.

use serde_json::Value;

/// Applies the defaults of a structural schema to a value.
pub fn apply_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(fields) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                let Some(default) = property.get("default").filter(|default| !default.is_null()) else {
                    continue;
                };
                let is_missing = fields.get(name).is_none_or(|present| is_forbidden_null(present, property));
                if is_missing {
                    fields.insert(name.clone(), default.clone());
                }
            }
            let additional = schema.get("additionalProperties").filter(|schema| schema.is_object());
            for (name, value) in fields.iter_mut() {
                match (properties.and_then(|properties| properties.get(name)), additional) {
                    (Some(property), _) => apply_defaults(value, property),
                    (None, Some(additional)) => apply_to_item(value, additional),
                    (None, None) => {}
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items.iter_mut().for_each(|item| apply_to_item(item, schema));
            }
        }
        _ => {}
    }
}

fn apply_to_item(value: &mut Value, schema: &Value) {
    if is_forbidden_null(value, schema) {
        *value = schema.get("default").cloned().unwrap_or_default();
    }
    apply_defaults(value, schema);
}

fn is_forbidden_null(value: &Value, schema: &Value) -> bool {
    value.is_null() && schema.get("nullable").and_then(Value::as_bool) != Some(true)
}
