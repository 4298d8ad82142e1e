//! Takes the fields that a schema does not know out of an object, and tells which they were.
//!
//! Follows k8s.io/apiextensions-apiserver `pkg/apiserver/schema/pruning/algorithm.go` v0.35, and for the errors crossplane
//! v2.2.1 `cmd/crank/beta/validate/unknown_fields.go`, which takes what follows the last point of a path for the name.

use serde_json::{Map, Value, json};

use super::field_error::{BadValue, FieldError};

/// Prunes an object and gives an error for each field that was taken out, sorted by path.
pub fn prune_unknown_fields(object: &mut Value, schema: &Value) -> Vec<FieldError> {
    let mut pruner = Pruner { path: String::new(), unknown: Vec::new() };
    let root = Some(schema);
    if preserves(schema) {
        pruner.descend_preserved(object, schema, Embedded::Yes);
    } else {
        pruner.prune(object, root, Embedded::Yes);
    }
    pruner.unknown.sort();
    pruner.unknown.into_iter().map(unknown_field).collect()
}

fn unknown_field(path: String) -> FieldError {
    let name = path.rsplit('.').next().unwrap_or_default().to_owned();
    let detail = format!("unknown field: \"{name}\"");
    FieldError::invalid(path, BadValue::Value(json!(name)), detail)
}

/// Whether an object is a whole resource, whose `apiVersion`, `kind` and `metadata` every schema knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Embedded {
    Yes,
    No,
}

struct Pruner {
    path: String,
    unknown: Vec<String>,
}

const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

impl Pruner {
    /// Without a schema every field is unknown.
    fn prune(&mut self, value: &mut Value, schema: Option<&Value>, embedded: Embedded) {
        if let Some(schema) = schema
            && preserves(schema)
        {
            self.descend_preserved(value, schema, embedded);
            return;
        }
        match value {
            Value::Object(fields) => self.prune_fields(fields, schema, embedded),
            Value::Array(items) => {
                let schema = schema.and_then(|schema| schema.get("items"));
                self.each_item(items, |pruner, item| pruner.prune(item, schema, embedding(schema)));
            }
            _ => {}
        }
    }

    fn prune_fields(&mut self, fields: &mut Map<String, Value>, schema: Option<&Value>, embedded: Embedded) {
        fields.retain(|name, value| {
            let is_meta = META_FIELDS.contains(&name.as_str());
            let Some(schema) = schema else {
                self.record(name);
                return false;
            };
            if is_meta && embedded == Embedded::Yes {
                return true;
            }
            if let Some(below) = field_schema(schema, name) {
                self.inside(name, |pruner| pruner.prune(value, below, embedding(below)));
                return true;
            }
            if !is_meta || !self.path.is_empty() {
                self.record(name);
            }
            false
        });
    }

    /// Where unknown fields are preserved, those that are known are looked into all the same.
    fn descend_preserved(&mut self, value: &mut Value, schema: &Value, embedded: Embedded) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    if embedded == Embedded::Yes && META_FIELDS.contains(&name.as_str()) {
                        continue;
                    }
                    if let Some(below) = field_schema(schema, name) {
                        self.inside(name, |pruner| pruner.prune(value, below, embedding(below)));
                    }
                }
            }
            Value::Array(items) => {
                if let Some(below) = schema.get("items") {
                    self.each_item(items, |pruner, item| {
                        pruner.descend_preserved(item, below, embedding(Some(below)));
                    });
                }
            }
            _ => {}
        }
    }

    fn each_item(&mut self, items: &mut [Value], mut visit: impl FnMut(&mut Pruner, &mut Value)) {
        for (index, item) in items.iter_mut().enumerate() {
            let length = self.path.len();
            self.path.push_str(&format!("[{index}]"));
            visit(self, item);
            self.path.truncate(length);
        }
    }

    fn inside(&mut self, name: &str, visit: impl FnOnce(&mut Pruner)) {
        let length = self.path.len();
        self.append(name);
        visit(self);
        self.path.truncate(length);
    }

    fn record(&mut self, name: &str) {
        let length = self.path.len();
        self.append(name);
        self.unknown.push(self.path.clone());
        self.path.truncate(length);
    }

    fn append(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
    }
}

/// The schema of a field: outer `None` where the field is unknown, inner `None` where it is allowed without a schema.
fn field_schema<'s>(schema: &'s Value, name: &str) -> Option<Option<&'s Value>> {
    if let Some(property) = schema.pointer("/properties").and_then(|properties| properties.get(name)) {
        return Some(Some(property));
    }
    let additional = schema.get("additionalProperties").filter(|additional| !additional.is_null())?;
    Some(additional.is_object().then_some(additional))
}

fn embedding(schema: Option<&Value>) -> Embedded {
    let is_embedded =
        schema.and_then(|schema| schema.get("x-kubernetes-embedded-resource")) == Some(&Value::Bool(true));
    if is_embedded { Embedded::Yes } else { Embedded::No }
}

fn preserves(schema: &Value) -> bool {
    schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_found_below_lists_and_preserved_objects() {
        let schema = json!({"properties": {
            "list": {"items": {"properties": {"a": {}}}},
            "any": {"x-kubernetes-preserve-unknown-fields": true, "properties": {"b": {"properties": {}}}},
        }});
        let mut object =
            json!({"kind": "K", "list": [{"a": 1, "x": 2}], "any": {"free": 1, "b": {"y": 1}}, "z": 1});
        let found: Vec<String> =
            prune_unknown_fields(&mut object, &schema).iter().map(|error| error.field.clone()).collect();
        assert_eq!(found, ["any.b.y", "list[0].x", "z"]);
        assert_eq!(object, json!({"kind": "K", "list": [{"a": 1}], "any": {"free": 1, "b": {}}}));
    }
}
