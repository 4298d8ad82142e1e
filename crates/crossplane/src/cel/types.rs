//! Types of expressions, and those that schemas give to fields.
//!
//! Follows `SchemaDeclType` of k8s.io/apiserver `pkg/cel/common/schemas.go` v0.35. Objects are not unfolded: a field's type is
//! made when a rule asks for it, so the schemas of large resources cost nothing.

use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use super::escaping::unescape;

#[derive(Debug, Clone)]
pub(crate) enum Type<'s> {
    Dynamic,
    /// What a wrong expression has, so that it is told only once.
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List(Rc<Type<'s>>),
    Map(Rc<Type<'s>>, Rc<Type<'s>>),
    Object(ObjectType<'s>),
    /// The type of types.
    Meta(Rc<Type<'s>>),
    Optional(Rc<Type<'s>>),
    /// A type of Kubernetes' libraries, such as `kubernetes.Quantity`.
    Opaque(Rc<str>),
    /// Any of the types that have an order.
    Ordered,
    /// A type that is not yet known.
    Variable(usize),
}

/// An object with properties.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObjectType<'s> {
    pub(crate) schema: &'s Value,
    /// Whether it is a whole resource, which always has its type and its name.
    pub(crate) is_root: bool,
}

impl PartialEq for ObjectType<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema)
    }
}

impl<'s> Type<'s> {
    /// The type that a schema gives; `None` where it is of no use in rules.
    pub(crate) fn of_schema(schema: &'s Value, is_root: bool) -> Option<Type<'s>> {
        if is_set(schema, "x-kubernetes-int-or-string") {
            return Some(Type::Dynamic);
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        match schema.get("type").and_then(Value::as_str)? {
            "array" => {
                let items = schema.get("items").filter(|items| items.is_object())?;
                Some(Type::List(Rc::new(Type::of_schema(items, is_embedded(items))?)))
            }
            "object" => {
                match schema.get("additionalProperties").filter(|additional| additional.is_object()) {
                    Some(additional) => {
                        let value = Type::of_schema(additional, is_embedded(additional))?;
                        Some(Type::Map(Rc::new(Type::String), Rc::new(value)))
                    }
                    None => Some(Type::Object(ObjectType { schema, is_root })),
                }
            }
            "string" => Some(match format {
                "byte" => Type::Bytes,
                "duration" => Type::Duration,
                "date" | "date-time" => Type::Timestamp,
                _ => Type::String,
            }),
            "boolean" => Some(Type::Bool),
            "number" => Some(Type::Double),
            "integer" => Some(Type::Int),
            _ => None,
        }
    }
}

impl<'s> ObjectType<'s> {
    /// The type of a field by the name that rules use.
    pub(crate) fn field(self, name: &str) -> Option<Type<'s>> {
        let name = unescape(name)?;
        if self.is_root {
            match name.as_str() {
                "kind" | "apiVersion" => return Some(Type::String),
                "metadata" => {
                    return Some(Type::Object(ObjectType { schema: metadata_schema(), is_root: false }));
                }
                _ => {}
            }
        }
        let property = self.schema.get("properties")?.get(&name)?;
        Type::of_schema(property, is_embedded(property))
    }
}

/// What rules know of the metadata of a whole resource.
pub(crate) fn metadata_schema() -> &'static Value {
    static SCHEMA: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    SCHEMA.get_or_init(|| {
        serde_json::json!({
            "type": "object",
            "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}},
        })
    })
}

pub(crate) fn is_embedded(schema: &Value) -> bool {
    is_set(schema, "x-kubernetes-embedded-resource")
}

pub(crate) fn is_set(schema: &Value, keyword: &str) -> bool {
    schema.get(keyword) == Some(&Value::Bool(true))
}

impl fmt::Display for Type<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Type::Dynamic | Type::Variable(_) => "dyn",
            Type::Error => "!error!",
            Type::Null => "null",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Uint => "uint",
            Type::Double => "double",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Duration => "duration",
            Type::Timestamp => "timestamp",
            Type::List(element) => return write!(formatter, "list({element})"),
            Type::Map(key, value) => return write!(formatter, "map({key}, {value})"),
            Type::Meta(of) => return write!(formatter, "type({of})"),
            Type::Optional(of) => return write!(formatter, "optional_type({of})"),
            Type::Opaque(name) => name,
            Type::Object(_) => "object",
            Type::Ordered => "ordered",
        };
        formatter.write_str(name)
    }
}
