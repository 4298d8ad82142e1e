//! JSON values into YAML.
//!
//! Upstream: sigs.k8s.io/yaml v1.6's `Marshal`, which goes through JSON text and go-yaml v2's reader, and go-yaml v3's `Marshal`.

use std::borrow::Cow;

use serde_json::Value;

use super::key_order;
use super::machine::{Generation, Layout, Machine, Opening, Piece, Scalar};
use super::{EmitOptions, HtmlEscape, emit_json};
use crate::budget::Budget;
use crate::dialect::Dialect;
use crate::document::parse_one;
use crate::error::Error;
use crate::float;
use crate::node::{Style, Tag};
use crate::number::{self, Number};
use crate::resolve;
use crate::timestamp::Timestamp;
use crate::value::Numbers;

/// The value as sigs.k8s.io/yaml's `Marshal` writes it: keys in natural order, sequences not indented, lines folded at
/// 80 columns, whole floats as integers.
///
/// # Errors
/// For what go-yaml refuses to read back from JSON: the characters U+007F to U+009F but U+0085, U+FFFE and U+FFFF, and keys
/// longer than 1024 characters.
pub fn emit_value(value: &Value) -> Result<String, Error> {
    if let Some(text) = write_v2(value) {
        return Ok(text);
    }
    let json = emit_json(value, HtmlEscape::Escaped);
    let read =
        parse_one(&json, Dialect::Helm, &Budget::DEFAULT)?.to_value(Dialect::Helm, Numbers::AsWritten)?;
    Ok(written(&read).finish().0)
}

/// The value in the layout of go-yaml v2; `None` where go-yaml's reader may find something else in its JSON text.
fn write_v2(value: &Value) -> Option<String> {
    let (text, sure) = written(value).finish();
    sure.then_some(text)
}

fn written(value: &Value) -> Writer {
    let mut writer = Writer::v2();
    writer.write(value);
    writer
}

/// Room for a small resource, so that most texts grow seldom.
const FIRST_CAPACITY: usize = 1024;

/// Keys up to this length are short enough in JSON text, whatever has to be escaped.
const LONGEST_SURE_KEY: usize = 1024 / 6 - 2;

/// Whether go-yaml's reader may take the character for something else: U+0085 is a line break to it, other control
/// characters are an error.
fn has_suspicious_character(text: &str) -> bool {
    // Without branches, so that many bytes are looked at together.
    text.bytes().fold(false, |found, byte| found | (byte == 0x7F) | (byte == 0xC2) | (byte == 0xEF))
        && text.chars().any(|character| matches!(character, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}'))
}

/// The value as go-yaml v3's encoder writes it: keys in natural order, floats with an exponent from 1e+06 on.
#[must_use]
pub fn emit_value_with(value: &Value, options: &EmitOptions) -> String {
    let machine = Machine::new(options.layout(), String::new());
    let mut writer = Writer { machine, generation: Generation::V3, sure: true };
    writer.write(value);
    writer.machine.finish()
}

/// Writes a value piece by piece as [`emit_value`] would write it as a whole.
pub struct ValueWriter(Writer);

impl Default for ValueWriter {
    fn default() -> ValueWriter {
        ValueWriter::new()
    }
}

impl ValueWriter {
    /// A writer that has written nothing.
    #[must_use]
    pub fn new() -> ValueWriter {
        ValueWriter(Writer::v2())
    }

    /// Puts the entries of a mapping into the order in which they are to be written.
    pub fn sort<T>(entries: &mut Vec<(&str, T)>) {
        key_order::sort(entries, Generation::V2);
    }

    /// Writes null.
    pub fn null(&mut self) {
        self.0.write_plain("null");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.0.write_plain(if value { "true" } else { "false" });
    }

    /// Writes a number.
    pub fn number(&mut self, number: &serde_json::Number) {
        self.0.write_number(number);
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        self.0.write_string(text);
    }

    /// Begins a sequence of so many items.
    pub fn open_sequence(&mut self, length: usize) {
        let opening = Opening { tag: "", flow: false, empty: length == 0 };
        self.0.machine.emit(Piece::OpenSequence(opening));
    }

    /// Begins a mapping of so many entries, keys and values in turn.
    pub fn open_mapping(&mut self, length: usize) {
        let opening = Opening { tag: "", flow: false, empty: length == 0 };
        self.0.machine.emit(Piece::OpenMapping(opening));
    }

    /// Writes a key of a mapping.
    pub fn key(&mut self, key: &str) {
        self.0.write_key(key);
    }

    /// Ends the innermost open collection.
    pub fn close(&mut self) {
        self.0.machine.emit(Piece::Close);
    }

    /// The text; `None` where go-yaml's reader may find something else in the JSON text of the value, so that only
    /// [`emit_value`] knows.
    #[must_use]
    pub fn finish(self) -> Option<String> {
        let (text, sure) = self.0.finish();
        sure.then_some(text)
    }
}

struct Writer {
    machine: Machine,
    generation: Generation,
    /// Whether go-yaml v2's reader surely finds the same value in JSON text.
    sure: bool,
}

impl Writer {
    fn v2() -> Writer {
        let layout =
            Layout { generation: Generation::V2, indent: 2, width: Some(80), compact_sequences: false };
        let machine = Machine::new(layout, String::with_capacity(FIRST_CAPACITY));
        Writer { machine, generation: Generation::V2, sure: true }
    }

    fn finish(self) -> (String, bool) {
        (self.machine.finish(), self.sure)
    }

    fn write(&mut self, value: &Value) {
        match value {
            Value::Null => self.write_plain("null"),
            Value::Bool(true) => self.write_plain("true"),
            Value::Bool(false) => self.write_plain("false"),
            Value::Number(number) => self.write_number(number),
            Value::String(text) => self.write_string(text),
            Value::Array(items) => {
                let opening = Opening { tag: "", flow: false, empty: items.is_empty() };
                self.machine.emit(Piece::OpenSequence(opening));
                for item in items {
                    self.write(item);
                }
                self.machine.emit(Piece::Close);
            }
            Value::Object(map) => {
                let opening = Opening { tag: "", flow: false, empty: map.is_empty() };
                self.machine.emit(Piece::OpenMapping(opening));
                let mut entries: Vec<(&str, &Value)> =
                    map.iter().map(|(key, value)| (key.as_str(), value)).collect();
                key_order::sort(&mut entries, self.generation);
                for (key, value) in entries {
                    self.write_key(key);
                    self.write(value);
                }
                self.machine.emit(Piece::Close);
            }
        }
    }

    fn write_key(&mut self, key: &str) {
        self.sure &= key.len() <= LONGEST_SURE_KEY;
        self.write_string(key);
    }

    fn write_number(&mut self, number: &serde_json::Number) {
        let text = self.number_text(number);
        self.write_plain(&text);
    }

    fn write_plain(&mut self, text: &str) {
        self.machine.emit(Piece::Scalar(Scalar { text, tag: "", style: Style::Plain }));
    }

    fn write_string(&mut self, text: &str) {
        self.sure &= !has_suspicious_character(text);
        let style = if text.contains('\n') {
            Style::Literal
        } else if reads_as_string(text, self.generation) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        };
        self.machine.emit(Piece::Scalar(Scalar { text, tag: "", style }));
    }

    fn number_text(&self, number: &serde_json::Number) -> Cow<'static, str> {
        if let Some(value) = number.as_i64() {
            return Cow::Owned(value.to_string());
        }
        if let Some(value) = number.as_u64() {
            return Cow::Owned(value.to_string());
        }
        let value = number.as_f64().unwrap_or_default();
        if self.generation == Generation::V3 {
            return Cow::Owned(float::format_yaml(value));
        }
        let json = float::format_json(value).unwrap_or_default();
        Cow::Owned(match number::parse(&json, Dialect::Helm) {
            Some(Number::Int(whole)) => whole.to_string(),
            Some(Number::Uint(whole)) => whole.to_string(),
            Some(Number::Float(value)) => float::format_yaml(value),
            None => json,
        })
    }
}

/// Whether the text, written without quotes, is read as a string by either generation of go-yaml and by YAML 1.1.
fn reads_as_string(text: &str, generation: Generation) -> bool {
    let Some(&first) = text.as_bytes().first() else { return false };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => {
            let dialect = match generation {
                Generation::V2 => Dialect::Helm,
                Generation::V3 => Dialect::Kustomize,
            };
            resolve::resolve(text, dialect) == Tag::Str
                && Timestamp::parse(text).is_none()
                && !resolve::is_base60(text)
        }
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => {
            resolve::resolve(text, Dialect::Helm) == Tag::Str
        }
        // Of `<<` go-yaml itself forgets that it would be read as a merge.
        _ => true,
    }
}
