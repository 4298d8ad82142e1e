//! Reads Go structs from JSON values, with the errors that Go's decoder gives when unknown members are rejected.

use serde_json::{Map, Value};

/// Go's words for what could not be read.
pub(super) type DecodeError = String;

/// The members of a JSON object that is read as a Go struct; each is asked for once, and what nobody asked for is an error.
pub(super) struct Members<'a> {
    go_type: &'static str,
    fields: Option<&'a Map<String, Value>>,
    known: Vec<&'static str>,
}

impl<'a> Members<'a> {
    /// The members of a struct; null is a struct without any.
    pub(super) fn of(value: &'a Value, go_type: &'static str) -> Result<Members<'a>, DecodeError> {
        match value {
            Value::Object(fields) => Ok(Members { go_type, fields: Some(fields), known: Vec::new() }),
            Value::Null => Ok(Members { go_type, fields: None, known: Vec::new() }),
            other => Err(mismatch(other, go_type)),
        }
    }

    /// A member as it is; null counts as absent.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.fields?.get(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub(super) fn string(&mut self, name: &'static str) -> Result<Option<String>, DecodeError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(mismatch(other, "string")),
        }
    }

    /// An integer of 64 bits.
    pub(super) fn integer(&mut self, name: &'static str) -> Result<Option<i64>, DecodeError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_i64().map(Some).ok_or_else(|| {
                let reason =
                    format!("cannot parse {:?} as signed integer: invalid syntax", number.to_string());
                format!("json: cannot unmarshal JSON number into Go value of type int64: {reason}")
            }),
            Some(other) => Err(mismatch(other, "int64")),
        }
    }

    /// A struct.
    pub(super) fn object<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&Value) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        self.value(name).map(read).transpose()
    }

    /// A slice of structs.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        go_type: &'static str,
        read: impl Fn(&Value) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(read).collect(),
            Some(other) => Err(mismatch(other, go_type)),
        }
    }

    /// The end: a member that nobody asked for is an error.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        match self.fields.and_then(|fields| fields.keys().find(|name| !self.known.contains(&name.as_str()))) {
            None => Ok(()),
            Some(unknown) => Err(format!(
                "json: cannot unmarshal Go value of type {}: unknown name {unknown:?}",
                self.go_type
            )),
        }
    }
}

fn mismatch(value: &Value, go_type: &str) -> DecodeError {
    let json_type = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("json: cannot unmarshal JSON {json_type} into Go value of type {go_type}")
}
