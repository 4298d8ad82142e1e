//! Nodes as Go's `%#v` prints the values they decode to, for the error that names a collection used as a key.
//!
//! A template expression left in a file (`a: {{ .Values.x }}`) is read as such a key, so people know this message well.

use crate::dialect::Dialect;
use crate::float::format_yaml;
use crate::node::{Node, Tag};
use crate::number::Number;
use crate::resolve;

/// The longest text that is printed of a key.
const LONGEST: usize = 1000;

/// The node in Go's syntax, cut off where it is long.
pub(crate) fn print(node: &Node, dialect: Dialect) -> String {
    let mut out = String::new();
    write(&mut out, node, dialect);
    if let Some((end, _)) = out.char_indices().nth(LONGEST) {
        out.truncate(end);
    }
    out
}

fn write(out: &mut String, node: &Node, dialect: Dialect) {
    if out.len() > LONGEST {
        return;
    }
    if let Some(items) = node.items() {
        out.push_str("[]interface {}{");
        for (index, item) in items.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            write(out, item, dialect);
        }
        out.push('}');
        return;
    }
    if let Some(entries) = node.entries() {
        let only_strings = entries.iter().all(|entry| entry.key.tag() == Tag::Str);
        let go_v3 = dialect != Dialect::Helm;
        out.push_str(if go_v3 && only_strings {
            "map[string]interface {}{"
        } else {
            "map[interface {}]interface {}{"
        });
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|entry| entry.key.scalar_text());
        for (index, entry) in entries.into_iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            write(out, &entry.key, dialect);
            out.push(':');
            write(out, &entry.value, dialect);
        }
        out.push('}');
        return;
    }
    let text = node.scalar_text().unwrap_or_default();
    match (node.tag(), node.as_number(dialect)) {
        (Tag::Null, _) => out.push_str("interface {}(nil)"),
        (Tag::Bool, _) => out.push_str(if resolve::is_true(text) { "true" } else { "false" }),
        (_, Some(Number::Int(value))) => out.push_str(&value.to_string()),
        (_, Some(Number::Uint(value))) => out.push_str(&format!("0x{value:x}")),
        (_, Some(Number::Float(value))) => out.push_str(&format_yaml(value)),
        _ => quote(out, text),
    }
}

/// Appends the text as a Go string.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0B' => out.push_str("\\v"),
            '\x0C' => out.push_str("\\f"),
            '\0'..='\x1F' | '\x7F' => out.push_str(&format!("\\x{:02x}", character as u32)),
            '\u{80}'..='\u{A0}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' => {
                out.push_str(&format!("\\u{:04x}", character as u32));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
