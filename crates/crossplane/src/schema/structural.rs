//! Whether a schema holds only what structural schemas may hold.
//!
//! Follows `NewStructural` of k8s.io/apiextensions-apiserver `pkg/apiserver/schema/convert.go` v0.35: the first keyword that
//! is not supported stops it. It does not check that a schema is complete, as the API server does when a CRD is created.

use serde_json::Value;

/// The keywords that no schema of a custom resource may have, with the names that the errors give them.
pub(crate) const UNSUPPORTED: [(&str, &str); 7] = [
    ("id", "id"),
    ("$schema", "schema"),
    ("$ref", "$ref"),
    ("patternProperties", "patternProperties"),
    ("dependencies", "dependencies"),
    ("additionalItems", "additionalItems"),
    ("definitions", "definitions"),
];

/// Looks through a schema; the error is in Kubernetes' words.
pub fn check_structural(schema: &Value) -> Result<(), String> {
    if is_plain(schema) { Ok(()) } else { check_keywords(schema) }
}

/// Whether a schema has none of the keywords that need a closer look, which is so of almost all. Each is read once.
fn is_plain(schema: &Value) -> bool {
    let Some(fields) = schema.as_object() else { return true };
    fields.iter().all(|(keyword, value)| match keyword.as_str() {
        "items" => !value.is_array() && is_plain(value),
        "additionalProperties" => is_plain(value),
        "properties" => value.as_object().into_iter().flatten().all(|(_, property)| is_plain(property)),
        "not" | "allOf" | "anyOf" | "oneOf" => false,
        "x-kubernetes-preserve-unknown-fields" => *value != Value::Bool(false),
        keyword => UNSUPPORTED.iter().all(|(unsupported, _)| *unsupported != keyword),
    })
}

fn check_keywords(schema: &Value) -> Result<(), String> {
    for (keyword, name) in UNSUPPORTED {
        if schema.get(keyword).is_some_and(|value| keyword == "additionalItems" || !is_empty(value)) {
            return Err(format!("OpenAPIV3Schema '{name}' is not supported"));
        }
    }
    if let Some(not) = schema.get("not").filter(|not| not.is_object()) {
        check_keywords(not)?;
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        schema.get(keyword).and_then(Value::as_array).into_iter().flatten().try_for_each(check_keywords)?;
    }
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
        let problem = "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
        return Err(problem.to_owned());
    }
    match schema.get("items") {
        Some(Value::Array(schemas)) if !schemas.is_empty() => {
            return Err("OpenAPIV3Schema 'items' must be a schema, but is an array".to_owned());
        }
        Some(items) => check_keywords(items)?,
        None => {}
    }
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .try_for_each(|(_, property)| check_keywords(property))?;
    schema.get("additionalProperties").map_or(Ok(()), check_keywords)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
