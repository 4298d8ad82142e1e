//! JSON values as the values of Go templates and of Go's formatting.

use std::sync::Arc;

use plimsoll_gotemplate::{Data, Map, Value as GoValue, printing};
use serde_json::Value;

use crate::number::whole_number;

/// The value with Go's types: whole numbers are `int64`, others `float64`.
#[must_use]
pub(crate) fn to_go(value: &Value) -> GoValue {
    match value {
        Value::Null => GoValue::NIL,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or_default().into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(to_go).collect::<Vec<_>>().into(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.as_str().into(), to_go(value))).collect::<Map>().into()
        }
    }
}

/// The value with Go's types once Go wrote it as JSON and read it again. What it holds is converted when it is first looked at.
#[must_use]
pub(crate) fn to_go_once_read(value: &Arc<Value>) -> GoValue {
    match &**value {
        Value::Object(_) => {
            let value = Arc::clone(value);
            Map::made_when_read(move || {
                let fields = value.as_object().into_iter().flatten();
                fields.map(|(key, value)| (key.as_str().into(), after_round_trip(value))).collect()
            })
            .into()
        }
        other => after_round_trip(other),
    }
}

/// The value with Go's types once Go wrote it as JSON and read it again.
#[must_use]
pub(crate) fn after_round_trip(value: &Value) -> GoValue {
    match value {
        Value::Number(number) => match whole_number(number) {
            Some(whole) => whole.into(),
            None => to_go(value),
        },
        Value::Array(items) => items.iter().map(after_round_trip).collect::<Vec<_>>().into(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.as_str().into(), after_round_trip(value)))
            .collect::<Map>()
            .into(),
        other => to_go(other),
    }
}

/// Go's `fmt.Sprintf`. Bytes that are not UTF-8 become replacement characters, as when Go writes the text as JSON.
pub(crate) fn sprintf(format: &str, values: &[GoValue]) -> Result<String, String> {
    let text = printing::sprintf(format.as_bytes(), values).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(text.as_bytes()).into_owned())
}

/// A value of a template as JSON; what JSON has no form for becomes null.
pub(crate) fn from_go(value: &GoValue) -> Value {
    if let Some(text) = value.string() {
        return Value::String(text.to_text().into_owned());
    }
    if let Some(list) = value.list() {
        return list.items().iter().map(from_go).collect();
    }
    if let Some(map) = value.map() {
        let entries = map.entries();
        let fields = entries.iter().map(|(key, value)| (key.to_text().into_owned(), from_go(value)));
        return Value::Object(fields.collect());
    }
    match value.data() {
        Data::Bool(value) => Value::Bool(*value),
        Data::Float64(float) => Value::from(*float),
        Data::Uint64(number) => Value::from(*number),
        _ => value.integer().map_or(Value::Null, Value::from),
    }
}
