//! How Go prints values inside messages.

use plimsoll_yaml::{Node, Tag};

use crate::tree::scalar::{raw_text, settled_tag};

/// `%q`.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            other if (other as u32) < 0x20 || other == '\u{7f}' => {
                quoted.push_str(&format!("\\x{:02x}", other as u32))
            }
            other if other.is_control() => quoted.push_str(&format!("\\u{:04x}", other as u32)),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// `%v` of a list of strings.
pub(crate) fn list<Item: AsRef<str>>(items: &[Item]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    format!("[{}]", items.join(" "))
}

/// `%#v` of the value that a tree is decoded into.
pub(crate) fn value(node: &Node) -> String {
    if let Some(items) = node.items() {
        let items: Vec<String> = items.iter().map(value).collect();
        return format!("[]interface {{}}{{{}}}", items.join(", "));
    }
    if let Some(entries) = node.entries() {
        let is_string = |key: &Node| matches!(settled_tag(key), Some(Tag::Str | Tag::Custom | Tag::Merge));
        let keys = if entries.iter().all(|entry| is_string(&entry.key)) { "string" } else { "interface {}" };
        let mut pairs: Vec<(String, String)> =
            entries.iter().map(|entry| (value(&entry.key), value(&entry.value))).collect();
        pairs.sort();
        let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
        return format!("map[{keys}]interface {{}}{{{}}}", pairs.join(", "));
    }
    match (settled_tag(node), crate::tree::json::of_node(node)) {
        (Some(Tag::Null), _) => "interface {}(nil)".to_owned(),
        (Some(Tag::Str | Tag::Custom), _) | (_, Err(_)) => quote(raw_text(node)),
        (_, Ok(serde_json::Value::String(text))) => quote(&text),
        (_, Ok(value)) => value.to_string(),
    }
}
