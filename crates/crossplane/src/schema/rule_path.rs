//! The `fieldPath` of a rule: where in the object of the rule its error is.
//!
//! Follows `ValidFieldPath` of k8s.io/apiextensions-apiserver `pkg/apiserver/schema/cel/validation.go` v0.35: names after points or in
//! `['...']`, each of which the schema must know.

use serde_json::Value;

/// The path as errors print it; `None` for an empty one and for one that does not fit the schema.
pub(super) fn rule_path(text: &str, schema: &Value) -> Option<String> {
    let mut schema = schema;
    let mut path = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let name = if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = quoted(after)?;
            rest = after.strip_prefix(']')?;
            name
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            rest = after;
            name.to_owned()
        };
        if name.is_empty() {
            return None;
        }
        if let Some(additional) =
            schema.get("additionalProperties").filter(|additional| additional.is_object())
        {
            path = format!("{path}[{name}]");
            schema = additional;
        } else {
            schema = schema.get("properties")?.get(&name)?;
            path = if path.is_empty() { name } else { format!("{path}.{name}") };
        }
    }
    (!path.is_empty()).then_some(path)
}

/// What is before the closing quotation mark, and what is behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' => return Some((name, &text[at + 1..])),
            '\\' => name.push(match characters.next()?.1 {
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\u{b}',
                same @ ('\'' | '\\') => same,
                _ => return None,
            }),
            other => name.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_must_fit_the_schema() {
        let schema =
            json!({"properties": {"a": {"properties": {"b.c": {}}}, "m": {"additionalProperties": {}}}});
        assert_eq!(rule_path(".a['b.c']", &schema).as_deref(), Some("a.b.c"));
        assert_eq!(rule_path(".m['k']", &schema).as_deref(), Some("m[k]"));
        for wrong in ["", "a", ".x", ".a.", ".a['b", ".a[0]"] {
            assert_eq!(rule_path(wrong, &schema), None, "{wrong}");
        }
    }
}
