//! An OpenAPI v2 document of the user's, for the merge keys of custom resources.
//!
//! Follows kyaml v0.21.1 (`openapi.AddDefinitions`, `findNamespaceability`): definitions are found by their
//! `x-kubernetes-group-version-kind`, scopes by the paths under which a kind is read.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::builtin::short_name;
use super::document::{Kind, SchemaDocument, SchemaRef, Type, TypeIndex};

/// How deep inline schemas may nest.
const MAX_DEPTH: usize = 100;

/// The types of an OpenAPI document; where the built-in types are kept beside it, they win over types of the same name.
pub(super) fn read_document(swagger: &Value, kept: Option<&SchemaDocument>) -> SchemaDocument {
    let mut reader = Reader { document: kept.cloned().unwrap_or_default(), named: HashMap::new() };
    let none = Map::new();
    let definitions = swagger.get("definitions").and_then(Value::as_object).unwrap_or(&none);
    for name in definitions.keys() {
        let index = match reader.built_in(name) {
            Some(index) => index,
            None => reader.document.add_type(Type::default()),
        };
        reader.named.insert(name.clone(), index);
    }
    for (name, definition) in definitions {
        if reader.built_in(name).is_some() {
            continue;
        }
        let read = reader.read_type(definition, 0);
        if let Some(&index) = reader.named.get(name)
            && let Some(place) = reader.document.types.get_mut(index)
        {
            *place = read;
            for kind in kinds_of(definition) {
                reader.document.kinds.entry(kind).or_insert(index);
            }
        }
    }
    read_scopes(&mut reader.document, swagger);
    reader.document.definitions = reader.named;
    reader.document
}

/// The type that a schema describes which stands alone, but may refer to definitions of a document.
pub(super) fn read_inline(schema: &Value, definitions: &SchemaDocument) -> SchemaRef {
    let named = definitions.definitions.clone();
    let mut reader = Reader { document: definitions.clone(), named };
    let referred = schema.get("$ref").and_then(|_| reader.index_of(schema, 0));
    let index = referred.unwrap_or_else(|| {
        let read = reader.read_type(schema, 0);
        reader.document.add_type(read)
    });
    SchemaRef::new(&Arc::new(reader.document), index)
}

struct Reader {
    document: SchemaDocument,
    named: HashMap<String, TypeIndex>,
}

impl Reader {
    fn built_in(&self, name: &str) -> Option<TypeIndex> {
        if self.document.names.is_empty() {
            return None;
        }
        self.document.names.get(&short_name(name)).copied()
    }

    fn read_type(&mut self, schema: &Value, depth: usize) -> Type {
        let mut read = Type::default();
        if depth > MAX_DEPTH {
            return read;
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                if let Some(index) = self.index_of(property, depth) {
                    read.fields.insert(name.clone(), index);
                }
            }
        }
        if let Some(additional) = schema.get("additionalProperties").filter(|value| value.is_object()) {
            read.any_field = self.index_of(additional, depth);
        }
        if is_array(schema) {
            read.items = schema.get("items").and_then(|items| self.index_of(items, depth));
        }
        if let Some(strategy) = schema.get("x-kubernetes-patch-strategy").and_then(Value::as_str) {
            strategy.clone_into(&mut read.strategy);
            read.keys = match (
                schema.get("x-kubernetes-list-map-keys"),
                schema.get("x-kubernetes-patch-merge-key"),
            ) {
                (Some(Value::Array(keys)), _) => {
                    keys.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                (_, Some(Value::String(key))) => vec![key.clone()],
                _ => Vec::new(),
            };
        }
        read
    }

    fn index_of(&mut self, schema: &Value, depth: usize) -> Option<TypeIndex> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.strip_prefix("#/definitions/")?;
            return self.named.get(name).copied().or_else(|| self.built_in(name));
        }
        let read = self.read_type(schema, depth + 1);
        Some(self.document.add_type(read))
    }
}

fn is_array(schema: &Value) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == "array",
        Some(Value::Array(names)) => names.len() == 1 && names[0] == "array",
        _ => false,
    }
}

fn kinds_of(definition: &Value) -> Vec<Kind> {
    let listed = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(kind_of).collect()
}

fn kind_of(gvk: &Value) -> Option<Kind> {
    let text = |key: &str| gvk.get(key).and_then(Value::as_str);
    let version = text("version")?;
    let api_version = match text("group") {
        Some(group) if !group.is_empty() => format!("{group}/{version}"),
        _ => version.to_owned(),
    };
    Some((api_version, text("kind")?.to_owned()))
}

fn read_scopes(document: &mut SchemaDocument, swagger: &Value) {
    let paths = swagger.get("paths").and_then(Value::as_object);
    for (path, operations) in paths.into_iter().flatten() {
        let Some(kind) = operations
            .get("get")
            .and_then(|get| get.get("x-kubernetes-group-version-kind"))
            .and_then(kind_of)
        else {
            continue;
        };
        if path.contains("namespaces/{namespace}") {
            document.namespaced.insert(kind, true);
        } else {
            document.namespaced.entry(kind).or_insert(false);
        }
    }
}
