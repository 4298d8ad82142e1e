//! Trees into plain JSON values and back.
//!
//! The values are what sigs.k8s.io/yaml makes of a text before it is decoded into Go types: keys are strings, `1:` is
//! "1" and in the Helm dialect `y:` is "true"; infinities have no form. Upstream: sigs.k8s.io/yaml v1.6 for keys.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::budget::Budget;
use crate::dialect::Dialect;
use crate::document::parse_one_by_whole_grammar;
use crate::error::{Error, ErrorKind};
use crate::go_syntax;
use crate::node::{Entry, Node, Tag};
use crate::number::{self, Number};
use crate::resolve;
use crate::simple;
use crate::timestamp::Timestamp;

/// What becomes of numbers on the way to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// Integers stay integers.
    AsWritten,
    /// Every number becomes a float, as in Go programs that read JSON into `interface{}`: Helm's values and `fromYaml`.
    AllFloat,
}

impl Node {
    /// The tree as JSON; the last of equal keys counts.
    ///
    /// # Errors
    /// For infinities, NaN, and null or collections as keys. Unlike Go's the messages show no values.
    pub fn to_value(&self, dialect: Dialect, numbers: Numbers) -> Result<Value, Error> {
        if let Some(items) = self.items() {
            let values = items.iter().map(|item| item.to_value(dialect, numbers));
            return values.collect::<Result<_, _>>().map(Value::Array);
        }
        if let Some(entries) = self.entries() {
            let mut map = Map::new();
            for Entry { key, value } in entries {
                if !key.is_scalar() {
                    let message = format!("yaml: invalid map key: {}", go_syntax::print(key, dialect));
                    return Err(Error::new(ErrorKind::Value, message));
                }
                if key.is_null() {
                    let message = "unsupported map key of type: %!s(<nil>), key: <nil>";
                    return Err(Error::new(ErrorKind::Value, message));
                }
                map.insert(key_text_in(key, dialect).into_owned(), value.to_value(dialect, numbers)?);
            }
            return Ok(Value::Object(map));
        }
        scalar_value(self.scalar_text().unwrap_or_default(), self.tag(), dialect, numbers)
    }

    /// The number that an integer or float stands for; `None` for other types.
    #[must_use]
    pub fn as_number(&self, dialect: Dialect) -> Option<Number> {
        matches!(self.tag(), Tag::Int | Tag::Float).then(|| self.number(dialect))
    }

    fn number(&self, dialect: Dialect) -> Number {
        number_of(self.scalar_text().unwrap_or_default(), self.tag(), dialect)
    }

    /// A tree for a JSON value: keys in the order of the map, numbers as JSON writes them.
    #[must_use]
    pub fn from_value(value: &Value) -> Node {
        match value {
            Value::Null => Node::null(),
            Value::Bool(value) => Node::bool(*value),
            Value::Number(number) if number.is_f64() => {
                let text = crate::float::format_yaml(number.as_f64().unwrap_or_default());
                // What Go writes for a float may read as an integer.
                let is_integer = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                Node::scalar(text, if is_integer { Tag::Int } else { Tag::Float })
            }
            Value::Number(number) => Node::scalar(number.to_string(), Tag::Int),
            Value::String(text) => Node::string(text.as_str()),
            Value::Array(items) => Node::sequence(items.iter().map(Node::from_value).collect()),
            Value::Object(map) => Node::mapping(
                map.iter()
                    .map(|(key, value)| Entry {
                        key: Node::string(key.as_str()),
                        value: Node::from_value(value),
                    })
                    .collect(),
            ),
        }
    }
}

fn number_of(text: &str, tag: Tag, dialect: Dialect) -> Number {
    let number = number::parse(text, dialect).unwrap_or(Number::Int(0));
    if tag == Tag::Float { Number::Float(number.as_f64()) } else { number }
}

/// The JSON value of a scalar.
pub(crate) fn scalar_value(text: &str, tag: Tag, dialect: Dialect, numbers: Numbers) -> Result<Value, Error> {
    Ok(match tag {
        Tag::Null => Value::Null,
        Tag::Bool => Value::Bool(resolve::is_true(text)),
        Tag::Int | Tag::Float => number_value(number_of(text, tag, dialect), numbers)?,
        Tag::Timestamp => match Timestamp::parse(text) {
            Some(moment) => Value::String(moment.to_string()),
            None => Value::String(text.to_owned()),
        },
        Tag::Binary => {
            let bytes = resolve::decode_base64(text).unwrap_or_default();
            Value::String(String::from_utf8_lossy(&bytes).into_owned())
        }
        Tag::Str | Tag::Merge | Tag::Custom | Tag::Sequence | Tag::Mapping => Value::String(text.to_owned()),
    })
}

/// The first document of a source as a JSON value, as [`crate::parse_one`] and [`Node::to_value`] give it.
///
/// # Errors
/// Those of both.
pub fn read_value(
    source: impl AsRef<[u8]>,
    dialect: Dialect,
    budget: &Budget,
    numbers: Numbers,
) -> Result<Value, Error> {
    if let Ok(value) = simple::read_value(source.as_ref(), dialect, budget, numbers) {
        return Ok(value);
    }
    parse_one_by_whole_grammar(source, dialect, budget)?.to_value(dialect, numbers)
}

fn number_value(number: Number, numbers: Numbers) -> Result<Value, Error> {
    match (number, numbers) {
        (Number::Int(value), Numbers::AsWritten) => Ok(value.into()),
        (Number::Uint(value), Numbers::AsWritten) => Ok(value.into()),
        _ => {
            let float = number.as_f64();
            match serde_json::Number::from_f64(float) {
                Some(number) => Ok(Value::Number(number)),
                None => {
                    let name = if float.is_nan() {
                        "NaN"
                    } else if float > 0.0 {
                        "+Inf"
                    } else {
                        "-Inf"
                    };
                    Err(Error::new(ErrorKind::Value, format!("json: unsupported value: {name}")))
                }
            }
        }
    }
}

/// The text that a key has in JSON.
pub(crate) fn key_text(key: &Node) -> Cow<'_, str> {
    key_text_in(key, Dialect::Helm)
}

fn key_text_in(key: &Node, dialect: Dialect) -> Cow<'_, str> {
    scalar_key(key.scalar_text().unwrap_or_default(), key.tag(), dialect)
}

/// The text that a scalar has as a key in JSON.
pub(crate) fn scalar_key(text: &str, tag: Tag, dialect: Dialect) -> Cow<'_, str> {
    match tag {
        Tag::Bool => Cow::Borrowed(if resolve::is_true(text) { "true" } else { "false" }),
        Tag::Int | Tag::Float => match number_of(text, tag, dialect) {
            Number::Int(value) => Cow::Owned(value.to_string()),
            Number::Uint(value) => Cow::Owned(value.to_string()),
            Number::Float(value) => Cow::Owned(crate::float::format_single(value)),
        },
        _ => Cow::Borrowed(text),
    }
}
