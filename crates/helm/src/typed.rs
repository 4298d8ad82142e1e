//! Reads JSON-like data into typed fields as sigs.k8s.io/yaml and Go's `encoding/json` do, with their error texts.
//!
//! A scalar where a string is wanted becomes text (`version: 1.10` is `1.1`), null leaves a field as it is, names of
//! fields match without regard to case, unknown fields are passed over. Rules as of sigs.k8s.io/yaml 1.6 and Go 1.26.

use serde_json::{Map, Value};

/// A struct being read: its Go name and the path that led to it, for error texts.
pub(crate) struct Reader<'a> {
    fields: &'a Map<String, Value>,
    type_name: &'static str,
    path: String,
}

impl<'a> Reader<'a> {
    /// Reads a whole document; null is an empty one.
    pub(crate) fn of_document(
        document: &'a Value,
        type_name: &'static str,
        package: &str,
    ) -> Result<Option<Reader<'a>>, String> {
        match document {
            Value::Null => Ok(None),
            Value::Object(fields) => Ok(Some(Reader { fields, type_name, path: String::new() })),
            other => Err(format!(
                "{PREFIX}json: cannot unmarshal {} into Go value of type {package}.{type_name}",
                kind(other)
            )),
        }
    }

    fn find(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).or_else(|| {
            self.fields
                .iter()
                .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
                .next_back()
        })
    }

    fn mismatch(&self, name: &str, value: &Value, wanted: &str) -> String {
        let (type_name, path) = (self.type_name, &self.path);
        format!(
            "{PREFIX}json: cannot unmarshal {} into Go struct field {type_name}.{path}{name} of type {wanted}",
            kind(value)
        )
    }

    /// A string field.
    pub(crate) fn string(&self, name: &str, field: &mut String) -> Result<(), String> {
        match self.find(name) {
            None | Some(Value::Null) => {}
            Some(value) => *field = scalar_text(value).ok_or_else(|| self.mismatch(name, value, "string"))?,
        }
        Ok(())
    }

    /// A boolean field.
    pub(crate) fn boolean(&self, name: &str, field: &mut bool) -> Result<(), String> {
        match self.find(name) {
            None | Some(Value::Null) => {}
            Some(Value::Bool(value)) => *field = *value,
            Some(value) => return Err(self.mismatch(name, value, "bool")),
        }
        Ok(())
    }

    /// A list of strings.
    pub(crate) fn strings(&self, name: &str, field: &mut Option<Vec<String>>) -> Result<(), String> {
        match self.find(name) {
            None => {}
            Some(Value::Null) => *field = None,
            Some(Value::Array(items)) => {
                let text = |item: &Value| match item {
                    Value::Null => Ok(String::new()),
                    item => scalar_text(item).ok_or_else(|| self.mismatch(name, item, "string")),
                };
                *field = Some(items.iter().map(text).collect::<Result<_, _>>()?);
            }
            Some(value) => return Err(self.mismatch(name, value, "[]string")),
        }
        Ok(())
    }

    /// A map of strings.
    pub(crate) fn string_map(
        &self,
        name: &str,
        field: &mut Option<Vec<(String, String)>>,
    ) -> Result<(), String> {
        match self.find(name) {
            None => {}
            Some(Value::Null) => *field = None,
            Some(Value::Object(entries)) => {
                let mut texts = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let text = match value {
                        Value::Null => String::new(),
                        value => scalar_text(value).ok_or_else(|| self.mismatch(name, value, "string"))?,
                    };
                    texts.push((key.clone(), text));
                }
                *field = Some(texts);
            }
            Some(value) => return Err(self.mismatch(name, value, "map[string]string")),
        }
        Ok(())
    }

    /// A list of anything.
    pub(crate) fn list(&self, name: &str, field: &mut Option<Vec<Value>>) -> Result<(), String> {
        match self.find(name) {
            None => {}
            Some(Value::Null) => *field = None,
            Some(Value::Array(items)) => *field = Some(items.clone()),
            Some(value) => return Err(self.mismatch(name, value, "[]interface {}")),
        }
        Ok(())
    }

    /// A list of structs, each given to `read`; `None` stands for a null item.
    pub(crate) fn structs<T>(
        &self,
        name: &str,
        type_name: &'static str,
        field: &mut Option<Vec<T>>,
        read: impl Fn(Option<Reader<'a>>) -> Result<T, String>,
    ) -> Result<(), String> {
        let items = match self.find(name) {
            None => return Ok(()),
            Some(Value::Null) => {
                *field = None;
                return Ok(());
            }
            Some(Value::Array(items)) => items,
            Some(value) => return Err(self.mismatch(name, value, &format!("[]*chart.{type_name}"))),
        };
        let mut read_items = Vec::with_capacity(items.len());
        for item in items {
            read_items.push(match item {
                Value::Null => read(None)?,
                Value::Object(fields) => {
                    let path = format!("{}{name}.", self.path);
                    read(Some(Reader { fields, type_name, path }))?
                }
                value => return Err(self.mismatch(name, value, &format!("chart.{type_name}"))),
            });
        }
        *field = Some(read_items);
        Ok(())
    }
}

const PREFIX: &str = "error unmarshaling JSON: while decoding JSON: ";

/// What `encoding/json` calls a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The text of a scalar where a string is wanted.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => shortest_float(float),
            _ => number.to_string(),
        },
        _ => return None,
    })
}

/// Go's `strconv.FormatFloat(f, 'g', -1, 64)`: an exponent below -4 and from 6 on.
pub(crate) fn shortest_float(float: f64) -> String {
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
