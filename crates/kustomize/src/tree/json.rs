//! Trees into plain data and back, as kyaml does it through JSON.

use plimsoll_yaml::{Dialect, Entry, HtmlEscape, Node, Numbers, Style, Tag, format_json, format_yaml};
use serde_json::{Map, Value};

use super::scalar::{self, raw_text};
use super::text;
use crate::error::{Error, Result};

/// The data that a tree means once it was printed and read again.
pub(crate) fn of_node(node: &Node) -> Result<Value> {
    match read(node) {
        Ok(value) => Ok(value),
        Err(Unreadable::DoubledKey) => Err(text::refuse_doubled_keys(node)),
        Err(Unreadable::Other(error)) => Err(error),
    }
}

/// Why a tree is no data.
enum Unreadable {
    DoubledKey,
    Other(Error),
}

fn read(node: &Node) -> std::result::Result<Value, Unreadable> {
    if let Some(items) = node.items() {
        return items.iter().map(read).collect::<std::result::Result<_, _>>().map(Value::Array);
    }
    if let Some(entries) = node.entries() {
        let mut map = Map::new();
        for Entry { key, value } in entries {
            if !key.is_scalar()
                || !matches!(scalar::settled_tag(key), Some(Tag::Str | Tag::Custom | Tag::Merge))
            {
                let message = "json: unsupported type: map[interface {}]interface {}";
                return Err(Unreadable::Other(Error::new(message)));
            }
            if map.insert(raw_text(key).to_owned(), read(value)?).is_some() {
                return Err(Unreadable::DoubledKey);
            }
        }
        return Ok(Value::Object(map));
    }
    let Some(tag) = scalar::settled_tag(node) else {
        return Err(Unreadable::Other(Error::new(format!(
            "yaml: cannot decode {} `{}` as a {}",
            text::short_tag(&scalar::untagged(raw_text(node))),
            raw_text(node),
            text::short_tag(node)
        ))));
    };
    match tag {
        Tag::Str | Tag::Custom => Ok(Value::String(raw_text(node).to_owned())),
        tag if tag == node.tag() => to_value(node).map_err(Unreadable::Other),
        tag => to_value(&Node::scalar(raw_text(node), tag)).map_err(Unreadable::Other),
    }
}

fn to_value(node: &Node) -> Result<Value> {
    let value = node
        .to_value(Dialect::Kustomize, Numbers::AsWritten)
        .map_err(|error| Error::new(error.to_string()))?;
    Ok(match value {
        // JSON has no float that is whole: 1.0 is written 1 and read as an integer.
        Value::Number(number) if number.is_f64() => whole_number(number.as_f64().unwrap_or_default()),
        other => other,
    })
}

fn whole_number(float: f64) -> Value {
    format_json(float)
        .and_then(|text| {
            text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
        })
        .unwrap_or_else(|| Value::from(float))
}

/// The tree of data that was JSON: numbers went through floating point, as Go's `map[string]interface{}` makes them.
pub(crate) fn to_node(value: &Value) -> Node {
    match value {
        Value::Null => Node::null(),
        Value::Bool(value) => Node::bool(*value),
        Value::Number(number) => {
            let text = format_yaml(number.as_f64().unwrap_or_default());
            let tag = text::resolve(&text);
            Node::scalar(text, tag)
        }
        Value::String(text) => string(text),
        Value::Array(items) => Node::sequence(items.iter().map(to_node).collect()),
        Value::Object(map) => Node::mapping(
            map.iter().map(|(key, value)| Entry { key: string(key), value: to_node(value) }).collect(),
        ),
    }
}

/// A string in the style in which go-yaml prints it.
fn string(content: &str) -> Node {
    let node = Node::string(content);
    if content.contains('\n') {
        node.with_style(Style::Literal)
    } else if text::resolve(content) != Tag::Str || text::is_yaml_1_1_non_string(content) {
        node.with_style(Style::DoubleQuoted)
    } else {
        node
    }
}

/// Strict JSON.
pub(crate) fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::new(format!("invalid JSON: {error}")))
}

/// How Go's JSON decoder calls the kind of a value.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// One line of JSON as Go's encoder writes it, with `<`, `>` and `&` escaped.
pub(crate) fn to_go_string(value: &Value) -> String {
    plimsoll_yaml::emit_json(value, HtmlEscape::Escaped)
}

/// JSON over several lines, indented by two spaces.
pub(crate) fn to_go_string_indented(value: &Value) -> String {
    plimsoll_yaml::emit_json_pretty(value, HtmlEscape::Escaped, "  ")
}
