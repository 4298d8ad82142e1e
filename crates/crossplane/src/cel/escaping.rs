//! Names of fields as rules write them: what is no identifier of CEL, or is reserved, is escaped.
//!
//! Follows k8s.io/apiserver `pkg/cel/escaping.go` v0.35.

use crate::cel::parser::RESERVED;

/// What the grammar takes itself.
const LITERALS: [&str; 4] = ["true", "false", "null", "in"];

/// The name for rules; `None` for a name that has none.
pub(crate) fn escape(name: &str) -> Option<String> {
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if LITERALS.contains(&name) || RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    let mut escaped = String::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("__") { 2 } else { first.len_utf8() };
        match first {
            '_' if length == 2 => escaped.push_str("__underscores__"),
            '.' => escaped.push_str("__dot__"),
            '-' => escaped.push_str("__dash__"),
            '/' => escaped.push_str("__slash__"),
            first if first.is_ascii_alphanumeric() || first == '_' => escaped.push(first),
            _ => return None,
        }
        rest = &rest[length..];
    }
    Some(escaped)
}

/// The name that an escaped one stands for; `None` for one that stands for nothing.
pub(crate) fn unescape(escaped: &str) -> Option<String> {
    let inside = escaped.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    if let Some(name) = inside.filter(|name| RESERVED.contains(name)) {
        return Some(name.to_owned());
    }
    let mut name = String::new();
    let mut rest = escaped;
    while let Some(at) = rest.find("__") {
        name.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let (symbol, length) = [("underscores__", "__"), ("dot__", "."), ("dash__", "-"), ("slash__", "/")]
            .into_iter()
            .find_map(|(word, symbol)| code.starts_with(word).then_some((symbol, word.len())))?;
        name.push_str(symbol);
        rest = &code[length..];
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_both_ways() {
        for (name, escaped) in [
            ("namespace", "__namespace__"),
            ("a-b", "a__dash__b"),
            ("a.b/c", "a__dot__b__slash__c"),
            ("a__b", "a__underscores__b"),
            ("a_b", "a_b"),
        ] {
            assert_eq!(escape(name).as_deref(), Some(escaped));
            assert_eq!(unescape(escaped).as_deref(), Some(name));
        }
        assert_eq!((escape("1a"), escape("a b"), unescape("a__nope__")), (None, None, None));
    }
}
