//! Values into TOML.

use std::io::Write as _;

use crate::{Data, Error, GoString, Map, Value};

/// Deepest nesting that is written.
const MAXIMUM_DEPTH: usize = 1000;

/// Writes a value, which usually is a map; other values stand alone.
pub(crate) fn encode(value: &Value) -> Result<Vec<u8>, Error> {
    if value.is_nil() {
        return Err(Error::message("reflect: call of reflect.Value.Type on zero Value"));
    }
    let mut encoder = Encoder { output: Vec::new() };
    encoder.encode(&mut Vec::new(), value)?;
    Ok(encoder.output)
}

struct Encoder {
    output: Vec<u8>,
}

/// How a value stands in TOML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Nil,
    Plain,
    Table,
    Tables,
}

fn is_nil(value: &Value) -> bool {
    match value.data() {
        Data::Nil => true,
        Data::Map(map) => map.is_nil(),
        Data::List(list) => list.is_nil(),
        _ => false,
    }
}

fn sort_of(value: &Value, depth: usize) -> Result<Sort, Error> {
    if depth > MAXIMUM_DEPTH {
        return Err(crate::functions::too_deep());
    }
    if is_nil(value) {
        return Ok(Sort::Nil);
    }
    match value.data() {
        Data::Map(_) => Ok(Sort::Table),
        Data::List(list) => {
            let mut all_tables = !list.is_empty();
            for item in list.items() {
                match sort_of(item, depth + 1)? {
                    Sort::Nil => {
                        return Err(Error::message("toml: cannot encode array with nil element"));
                    }
                    Sort::Table => {}
                    _ => all_tables = false,
                }
            }
            Ok(if all_tables { Sort::Tables } else { Sort::Plain })
        }
        Data::Function(_) | Data::Complex128(..) => {
            Err(Error::message(format!("unsupported type: {}", value.kind().name())))
        }
        _ => Ok(Sort::Plain),
    }
}

impl Encoder {
    fn new_line(&mut self) {
        if !self.output.is_empty() {
            self.output.push(b'\n');
        }
    }

    fn indent(&mut self, key: &[GoString]) {
        for _ in 1..key.len() {
            self.output.extend_from_slice(b"  ");
        }
    }

    fn encode(&mut self, key: &mut Vec<GoString>, value: &Value) -> Result<(), Error> {
        if key.len() > MAXIMUM_DEPTH {
            return Err(crate::functions::too_deep());
        }
        match (value.data(), sort_of(value, 0)?) {
            (_, Sort::Nil) => Ok(()),
            (Data::List(list), Sort::Tables) => {
                if key.is_empty() {
                    return Err(Error::message("toml: top-level values must be Go maps or structs"));
                }
                for item in list.items() {
                    self.new_line();
                    self.header(key, "[[", "]]");
                    if let Some(map) = item.map() {
                        self.entries(key, map)?;
                    }
                }
                Ok(())
            }
            (Data::Map(map), _) => {
                if key.len() == 1 {
                    self.new_line();
                }
                if !key.is_empty() {
                    self.header(key, "[", "]");
                }
                self.entries(key, map)
            }
            _ if key.is_empty() => self.element(value, 0),
            _ => {
                self.indent(key);
                self.key_part(key.last());
                self.output.extend_from_slice(b" = ");
                self.element(value, 0)?;
                self.new_line();
                Ok(())
            }
        }
    }

    fn header(&mut self, key: &[GoString], open: &str, close: &str) {
        self.indent(key);
        self.output.extend_from_slice(open.as_bytes());
        for (index, part) in key.iter().enumerate() {
            if index > 0 {
                self.output.push(b'.');
            }
            self.key_part(Some(part));
        }
        self.output.extend_from_slice(close.as_bytes());
        self.output.push(b'\n');
    }

    fn key_part(&mut self, part: Option<&GoString>) {
        let part = part.map(GoString::as_bytes).unwrap_or_default();
        let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !part.is_empty() && part.iter().all(is_bare) {
            self.output.extend_from_slice(part);
        } else {
            self.quoted(part);
        }
    }

    /// Plain entries first, tables behind them, both sorted.
    fn entries(&mut self, key: &mut Vec<GoString>, map: &Map) -> Result<(), Error> {
        let entries = map.entries();
        let mut tables = Vec::new();
        for (name, value) in entries.iter() {
            match sort_of(value, 0)? {
                Sort::Nil => {}
                Sort::Plain => {
                    key.push(name.clone());
                    self.encode(key, value)?;
                    key.pop();
                }
                Sort::Table | Sort::Tables => tables.push((name, value)),
            }
        }
        for (name, value) in tables {
            key.push(name.clone());
            self.encode(key, value)?;
            key.pop();
        }
        Ok(())
    }

    fn quoted(&mut self, text: &[u8]) {
        self.output.push(b'"');
        for &byte in text {
            let escaped: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                0x08 => b"\\b",
                b'\t' => b"\\t",
                b'\n' => b"\\n",
                0x0c => b"\\f",
                b'\r' => b"\\r",
                0..0x20 | 0x7f => {
                    self.formatted(format_args!("\\u{byte:04x}"));
                    continue;
                }
                other => {
                    self.output.push(other);
                    continue;
                }
            };
            self.output.extend_from_slice(escaped);
        }
        self.output.push(b'"');
    }

    fn formatted(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.output.write_fmt(arguments).expect("a vector takes everything");
    }

    /// A value behind a key or in brackets.
    fn element(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        if depth > MAXIMUM_DEPTH {
            return Err(crate::functions::too_deep());
        }
        match value.data() {
            Data::String(text) => self.quoted(text.as_bytes()),
            Data::Bool(value) => self.formatted(format_args!("{value}")),
            Data::Float64(number) => {
                let text = float_text(*number);
                self.output.extend_from_slice(text.as_bytes());
            }
            Data::List(list) => {
                self.output.push(b'[');
                for (index, item) in list.items().iter().enumerate() {
                    if index > 0 {
                        self.output.extend_from_slice(b", ");
                    }
                    self.element(item, depth + 1)?;
                }
                self.output.push(b']');
            }
            Data::Map(map) => self.inline_table(map, depth)?,
            Data::Object(object) => match object.plain() {
                Some(plain) => self.element(&plain, depth + 1)?,
                None => return Err(Error::message(format!("unexpected type: {}", value.type_name()))),
            },
            Data::Nil => {
                return Err(Error::message("reflect: call of reflect.Value.Interface on zero Value"));
            }
            Data::Complex128(..) | Data::Function(_) => {
                return Err(Error::message(format!("unexpected type: {}", value.type_name())));
            }
            _ => match value.unsigned() {
                Some(number) => self.formatted(format_args!("{number}")),
                None => self.formatted(format_args!("{}", value.integer().unwrap_or_default())),
            },
        }
        Ok(())
    }

    /// `{a = 1, b = 2}`. Upstream writes the comma also where the entry behind it is left out.
    fn inline_table(&mut self, map: &Map, depth: usize) -> Result<(), Error> {
        let entries = map.entries();
        let (mut plain, mut tables) = (Vec::new(), Vec::new());
        for (name, value) in entries.iter() {
            match sort_of(value, 0)? {
                Sort::Nil | Sort::Plain => plain.push((name, value)),
                Sort::Table | Sort::Tables => tables.push((name, value)),
            }
        }
        self.output.push(b'{');
        let followed = !tables.is_empty();
        for (group, comma_at_end) in [(plain, followed), (tables, false)] {
            let last = group.len().saturating_sub(1);
            for (index, (name, value)) in group.into_iter().enumerate() {
                if is_nil(value) {
                    continue;
                }
                self.key_part(Some(name));
                self.output.extend_from_slice(b" = ");
                self.element(value, depth + 1)?;
                if comma_at_end || index != last {
                    self.output.extend_from_slice(b", ");
                }
            }
        }
        self.output.push(b'}');
        Ok(())
    }
}

/// As `%v` prints it, with `.0` behind whole numbers.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let mut text = Vec::new();
    // Printing a number cannot fail.
    let _ = crate::printing::append_text(&mut text, &Value::from(number));
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.contains(['e', '.']) { text } else { format!("{text}.0") }
}
