//! JSON values into JSON text with the bytes of Go's encoding/json: its floats, its escapes.

use std::fmt::Write as _;

use serde_json::Value;

use crate::float;

/// Whether `<`, `>` and `&` are escaped, as Go does unless told otherwise. U+2028 and U+2029 always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HtmlEscape {
    /// `\u003c` for `<`.
    Escaped,
    /// `<` as it is.
    Kept,
}

/// The value in one line, as Go's `json.Marshal` writes it.
#[must_use]
pub fn emit_json(value: &Value, html: HtmlEscape) -> String {
    let mut out = String::new();
    write(&mut out, value, html, None);
    out
}

/// The value over many lines, as Go's `json.MarshalIndent(value, "", indent)` writes it.
#[must_use]
pub fn emit_json_pretty(value: &Value, html: HtmlEscape, indent: &str) -> String {
    let mut out = String::new();
    write(&mut out, value, html, Some(Indent { unit: indent, level: 0 }));
    out
}

#[derive(Clone, Copy)]
struct Indent<'i> {
    unit: &'i str,
    level: usize,
}

impl Indent<'_> {
    fn deeper(self) -> Self {
        Indent { level: self.level + 1, ..self }
    }
}

fn new_line(out: &mut String, indent: Option<Indent<'_>>) {
    if let Some(indent) = indent {
        out.push('\n');
        for _ in 0..indent.level {
            out.push_str(indent.unit);
        }
    }
}

fn write(out: &mut String, value: &Value, html: HtmlEscape, indent: Option<Indent<'_>>) {
    let inner = indent.map(Indent::deeper);
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) => out.push_str(&float::format_json(value).unwrap_or_default()),
            None => out.push_str(&number.to_string()),
        },
        Value::String(text) => write_string(out, text, html),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                new_line(out, inner);
                write(out, item, html, inner);
            }
            if !items.is_empty() {
                new_line(out, indent);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                new_line(out, inner);
                write_string(out, key, html);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(out, value, html, inner);
            }
            if !map.is_empty() {
                new_line(out, indent);
            }
            out.push('}');
        }
    }
}

fn write_string(out: &mut String, text: &str, html: HtmlEscape) {
    out.push('"');
    let mut from = 0;
    for (at, character) in text.char_indices() {
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\x08' => "\\b",
            '\x0C' => "\\f",
            '<' if html == HtmlEscape::Escaped => "\\u003c",
            '>' if html == HtmlEscape::Escaped => "\\u003e",
            '&' if html == HtmlEscape::Escaped => "\\u0026",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            '\0'..='\x1F' => "",
            _ => continue,
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        if escape.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", character as u32);
        } else {
            out.push_str(escape);
        }
        from = at + character.len_utf8();
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}
