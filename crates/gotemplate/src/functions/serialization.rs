//! Values into JSON, YAML and TOML and back.
//!
//! The plain functions of Helm swallow errors: writers return nothing, readers put the text of the error under the key
//! `Error` or as the only item of a list. Those of sprig and the `must` twins fail.

use plimsoll_yaml::{
    Budget, Dialect, EmitOptions, HtmlEscape, Node, Numbers, emit_value, emit_value_with, parse_one,
    read_value,
};
use serde_json::Value as Json;

use crate::json::decode;
use crate::types::{ANY, LIST, MAP, STRING};
use crate::{Data, Error, Function, GoType, Kind, List, Map, Profile, Signature, Value, toml};

use super::arguments::{bytes, map};
use super::json_text::json_text;
use super::plain::to_json;
use super::yaml_text::yaml_text;

const WRITE: Signature = Signature::new(&[ANY], STRING);

/// What a writer makes of a value.
type Write = fn(&Value) -> Result<String, Error>;

pub(super) fn functions(profile: Profile) -> Vec<Function> {
    let failing = |name, write: Write| {
        Function::new(name, WRITE, move |_, arguments| write(&arguments[0]).map(Value::from))
    };
    let silent = |name, write: Write| {
        Function::new(name, WRITE, move |_, arguments| {
            Ok(Value::from(write(&arguments[0]).unwrap_or_default()))
        })
    };
    let mut functions = vec![
        silent("toJson", json),
        failing("mustToJson", json),
        silent("toPrettyJson", pretty_json),
        failing("mustToPrettyJson", pretty_json),
        failing("toRawJson", raw_json),
        failing("mustToRawJson", raw_json),
        silent("toYaml", yaml),
        silent("toYamlPretty", pretty_yaml),
        Function::new("toToml", WRITE, |_, arguments| match toml::encode(&arguments[0]) {
            Err(Error::Message(text)) if !text.to_text().starts_with("reflect: ") => Ok(Value::from(text)),
            result => result.map(Value::from),
        }),
        Function::new("fromJson", Signature::new(&[STRING], MAP), |_, arguments| {
            Ok(Value::from(json_map(bytes(&arguments[0]))))
        }),
        Function::new("fromJsonArray", Signature::new(&[STRING], LIST), |_, arguments| {
            Ok(Value::from(json_list(bytes(&arguments[0]))))
        }),
        Function::new("mustFromJson", Signature::new(&[STRING], ANY), |_, arguments| {
            let decoded = decode(bytes(&arguments[0])).map_err(Error::message)?;
            match decoded.complaint {
                None => Ok(decoded.value),
                Some(complaint) => Err(Error::message(complaint)),
            }
        }),
        Function::new("fromToml", Signature::new(&[STRING], MAP), |_, arguments| {
            Ok(Value::from(toml::decode(bytes(&arguments[0])).unwrap_or_else(|error| error_map(&error))))
        }),
        Function::new("fromYaml", Signature::new(&[STRING], MAP), |_, arguments| {
            Ok(Value::from(yaml_map(bytes(&arguments[0]))))
        }),
        Function::new("fromYamlArray", Signature::new(&[STRING], LIST), |_, arguments| {
            Ok(Value::from(yaml_list(bytes(&arguments[0]))))
        }),
    ];
    if profile == Profile::V4 {
        functions.push(failing("mustToYaml", yaml));
        functions.push(Function::new("mustToToml", WRITE, |_, arguments| {
            toml::encode(&arguments[0]).map(Value::from)
        }));
    }
    functions
}

fn json(value: &Value) -> Result<String, Error> {
    json_text(value, HtmlEscape::Escaped, None)
}

fn raw_json(value: &Value) -> Result<String, Error> {
    json_text(value, HtmlEscape::Kept, None)
}

fn pretty_json(value: &Value) -> Result<String, Error> {
    json_text(value, HtmlEscape::Escaped, Some("  "))
}

fn yaml(value: &Value) -> Result<String, Error> {
    if let Some(text) = yaml_text(value) {
        return Ok(without_line_end(text));
    }
    let json = to_json(value).map_err(|error| Error::context("error marshaling into JSON: ", error))?;
    let text = emit_value(&json).map_err(|error| Error::message(error.to_string()))?;
    Ok(without_line_end(text))
}

fn pretty_yaml(value: &Value) -> Result<String, Error> {
    Ok(without_line_end(emit_value_with(&to_json(value)?, &EmitOptions::PRETTY)))
}

fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

fn error_map(error: &str) -> Map {
    Map::from_iter([("Error".into(), Value::from(error))])
}

fn error_list(error: &str) -> List {
    List::from(vec![Value::from(error)])
}

/// The complaint about a value that is of another sort than the Go variable.
fn wrong_sort(value: &Value, wanted: &str) -> String {
    let sort = match value.data() {
        Data::Map(_) => "object",
        Data::List(_) => "array",
        Data::String(_) => "string",
        Data::Bool(_) => "bool",
        _ => "number",
    };
    format!("json: cannot unmarshal {sort} into Go value of type {wanted}")
}

/// What decoding into a map leaves in it: null makes it Go's nil map.
fn into_map(value: &Value) -> Result<Map, String> {
    match value.data() {
        Data::Map(_) => Ok(map(value)),
        Data::Nil => Ok(Map::nil(MAP)),
        _ => Err(wrong_sort(value, MAP.name)),
    }
}

fn into_list(value: &Value) -> Result<List, String> {
    match value.data() {
        Data::List(list) => Ok(list.clone()),
        Data::Nil => Ok(List::nil(LIST)),
        _ => Err(wrong_sort(value, LIST.name)),
    }
}

fn json_map(text: &[u8]) -> Map {
    let decoded = match decode(text) {
        Ok(decoded) => decoded,
        Err(error) => return error_map(&error),
    };
    match (into_map(&decoded.value), decoded.complaint) {
        (Ok(map), None) => map,
        (Ok(map), Some(_)) if map.is_nil() => error_map(&wrong_sort(&Value::from(0.0), MAP.name)),
        (Ok(map), Some(complaint)) => {
            let kept = map.insert("Error", Value::from(complaint.as_str()));
            if kept { map } else { error_map(&complaint) }
        }
        (Err(error), _) => error_map(&error),
    }
}

fn json_list(text: &[u8]) -> List {
    match decode(text) {
        Ok(decoded) => match (into_list(&decoded.value), decoded.complaint) {
            (Ok(list), None) => list,
            (Ok(list), Some(_)) if list.is_nil() => error_list(&wrong_sort(&Value::from(0.0), LIST.name)),
            (Ok(_), Some(complaint)) | (Err(complaint), _) => error_list(&complaint),
        },
        Err(error) => error_list(&error),
    }
}

fn read_yaml(text: &[u8]) -> Result<Value, String> {
    let describe = |error: plimsoll_yaml::Error| format!("error converting YAML to JSON: {error}");
    if let Ok(json) = read_value(text, Dialect::Helm, &Budget::DEFAULT, Numbers::AllFloat) {
        return Ok(Value::from(json));
    }
    let node = parse_one(text, Dialect::Helm, &Budget::DEFAULT).map_err(describe)?;
    let json = node.to_value(Dialect::Helm, Numbers::AllFloat).map_err(|error| {
        let value = under_null_key(&node).filter(|_| error.message().starts_with("unsupported map key"));
        match value.and_then(go_syntax) {
            Some(value) => format!("{}, value: {value}", describe(error)),
            None => describe(error),
        }
    })?;
    Ok(Value::from(json))
}

/// What stands under the first key that is null, in the order of reading.
fn under_null_key(node: &Node) -> Option<&Node> {
    if let Some(items) = node.items() {
        return items.iter().find_map(under_null_key);
    }
    let entries = node.entries()?;
    entries
        .iter()
        .find_map(|entry| if entry.key.is_null() { Some(&entry.value) } else { under_null_key(&entry.value) })
}

/// A value as upstream's errors show it, with the types of go-yaml.
fn go_syntax(node: &Node) -> Option<String> {
    let json = node.to_value(Dialect::Helm, Numbers::AsWritten).ok()?;
    let text = crate::printing::sprintf(b"%#v", &[yaml_value(json)]).ok()?;
    Some(text.to_text().into_owned())
}

fn yaml_value(json: Json) -> Value {
    const YAML_MAP: &GoType = &GoType::unnamed("map[interface {}]interface {}", Kind::Map, Some(ANY));
    match json {
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::from(Data::Int(number)),
            None => Value::from(Json::Number(number)),
        },
        Json::Array(items) => Value::from(items.into_iter().map(yaml_value).collect::<Vec<_>>()),
        Json::Object(entries) => {
            let entry = |(key, value): (String, Json)| (key.into(), yaml_value(value));
            Value::from(Map::of_type(YAML_MAP, entries.into_iter().map(entry).collect()))
        }
        _ => Value::from(json),
    }
}

fn while_decoding(error: String) -> String {
    format!("error unmarshaling JSON: while decoding JSON: {error}")
}

/// Unlike in JSON, null leaves what is there: an empty map.
fn yaml_map(text: &[u8]) -> Map {
    let read = |value: Value| match value.data() {
        Data::Nil => Ok(Map::new()),
        _ => into_map(&value).map_err(while_decoding),
    };
    read_yaml(text).and_then(read).unwrap_or_else(|error| error_map(&error))
}

fn yaml_list(text: &[u8]) -> List {
    let read = |value: Value| match value.data() {
        Data::Nil => Ok(List::from(Vec::new())),
        _ => into_list(&value).map_err(while_decoding),
    };
    read_yaml(text).and_then(read).unwrap_or_else(|error| error_list(&error))
}
