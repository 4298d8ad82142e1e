//! `--set`, `--set-string`, `--set-file`, `--set-json`: `a.b[0]=c,d={e,f}` read into values.
//!
//! What is no string is typed as Helm types it: whole numbers are `int64` here, where values files have `float64`. Grammar
//! and error texts are those of Helm 3.21.4's `strvals`, which 4.2.4 shares; a Go panic there is an error here, too.

use plimsoll_gotemplate::Profile;
use serde_json::{Map, Value};

/// How the text after `=` becomes a value.
pub enum Typing<'a> {
    /// `--set`: true, false, null and whole numbers are what they look like.
    Typed,
    /// `--set-string`: everything is a string.
    Text,
    /// `--set-file`: the text names something that the function reads.
    File(&'a dyn Fn(&str) -> Result<String, String>),
    /// `--set-json`: the text is JSON.
    Json,
}

const MAX_INDEX: i64 = 65_536;
const MAX_NESTED_NAME_LEVEL: usize = 30;

/// Why a list of settings was not read to its end. What stands before the place has been set.
enum Stop {
    /// The text is over.
    End,
    Failed(String),
}

impl From<String> for Stop {
    fn from(message: String) -> Stop {
        Stop::Failed(message)
    }
}

/// Reads a list of settings over the values that are already there.
pub fn set(
    text: &str,
    typing: &Typing<'_>,
    profile: Profile,
    values: &mut Map<String, Value>,
) -> Result<(), String> {
    let mut parser = Parser { rest: text, typing, profile };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Failed(message)) => return Err(message),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    typing: &'a Typing<'a>,
    profile: Profile,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = self.rest.get(character.len_utf8()..).unwrap_or_default();
        Some(character)
    }

    /// The text before one of the stops, which is consumed, and the stop; no stop at the end. A backslash takes the next
    /// character as it is.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(character) = self.next() {
            if stops.contains(&character) {
                return (text, Some(character));
            }
            if character == '\\' {
                match self.next() {
                    Some(escaped) => text.push(escaped),
                    None => return (text, None),
                }
            } else {
                text.push(character);
            }
        }
        (text, None)
    }

    fn key(&mut self, data: &mut Map<String, Value>, level: usize) -> Result<(), Stop> {
        let (key, stop) = self.until(&['=', '[', ',', '.']);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Err(format!("key {} has no value", quoted(&key)).into()),
            Some('[') => {
                let index = self.index()?;
                let list = match data.get_mut(&key) {
                    None => Vec::new(),
                    Some(Value::Array(items)) => std::mem::take(items),
                    Some(other) => return Err(wrong_type(other, "[]interface {}").into()),
                };
                let (list, outcome) = self.item(list, index, level);
                put(data, key, Value::Array(list));
                outcome
            }
            Some('=') => self.value_of(data, key),
            Some(',') => {
                let message = format!("key {} has no value (cannot end with ,)", quoted(&key));
                put(data, key, Value::from(""));
                Err(message.into())
            }
            _ => {
                check_level(level + 1)?;
                let mut inner = match data.get_mut(&key) {
                    None => Map::new(),
                    Some(Value::Object(entries)) => std::mem::take(entries),
                    Some(other) => return Err(wrong_type(other, "map[string]interface {}").into()),
                };
                let existed = data.contains_key(&key);
                let outcome = self.key(&mut inner, level + 1);
                if outcome.is_ok() && inner.is_empty() {
                    return Err(format!("key map {} has no value", quoted(&key)).into());
                }
                if !inner.is_empty() || existed {
                    put(data, key, Value::Object(inner));
                }
                outcome
            }
        }
    }

    fn value_of(&mut self, data: &mut Map<String, Value>, key: String) -> Result<(), Stop> {
        if matches!(self.typing, Typing::Json) {
            let value = self.json()?;
            put(data, key, value);
            self.is_blank_up_to_comma();
            return Ok(());
        }
        match self.list()? {
            Listed::List(items) => put(data, key, Value::Array(items)),
            Listed::End => {
                put(data, key, Value::from(""));
                return Err(Stop::End);
            }
            Listed::NoList => {
                let (text, _) = self.until(&[',']);
                let value = self.typed(text)?;
                put(data, key, value);
            }
        }
        Ok(())
    }

    /// What stands in the brackets of an index, which have been opened.
    fn index(&mut self) -> Result<i64, Stop> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            // Helm 4 takes the wrapped end for the end itself, and so for success.
            return Err(match self.profile {
                Profile::V3 => Stop::Failed("error parsing index: EOF".to_owned()),
                Profile::V4 => Stop::End,
            });
        }
        parse_index(&text).map_err(Stop::Failed)
    }

    /// Reads what follows an index into a list; the list comes back, changed or not, whatever happened.
    fn item(&mut self, list: Vec<Value>, index: i64, level: usize) -> (Vec<Value>, Result<(), Stop>) {
        if index < 0 {
            return (list, Err(format!("negative {index} index not allowed").into()));
        }
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let message = format!("unexpected data at end of array index: {}", quoted(&text));
            return (list, Err(message.into()));
        }
        match stop {
            None => (list, Err(Stop::End)),
            Some('=') => match self.item_value() {
                Ok((value, outcome)) => {
                    let (list, placed) = place(list, index, value);
                    (list, placed.map_err(Stop::Failed).and(outcome))
                }
                Err(stop) => (list, Err(stop)),
            },
            Some('[') => {
                let next = match self.index() {
                    Ok(next) => next,
                    Err(stop) => return (list, Err(stop)),
                };
                let inner = match taken(&list, index) {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::Array(items)) => items.clone(),
                    Some(other) => {
                        let message = wrong_type(other, "[]interface {}");
                        return (list, Err(message.into()));
                    }
                };
                let (inner, outcome) = self.item(inner, next, level);
                match outcome {
                    Err(stop) => (list, Err(stop)),
                    Ok(()) => {
                        let (list, placed) = place(list, index, Value::Array(inner));
                        (list, placed.map_err(Stop::Failed))
                    }
                }
            }
            Some(_) => {
                let mut inner = match taken(&list, index) {
                    Some(Value::Object(entries)) => entries.clone(),
                    _ => Map::new(),
                };
                if let Err(stop) = self.key(&mut inner, level) {
                    return (list, Err(stop));
                }
                let (list, placed) = place(list, index, Value::Object(inner));
                (list, placed.map_err(Stop::Failed))
            }
        }
    }

    fn item_value(&mut self) -> Result<(Value, Result<(), Stop>), Stop> {
        if matches!(self.typing, Typing::Json) {
            let value = self.json()?;
            self.is_blank_up_to_comma();
            return Ok((value, Ok(())));
        }
        Ok(match self.list()? {
            Listed::List(items) => (Value::Array(items), Ok(())),
            Listed::End => (Value::from(""), Ok(())),
            Listed::NoList => {
                let (text, _) = self.until(&[',']);
                (self.typed(text)?, Ok(()))
            }
        })
    }

    fn list(&mut self) -> Result<Listed, Stop> {
        if self.rest.is_empty() {
            return Ok(Listed::End);
        }
        if !self.rest.starts_with('{') {
            return Ok(Listed::NoList);
        }
        self.next();
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            match stop {
                None => return Err("list must terminate with '}'".to_owned().into()),
                Some(',') => items.push(self.typed(text)?),
                Some(_) => {
                    if self.rest.starts_with(',') {
                        self.next();
                    }
                    // `{}` is a list of one empty string, as in Helm.
                    items.push(self.typed(text)?);
                    return Ok(Listed::List(items));
                }
            }
        }
    }

    fn typed(&self, text: String) -> Result<Value, Stop> {
        match self.typing {
            Typing::File(read) => read(&text).map(Value::from).map_err(Stop::Failed),
            Typing::Typed => Ok(typed(text)),
            Typing::Text | Typing::Json => Ok(Value::from(text)),
        }
    }

    /// The JSON value that comes next; nothing before a comma or the end is null, and the comma is consumed.
    fn json(&mut self) -> Result<Value, Stop> {
        if self.is_blank_up_to_comma() {
            return Ok(Value::Null);
        }
        let mut stream = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                let offset = stream.byte_offset();
                self.rest = self.rest.get(offset..).unwrap_or_default();
                Ok(crate::yaml_input::with_floats(value))
            }
            Some(Err(error)) => Err(error.to_string().into()),
            None => Err(Stop::End),
        }
    }

    /// Skips white space, and a comma after it; whether there was a comma or the end.
    fn is_blank_up_to_comma(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest;
            return true;
        }
        self.rest.is_empty()
    }
}

/// What stands where a list may stand.
enum Listed {
    List(Vec<Value>),
    NoList,
    End,
}

fn put(data: &mut Map<String, Value>, key: String, value: Value) {
    if !key.is_empty() {
        data.insert(key, value);
    }
}

fn taken(list: &[Value], index: i64) -> Option<&Value> {
    list.get(usize::try_from(index).ok()?)
}

/// Puts a value into a list, which grows with nulls.
pub(crate) fn place(mut list: Vec<Value>, index: i64, value: Value) -> (Vec<Value>, Result<(), String>) {
    if index > MAX_INDEX {
        let message = format!("index of {index} is greater than maximum supported index of {MAX_INDEX}");
        return (list, Err(message));
    }
    let Ok(position) = usize::try_from(index) else {
        return (list, Err(format!("negative {index} index not allowed")));
    };
    if list.len() <= position {
        list.resize(position + 1, Value::Null);
    }
    if let Some(slot) = list.get_mut(position) {
        *slot = value;
    }
    (list, Ok(()))
}

pub(crate) fn check_level(level: usize) -> Result<(), String> {
    if level > MAX_NESTED_NAME_LEVEL {
        return Err(format!(
            "value name nested level is greater than maximum supported nested level of {MAX_NESTED_NAME_LEVEL}"
        ));
    }
    Ok(())
}

/// Go's `strconv.Atoi`, with its errors after Helm's words.
pub(crate) fn parse_index(text: &str) -> Result<i64, String> {
    let refuse =
        |reason: &str| format!("error parsing index: strconv.Atoi: parsing {}: {reason}", quoted(text));
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse("invalid syntax"));
    }
    text.parse().map_err(|_| refuse("value out of range"))
}

/// The message of the panic that Helm recovers from when a value is not what the key takes it for.
pub(crate) fn wrong_type(value: &Value, wanted: &str) -> String {
    let found = match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")
}

pub(crate) fn quoted(text: &str) -> String {
    plimsoll_gotemplate::quote::quote(text.as_bytes())
}

/// The type that `--set` gives to a text.
fn typed(text: String) -> Value {
    if text.eq_ignore_ascii_case("true") {
        return Value::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Value::Null;
    }
    if text == "0" {
        return Value::from(0_i64);
    }
    if !text.starts_with('0')
        && let Ok(number) = text.parse::<i64>()
    {
        return Value::from(number);
    }
    Value::from(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Result<Value, String> {
        let mut values = Map::new();
        set(text, &Typing::Typed, Profile::V3, &mut values).map(|()| Value::Object(values))
    }

    #[test]
    fn values_are_typed_as_helm_types_them() {
        assert_eq!(
            parsed("a=1,b=01,c=1.5,d=TRUE,e=null,f=0,g="),
            Ok(json!({
                "a": 1, "b": "01", "c": "1.5", "d": true, "e": null, "f": 0, "g": ""
            }))
        );
    }

    #[test]
    fn lists_indices_and_escapes() {
        assert_eq!(
            parsed(r"a[2]=x,b={c,1},d\.e=f\,g,h.i[0].j=k"),
            Ok(json!({
                "a": [null, null, "x"], "b": ["c", 1], "d.e": "f,g", "h": {"i": [{"j": "k"}]}
            }))
        );
    }

    #[test]
    fn mistakes_are_told_in_helms_words() {
        assert_eq!(parsed("a"), Err("key \"a\" has no value".to_owned()));
        assert_eq!(parsed("a,b=1"), Err("key \"a\" has no value (cannot end with ,)".to_owned()));
        assert_eq!(parsed("a={b"), Err("list must terminate with '}'".to_owned()));
        assert_eq!(
            parsed("a[70000]=1"),
            Err("index of 70000 is greater than maximum supported index of 65536".to_owned())
        );
        assert_eq!(
            parsed("a=1,a.b=2"),
            Err("unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}"
                .to_owned())
        );
    }
}
