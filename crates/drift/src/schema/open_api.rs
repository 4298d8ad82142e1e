//! The schema of a custom resource's definition, into types.
//!
//! Follows structural schemas as apiextensions.k8s.io/v1 defines them: only `properties`, `additionalProperties`, `items` and the
//! `x-kubernetes-` extensions shape a value; `allOf` and its like only validate. A schema nested deeper than a definition may be
//! says nothing from there on.

use serde_json::Value;

use super::{Field, Form, Joining, Shape, Type, Types};
use crate::defaults::ServerDefault;
use crate::sides::{at, text};

const DEEPEST: usize = 100;
const EMBEDDED: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The type of a whole resource; its identity and status are no part of it.
pub(super) fn read_root(schema: &Value, types: &mut Types) -> usize {
    match shape_of(schema, types, 0) {
        Shape::Struct(number) => {
            if let Some(root) = types.types.get_mut(number) {
                root.fields.retain(|key, _| !EMBEDDED.contains(&key.as_ref()) && key.as_ref() != "status");
            }
            number
        }
        _ => types.add(Type { is_open: true, ..Type::default() }),
    }
}

fn shape_of(schema: &Value, types: &mut Types, depth: usize) -> Shape {
    if depth > DEEPEST || schema.get("$ref").is_some() {
        return Shape::Any;
    }
    if is_true(schema, "x-kubernetes-int-or-string") {
        let is_quantity = text(schema, "pattern").contains("numkMGTPE");
        return Shape::Scalar(if is_quantity { Form::Quantity } else { Form::Plain });
    }
    match text(schema, "type") {
        "array" => {
            let item = shape_of(at(schema, "items"), types, depth + 1);
            Shape::List(Box::new(item), joining_of(schema))
        }
        "object" => object_shape(schema, types, depth),
        "" if schema.get("properties").is_some() => object_shape(schema, types, depth),
        "" => Shape::Any,
        _ => Shape::Scalar(Form::Plain),
    }
}

fn object_shape(schema: &Value, types: &mut Types, depth: usize) -> Shape {
    let is_open = is_true(schema, "x-kubernetes-preserve-unknown-fields");
    let is_embedded = is_true(schema, "x-kubernetes-embedded-resource");
    let Some(properties) = at(schema, "properties").as_object() else {
        return match schema.get("additionalProperties") {
            Some(Value::Bool(true)) => Shape::Any,
            Some(value @ Value::Object(_)) => Shape::Map(Box::new(shape_of(value, types, depth + 1))),
            _ if is_open => Shape::Any,
            _ => Shape::Struct(types.add(Type { is_open: is_embedded, ..Type::default() })),
        };
    };
    let mut one = Type { is_open, ..Type::default() };
    for (key, property) in properties {
        let mut field = Field::of_shape(shape_of(property, types, depth + 1));
        field.keeps_empty = true;
        if let Some(value) = property.get("default") {
            field.defaults.push(ServerDefault::literal(value.clone()));
        }
        one.fields.insert(key.as_str().into(), field);
    }
    if is_embedded {
        for key in EMBEDDED {
            one.fields.entry(key.into()).or_insert_with(|| Field::of_shape(Shape::Any));
        }
    }
    Shape::Struct(types.add(one))
}

fn joining_of(schema: &Value) -> Joining {
    let keys = at(schema, "x-kubernetes-list-map-keys").as_array().map(Vec::as_slice).unwrap_or_default();
    match text(schema, "x-kubernetes-list-type") {
        "set" => Joining::Set,
        "map" if !keys.is_empty() => Joining::Map {
            keys: keys.iter().filter_map(Value::as_str).map(Box::from).collect(),
            is_ordered: false,
        },
        _ => Joining::Atomic { is_ordered: true },
    }
}

fn is_true(schema: &Value, key: &str) -> bool {
    at(schema, key) == &Value::Bool(true)
}
