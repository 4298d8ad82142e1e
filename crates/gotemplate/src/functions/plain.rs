//! Values as plain JSON, for the writers of JSON and YAML.

use base64::Engine as _;
use serde_json::{Number, Value as Json};

use crate::types::BYTES;
use crate::{Data, Error, Value};

use super::deep::MAXIMUM_DEPTH;
use super::text::text_of;

/// The value as `encoding/json` sees it: nil lists and maps are null, `[]byte` is Base64, other text is UTF-8.
pub(super) fn to_json(value: &Value) -> Result<Json, Error> {
    to_json_at(value, 0)
}

fn to_json_at(value: &Value, depth: u32) -> Result<Json, Error> {
    if depth > MAXIMUM_DEPTH {
        let name = value.type_name();
        return Err(Error::message(format!("json: unsupported value: encountered a cycle via {name}")));
    }
    Ok(match value.data() {
        Data::Nil => Json::Null,
        Data::Bool(value) => Json::Bool(*value),
        Data::Float64(number) => match Number::from_f64(*number) {
            Some(number) => Json::Number(number),
            None => return Err(unsupported_number(*number)),
        },
        Data::String(text) => Json::String(lossy(text.as_bytes())),
        Data::List(list) if list.is_nil() => Json::Null,
        Data::List(list) if list.go_type().is(BYTES) => {
            Json::String(base64::engine::general_purpose::STANDARD.encode(text_of(value)?))
        }
        Data::List(list) => list
            .items()
            .iter()
            .map(|item| to_json_at(item, depth + 1))
            .collect::<Result<_, _>>()
            .map(Json::Array)?,
        Data::Map(map) if map.is_nil() => Json::Null,
        Data::Map(map) => {
            let entries = map.entries();
            let entry = |(key, item): (&crate::GoString, &Value)| {
                Ok::<_, Error>((lossy(key.as_bytes()), to_json_at(item, depth + 1)?))
            };
            Json::Object(entries.iter().map(entry).collect::<Result<_, _>>()?)
        }
        Data::Object(object) => match object.plain() {
            Some(plain) => return to_json_at(&plain, depth + 1),
            None => return Err(unsupported_type(value)),
        },
        Data::Complex128(..) | Data::Function(_) => return Err(unsupported_type(value)),
        Data::Uint64(number) => Json::from(*number),
        Data::Int(_) | Data::Int32(_) | Data::Int64(_) | Data::Uint8(_) => match value.integer() {
            Some(number) => Json::from(number),
            None => Json::from(value.unsigned().unwrap_or_default()),
        },
    })
}

fn lossy(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => crate::unicode::characters(bytes).collect(),
    }
}

fn unsupported_number(number: f64) -> Error {
    let name = match (number.is_nan(), number < 0.0) {
        (true, _) => "NaN",
        (false, true) => "-Inf",
        (false, false) => "+Inf",
    };
    Error::message(format!("json: unsupported value: {name}"))
}

fn unsupported_type(value: &Value) -> Error {
    Error::message(format!("json: unsupported type: {}", value.type_name()))
}
