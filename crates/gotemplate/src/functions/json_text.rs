//! Values as JSON text with the bytes of Go's encoder: maps sorted by key, structs in the order of their fields.

use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::Value as Json;

use super::deep::MAXIMUM_DEPTH;
use super::plain::to_json;
use crate::types::BYTES;
use crate::{Data, Error, GoString, Value};

/// The value in one line, or, with an indent, over many.
pub(super) fn json_text(value: &Value, html: HtmlEscape, indent: Option<&str>) -> Result<String, Error> {
    let mut writer = Writer { text: String::new(), html, indent };
    writer.write(value, 0)?;
    Ok(writer.text)
}

struct Writer<'i> {
    text: String,
    html: HtmlEscape,
    indent: Option<&'i str>,
}

impl Writer<'_> {
    fn write(&mut self, value: &Value, depth: u32) -> Result<(), Error> {
        if depth > MAXIMUM_DEPTH {
            // The plain form has the words for it.
            return to_json(value).map(|_| ());
        }
        match value.data() {
            Data::List(list) if !list.is_nil() && !list.go_type().is(BYTES) => {
                self.text.push('[');
                for (index, item) in list.items().iter().enumerate() {
                    self.begin(index, depth);
                    self.write(item, depth + 1)?;
                }
                self.end(']', list.items().len(), depth);
            }
            Data::Map(map) if !map.is_nil() => {
                let entries = map.entries();
                self.write_object(entries.iter(), entries.len(), depth)?;
            }
            Data::Object(object) => match (object.fields(), object.plain()) {
                (Some(fields), _) => {
                    let entries = fields.iter().map(|(name, value)| (name, value));
                    self.write_object(entries, fields.len(), depth)?;
                }
                (None, Some(plain)) => self.write(&plain, depth + 1)?,
                (None, None) => self.text.push_str(&emit_json(&to_json(value)?, self.html)),
            },
            Data::String(text) => self.write_string(text.as_bytes()),
            _ => self.text.push_str(&emit_json(&to_json(value)?, self.html)),
        }
        Ok(())
    }

    /// A byte that is no UTF-8 is written as an escape, where the character U+FFFD itself is written as it is.
    fn write_string(&mut self, bytes: &[u8]) {
        self.text.push('"');
        for chunk in bytes.utf8_chunks() {
            let quoted = emit_json(&Json::from(chunk.valid()), self.html);
            self.text.push_str(
                quoted
                    .trim_end()
                    .strip_prefix('"')
                    .and_then(|text| text.strip_suffix('"'))
                    .unwrap_or_default(),
            );
            for _ in chunk.invalid() {
                self.text.push_str("\\ufffd");
            }
        }
        self.text.push('"');
    }

    fn write_object<'v>(
        &mut self,
        entries: impl Iterator<Item = (&'v GoString, &'v Value)>,
        count: usize,
        depth: u32,
    ) -> Result<(), Error> {
        self.text.push('{');
        for (index, (key, value)) in entries.enumerate() {
            self.begin(index, depth);
            self.write_string(key.as_bytes());
            self.text.push_str(if self.indent.is_some() { ": " } else { ":" });
            self.write(value, depth + 1)?;
        }
        self.end('}', count, depth);
        Ok(())
    }

    fn begin(&mut self, index: usize, depth: u32) {
        if index > 0 {
            self.text.push(',');
        }
        self.new_line(depth + 1);
    }

    fn end(&mut self, bracket: char, count: usize, depth: u32) {
        if count > 0 {
            self.new_line(depth);
        }
        self.text.push(bracket);
    }

    fn new_line(&mut self, depth: u32) {
        if let Some(indent) = self.indent {
            self.text.push('\n');
            for _ in 0..depth {
                self.text.push_str(indent);
            }
        }
    }
}
