//! Lists that are sets or maps by their schema and hold an item, or the keys of one, twice.
//!
//! Follows k8s.io/apiextensions-apiserver `pkg/apiserver/schema/listtype/validation.go` v0.35. The API server refuses such a
//! list; Crossplane's `validate` does not look for it, so this is a check of its own.

use serde_json::{Map, Value};

use super::field_error::{BadValue, FieldError, FieldErrorKind};

/// Tells every item that repeats one before it.
#[must_use]
pub fn check_list_types(object: &Value, schema: &Value) -> Vec<FieldError> {
    let mut found = Vec::new();
    check(object, schema, "", &mut found);
    found
}

fn check(value: &Value, schema: &Value, path: &str, found: &mut Vec<FieldError>) {
    match value {
        Value::Object(fields) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let additional = schema.get("additionalProperties").filter(|schema| schema.is_object());
            for (name, value) in fields {
                let property = properties.and_then(|properties| properties.get(name));
                let below = |separator: &str| match path {
                    "" => name.clone(),
                    path => format!("{path}{separator}{name}"),
                };
                match (property, additional) {
                    (Some(property), _) => check(value, property, &below("."), found),
                    (None, Some(additional)) => check(value, additional, &format!("{path}[{name}]"), found),
                    (None, None) => {}
                }
            }
        }
        Value::Array(items) => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
            let defaults = schema.pointer("/items/properties");
            let identity = |item: &Value| -> Option<Value> {
                match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
                    Some("set") => Some(item.clone()),
                    Some("map") => {
                        let fields = item.as_object()?;
                        let of_key = |key: &&str| {
                            let default =
                                defaults.and_then(|properties| properties.get(*key)?.get("default"));
                            let value = fields.get(*key).or(default)?;
                            Some(((*key).to_owned(), value.clone()))
                        };
                        Some(Value::Object(keys.iter().filter_map(of_key).collect::<Map<_, _>>()))
                    }
                    _ => None,
                }
            };
            let mut seen: Vec<Value> = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let Some(identity) = identity(item) else { continue };
                if seen.contains(&identity) {
                    let path = format!("{path}[{index}]");
                    found.push(FieldError::new(
                        FieldErrorKind::Duplicate,
                        path,
                        BadValue::Value(identity),
                        "",
                    ));
                } else {
                    seen.push(identity);
                }
            }
            if let Some(schema) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    check(item, schema, &format!("{path}[{index}]"), found);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::check_list_types;
    use serde_json::json;

    #[test]
    fn what_repeats_is_told_with_its_place() {
        let schema = json!({"properties": {
            "set": {"x-kubernetes-list-type": "set", "items": {}},
            "ports": {
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["port", "protocol"],
                "items": {"properties": {"protocol": {"default": "TCP"}}},
            },
            "free": {"items": {}},
        }});
        let object = json!({
            "set": ["a", "b", "a"],
            "ports": [{"port": 1}, {"port": 1, "protocol": "UDP"}, {"port": 1, "protocol": "TCP"}],
            "free": [1, 1],
        });
        let found: Vec<String> = check_list_types(&object, &schema).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ports[2]: Duplicate value: {\"port\":1,\"protocol\":\"TCP\"}",
                "set[2]: Duplicate value: \"a\""
            ]
        );
    }
}
