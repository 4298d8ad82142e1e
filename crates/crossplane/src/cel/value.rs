//! Values of expressions. What comes from the validated object stays JSON beside its schema until it is looked at, so that
//! only data that a rule reads can be wrong.
//!
//! Follows k8s.io/apiserver `pkg/cel/common/valuesunstructured.go` v0.35 for data, and cel-go v0.26 `common/types` for the rest.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::rc::Rc;

use plimsoll_gotemplate::quote::quote;
use serde_json::{Map as JsonMap, Value as Json};

use super::error::Failure;
use super::escaping::{escape, unescape};
use super::functions::format::Format;
use super::functions::time;
use super::functions::url::Url;
use super::types::{is_embedded, is_set, metadata_schema};

#[derive(Debug, Clone)]
pub(crate) enum Value<'d> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Rc<str>),
    Bytes(Rc<[u8]>),
    List(List<'d>),
    Map(Map<'d>),
    /// Nanoseconds.
    Duration(i64),
    /// Nanoseconds since 1970.
    Timestamp(i128),
    /// The name of a type.
    Type(Rc<str>),
    Optional(Option<Rc<Value<'d>>>),
    Quantity(i128),
    Url(Rc<Url>),
    Ip(IpAddr),
    Cidr(IpAddr, u8),
    Semver(Rc<[u64; 3]>, Rc<str>),
    Format(Format),
    /// Data of a field that may hold anything; it can only be compared.
    Preserved(&'d Json),
}

#[derive(Debug, Clone)]
pub(crate) enum List<'d> {
    Data { items: &'d [Json], schema: &'d Json },
    Made(Rc<Vec<Value<'d>>>),
}

#[derive(Debug, Clone)]
pub(crate) enum Map<'d> {
    Data { fields: &'d JsonMap<String, Json>, schema: &'d Json, is_root: bool },
    Made(Rc<Vec<(Value<'d>, Value<'d>)>>),
}

type Outcome<'d> = Result<Value<'d>, Failure>;

fn wrong_data<'d>(expected: &str, found: &Json) -> Outcome<'d> {
    let found = match found {
        Json::Null => "<nil>",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "float64",
        Json::Number(_) => "int64",
        Json::String(_) => "string",
        Json::Array(_) => "[]interface {}",
        Json::Object(_) => "map[string]interface {}",
    };
    Err(Failure::new(format!("invalid data, expected {expected}, got {found}")))
}

impl<'d> Value<'d> {
    pub(crate) fn string(text: impl Into<Rc<str>>) -> Value<'d> {
        Value::String(text.into())
    }

    pub(crate) fn list(items: Vec<Value<'d>>) -> Value<'d> {
        Value::List(List::Made(Rc::new(items)))
    }

    pub(crate) fn some(value: Value<'d>) -> Value<'d> {
        Value::Optional(Some(Rc::new(value)))
    }

    /// Data that no schema types, as it is.
    pub(crate) fn of_plain(data: &Json) -> Value<'static> {
        match data {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64().filter(|_| !number.is_f64()) {
                Some(whole) => Value::Int(whole),
                None => Value::Double(number.as_f64().unwrap_or_default()),
            },
            Json::String(text) => Value::string(text.as_str()),
            Json::Array(items) => Value::list(items.iter().map(Value::of_plain).collect()),
            Json::Object(fields) => {
                let entries =
                    fields.iter().map(|(key, value)| (Value::string(key.as_str()), Value::of_plain(value)));
                Value::Map(Map::Made(Rc::new(entries.collect())))
            }
        }
    }

    /// Data as its schema types it.
    pub(crate) fn of_data(data: &'d Json, schema: &'d Json, is_root: bool) -> Outcome<'d> {
        if data.is_null() {
            return match is_set(schema, "nullable") {
                true => Ok(Value::Null),
                false => Err(Failure::new("invalid data, got null for schema with nullable=false")),
            };
        }
        if is_set(schema, "x-kubernetes-int-or-string") {
            return match (data.as_str(), data.as_i64().filter(|_| !data.is_f64())) {
                (Some(text), _) => Ok(Value::string(text)),
                (None, Some(number)) => Ok(Value::Int(number)),
                (None, None) => Err(Failure::new(
                    "invalid data, expected XIntOrString value to be either a string or integer",
                )),
            };
        }
        match schema.get("type").and_then(Json::as_str).unwrap_or_default() {
            "object" => match data.as_object() {
                Some(fields) => Ok(Value::Map(Map::Data { fields, schema, is_root })),
                None => {
                    Err(Failure::new("invalid data, expected a map for the provided schema with type=object"))
                }
            },
            "array" => match (data.as_array(), schema.get("items").filter(|items| items.is_object())) {
                (None, _) => Err(Failure::new(
                    "invalid data, expected an array for the provided schema with type=array",
                )),
                (_, None) => Err(Failure::new("invalid array type, expected Items with a non-empty Schema")),
                (Some(items), Some(_)) => Ok(Value::List(List::Data { items, schema })),
            },
            "string" => match data.as_str() {
                Some(text) => of_text(text, schema.get("format").and_then(Json::as_str).unwrap_or_default()),
                None => wrong_data("string", data),
            },
            "number" => match data.as_f64() {
                Some(number) => Ok(Value::Double(number)),
                None => wrong_data("float", data),
            },
            "integer" => match data.as_i64() {
                Some(number) if !data.is_f64() => Ok(Value::Int(number)),
                _ => wrong_data("int", data),
            },
            "boolean" => match data.as_bool() {
                Some(value) => Ok(Value::Bool(value)),
                None => wrong_data("bool", data),
            },
            _ if is_set(schema, "x-kubernetes-preserve-unknown-fields") => Ok(Value::Preserved(data)),
            other => Err(Failure::new(format!(
                "invalid type, expected object, array, number, integer, boolean or string, or no type with \
                 x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got {other}"
            ))),
        }
    }

    /// The name of the type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::String(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::Type(_) => "type",
            Value::Optional(_) => "optional_type",
            Value::Quantity(_) => "kubernetes.Quantity",
            Value::Url(_) => "kubernetes.URL",
            Value::Ip(_) => "net.IP",
            Value::Cidr(..) => "net.CIDR",
            Value::Semver(..) => "kubernetes.Semver",
            Value::Format(_) => "kubernetes.NamedFormat",
            Value::Preserved(_) => "unknown",
        }
    }

    /// The type that upstream's program has for a value.
    pub(crate) fn go_type(&self) -> &'static str {
        match self {
            Value::Null => "types.Null",
            Value::Bool(_) => "types.Bool",
            Value::Int(_) => "types.Int",
            Value::Uint(_) => "types.Uint",
            Value::Double(_) => "types.Double",
            Value::String(_) => "types.String",
            Value::Bytes(_) => "types.Bytes",
            Value::Duration(_) => "types.Duration",
            Value::Timestamp(_) => "types.Timestamp",
            Value::Type(_) => "*types.Type",
            Value::Optional(_) => "*types.Optional",
            other => other.type_name(),
        }
    }

    /// The order of two values; `None` where they have none.
    pub(crate) fn compare(&self, other: &Value<'d>) -> Option<Ordering> {
        match (self, other) {
            (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
            (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
            (Value::Bytes(one), Value::Bytes(other)) => Some(one.cmp(other)),
            (Value::Duration(one), Value::Duration(other)) => Some(one.cmp(other)),
            (Value::Timestamp(one), Value::Timestamp(other)) => Some(one.cmp(other)),
            (
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
                Value::Int(_) | Value::Uint(_) | Value::Double(_),
            ) => compare_numbers(self, other),
            _ => None,
        }
    }

    /// Whether two values are equal. Values of different types are not, but numbers are compared as numbers.
    pub(crate) fn equals(&self, other: &Value<'d>) -> Result<bool, Failure> {
        Ok(match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::List(one), Value::List(other)) => return one.equals(other),
            (Value::Map(one), Value::Map(other)) => return one.equals(other),
            (Value::Type(one), Value::Type(other)) => one == other,
            (Value::Optional(None), Value::Optional(None)) => true,
            (Value::Optional(Some(one)), Value::Optional(Some(other))) => return one.equals(other),
            (Value::Quantity(one), Value::Quantity(other)) => one == other,
            (Value::Url(one), Value::Url(other)) => one.text == other.text,
            (Value::Ip(one), Value::Ip(other)) => one == other,
            (Value::Cidr(one, length), Value::Cidr(other, other_length)) => {
                (one, length) == (other, other_length)
            }
            (Value::Semver(_, one), Value::Semver(_, other)) => one == other,
            (Value::Format(one), Value::Format(other)) => one == other,
            (Value::Preserved(one), Value::Preserved(other)) => one == other,
            (one, other) => one.compare(other) == Some(Ordering::Equal),
        })
    }

    /// How upstream counts the size of a value for its costs.
    pub(crate) fn cost_size(&self) -> u64 {
        let size = match self {
            Value::String(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            _ => 1,
        };
        u64::try_from(size).unwrap_or(u64::MAX)
    }

    /// The value as an error prints it.
    pub(crate) fn printed(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Uint(value) => value.to_string(),
            Value::Double(value) => super::functions::conversion::double_text(*value),
            Value::String(text) => text.to_string(),
            Value::Bytes(bytes) => quote(bytes),
            Value::Type(name) => name.to_string(),
            other => other.type_name().to_owned(),
        }
    }
}

/// Nothing where a number is not one; floats are compared exactly with integers.
fn compare_numbers(one: &Value<'_>, other: &Value<'_>) -> Option<Ordering> {
    let whole = |value: &Value<'_>| match value {
        Value::Int(value) => Some(i128::from(*value)),
        Value::Uint(value) => Some(i128::from(*value)),
        _ => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "upstream compares with the nearest float")]
    let float = |value: &Value<'_>| match value {
        Value::Double(value) => *value,
        value => whole(value).unwrap_or_default() as f64,
    };
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => float(one).partial_cmp(&float(other)),
    }
}

fn of_text<'d>(text: &str, format: &str) -> Outcome<'d> {
    match format {
        "duration" => time::parse_duration(text).map(Value::Duration).map_err(|_| {
            Failure::new(format!("Invalid duration {text}: unable to parse {text} as duration"))
        }),
        "date" => time::parse_timestamp(&format!("{text}T00:00:00Z"))
            .map(Value::Timestamp)
            .map_err(|_| Failure::new(format!("Invalid date formatted string {text}"))),
        "date-time" => time::parse_timestamp(text)
            .map(Value::Timestamp)
            .map_err(|_| Failure::new(format!("Invalid date-time formatted string {text}"))),
        "byte" => {
            use base64::Engine as _;
            base64::engine::general_purpose::URL_SAFE
                .decode(text)
                .map(|bytes| Value::Bytes(bytes.into()))
                .map_err(|_| Failure::new(format!("Invalid byte formatted string {text}")))
        }
        _ => Ok(Value::string(text)),
    }
}

impl<'d> List<'d> {
    pub(crate) fn len(&self) -> usize {
        match self {
            List::Data { items, .. } => items.len(),
            List::Made(items) => items.len(),
        }
    }

    /// The element at an index; `None` past the end.
    pub(crate) fn get(&self, index: usize) -> Option<Outcome<'d>> {
        match self {
            List::Data { items, schema } => {
                let schema = schema.get("items")?;
                Some(Value::of_data(items.get(index)?, schema, is_embedded(schema)))
            }
            List::Made(items) => items.get(index).cloned().map(Ok),
        }
    }

    /// The elements one after the other.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Outcome<'d>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// All elements, or the first that is wrong.
    pub(crate) fn all(&self) -> Result<Vec<Value<'d>>, Failure> {
        self.iter().collect()
    }

    /// What the schema says that the list is: `set`, `map`, or nothing of use.
    fn list_type(&self) -> &'d str {
        match self {
            List::Data { schema, .. } => {
                schema.get("x-kubernetes-list-type").and_then(Json::as_str).unwrap_or_default()
            }
            List::Made(_) => "",
        }
    }

    /// Both lists one after the other. A set takes only what it does not have, and an element of a map takes the place of
    /// that with its keys.
    pub(crate) fn join(&self, other: &List<'d>) -> Outcome<'d> {
        let mut items = self.all()?;
        for item in other.all()? {
            let place = match (self.list_type(), self) {
                ("set", _) => position(&items, |known| known.equals(&item))?,
                ("map", List::Data { schema, .. }) => {
                    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Json::as_array);
                    let names: Vec<&str> = keys.into_iter().flatten().filter_map(Json::as_str).collect();
                    position(&items, |known| has_same_keys(known, &item, &names))?
                }
                _ => None,
            };
            match place.and_then(|place| items.get_mut(place)) {
                Some(known) => *known = item,
                None => items.push(item),
            }
        }
        Ok(Value::list(items))
    }

    /// Lists that schemas call sets or maps are equal in any order.
    fn equals(&self, other: &List<'d>) -> Result<bool, Failure> {
        if self.len() != other.len() {
            return Ok(false);
        }
        if matches!(self.list_type(), "set" | "map") {
            let others = other.all()?;
            for one in self.iter() {
                let one = one?;
                let mut is_found = false;
                for other in &others {
                    is_found = is_found || one.equals(other)?;
                }
                if !is_found {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        for (one, other) in self.iter().zip(other.iter()) {
            if !one?.equals(&other?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn position<'d>(
    items: &[Value<'d>],
    mut is_it: impl FnMut(&Value<'d>) -> Result<bool, Failure>,
) -> Result<Option<usize>, Failure> {
    for (place, item) in items.iter().enumerate() {
        if is_it(item)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

fn has_same_keys<'d>(one: &Value<'d>, other: &Value<'d>, names: &[&str]) -> Result<bool, Failure> {
    let (Value::Map(one), Value::Map(other)) = (one, other) else { return Ok(false) };
    for name in names {
        let key = Value::string(escape(name).unwrap_or_else(|| (*name).to_owned()));
        let is_same = match (one.get(&key).transpose()?, other.get(&key).transpose()?) {
            (Some(one), Some(other)) => one.equals(&other)?,
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

impl<'d> Map<'d> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Map::Data { fields, .. } => fields.len(),
            Map::Made(entries) => entries.len(),
        }
    }

    /// The value of a key; `None` where there is none. A property that is null counts as absent.
    pub(crate) fn get(&self, key: &Value<'d>) -> Option<Outcome<'d>> {
        match self {
            Map::Data { fields, schema, is_root } => {
                let Value::String(key) = key else { return Some(Err(Failure::no_such_overload())) };
                let is_object = *is_root || schema.get("properties").is_some();
                let name = if is_object { unescape(key)? } else { key.to_string() };
                let data = fields.get(&name).filter(|data| !is_object || !data.is_null())?;
                let below = self.field_schema(&name)?;
                Some(Value::of_data(data, below, is_embedded(below)))
            }
            Map::Made(entries) => entries
                .iter()
                .find(|(known, _)| known.equals(key).unwrap_or(false))
                .map(|(_, value)| Ok(value.clone())),
        }
    }

    /// The schema of a field by its real name.
    fn field_schema(&self, name: &str) -> Option<&'d Json> {
        let Map::Data { schema, is_root, .. } = self else { return None };
        let schema: &'d Json = schema;
        if *is_root && matches!(name, "apiVersion" | "kind" | "metadata") {
            return Some(if name == "metadata" { metadata_schema() } else { string_schema() });
        }
        if let Some(properties) = schema.get("properties") {
            return properties.get(name);
        }
        schema.get("additionalProperties").filter(|additional| additional.is_object())
    }

    /// The keys that rules can see.
    pub(crate) fn keys(&self) -> Vec<Value<'d>> {
        match self {
            Map::Data { fields, schema, is_root } => {
                let is_object = *is_root || schema.get("properties").is_some();
                let visible = fields.keys().filter(|name| self.field_schema(name).is_some());
                visible
                    .map(|name| {
                        let escaped = if is_object { escape(name) } else { None };
                        Value::string(escaped.unwrap_or_else(|| name.clone()))
                    })
                    .collect()
            }
            Map::Made(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        }
    }

    fn equals(&self, other: &Map<'d>) -> Result<bool, Failure> {
        if self.len() != other.len() {
            return Ok(false);
        }
        for key in self.keys() {
            match (self.get(&key), other.get(&key)) {
                (Some(one), Some(other)) => {
                    if !one?.equals(&other?)? {
                        return Ok(false);
                    }
                }
                (None, None) => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

fn string_schema() -> &'static Json {
    static SCHEMA: std::sync::OnceLock<Json> = std::sync::OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::json!({"type": "string"}))
}
