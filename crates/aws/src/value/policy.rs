//! One spelling for all IAM policies that mean the same by their form.
//!
//! Not told apart: the order of statements and lists, one string or a list of it, `*` and `{"AWS": "*"}`, an account's number and
//! its root ARN, the case of actions and of condition keys, booleans and their texts, percent-encoding. Kept: wildcards, ids,
//! everything else. Two policies that grant the same in different words are different, since someone changed the words.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::form::text_of;

/// The canonical form of a policy document, or `None` where the text is none.
pub(crate) fn canonical_policy(text: &str, partition: &str) -> Option<String> {
    let decoded = decode(text);
    let document: Value = serde_json::from_str(decoded.trim()).ok()?;
    let mut canonical = Map::new();
    canonical.insert("Version".to_owned(), Value::from("2008-10-17"));
    for (key, value) in document.as_object()? {
        if key == "Statement" {
            let mut statements: Vec<Value> =
                items(value).iter().map(|statement| statement_of(statement, partition)).collect();
            statements.sort_by_cached_key(Value::to_string);
            canonical.insert(key.clone(), Value::Array(statements));
        } else {
            canonical.insert(key.clone(), value.clone());
        }
    }
    Some(Value::Object(canonical).to_string())
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn statement_of(statement: &Value, partition: &str) -> Value {
    let Some(members) = statement.as_object() else { return statement.clone() };
    let parts = members.iter().filter_map(|(key, value)| {
        let value = match key.as_str() {
            "Action" | "NotAction" => set_of(value, &|text| text.to_lowercase()),
            "Resource" | "NotResource" => set_of(value, &str::to_owned),
            "Principal" | "NotPrincipal" => principal_of(value, partition),
            "Condition" => condition_of(value)?,
            "Sid" if value.as_str() == Some("") => return None,
            _ => value.clone(),
        };
        Some((key.clone(), value))
    });
    Value::Object(parts.collect())
}

fn set_of(value: &Value, spell: &dyn Fn(&str) -> String) -> Value {
    let mut texts: Vec<String> = items(value).iter().map(|item| spell(&text_of(item))).collect();
    texts.sort();
    texts.dedup();
    Value::from(texts)
}

fn principal_of(value: &Value, partition: &str) -> Value {
    let everybody = Value::Object([("AWS".to_owned(), Value::from("*"))].into_iter().collect());
    let value = if value.as_str() == Some("*") { &everybody } else { value };
    let Some(kinds) = value.as_object() else { return value.clone() };
    let spell = |text: &str| {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_account { format!("arn:{partition}:iam::{text}:root") } else { text.to_owned() }
    };
    Value::Object(
        kinds
            .iter()
            .map(|(kind, names)| {
                let canonical =
                    if kind == "AWS" { set_of(names, &spell) } else { set_of(names, &str::to_owned) };
                (kind.clone(), canonical)
            })
            .collect(),
    )
}

fn condition_of(value: &Value) -> Option<Value> {
    let Some(operators) = value.as_object() else { return Some(value.clone()) };
    if operators.is_empty() {
        return None;
    }
    let operators = operators.iter().map(|(operator, keys)| {
        let keys = match keys.as_object() {
            Some(keys) => Value::Object(
                keys.iter()
                    .map(|(key, values)| (key.to_lowercase(), set_of(values, &str::to_owned)))
                    .collect(),
            ),
            None => keys.clone(),
        };
        (operator.clone(), keys)
    });
    Some(Value::Object(operators.collect()))
}

/// A document as IAM puts it on the wire, percent-encoded, or as it is.
pub(crate) fn decode(text: &str) -> String {
    if !text.trim_start().starts_with("%7B") {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        match (byte, ahead.next().and_then(digit), ahead.next().and_then(digit)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut shown = String::new();
        let _ = write!(shown, "{}", String::from_utf8_lossy(error.as_bytes()));
        shown
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::canonical_policy;

    fn same(one: &str, other: &str) -> bool {
        let (one, other) = (canonical_policy(one, "aws"), canonical_policy(other, "aws"));
        one.is_some() && one == other
    }

    #[test]
    fn spellings_of_one_policy_are_the_same() {
        assert!(same(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"*"},
               {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"a","Condition":{"Bool":{"aws:SecureTransport":false}}}]}"#,
            r#"{"Statement":[{"Condition":{"Bool":{"aws:securetransport":["false"]}},"Resource":["a"],"Action":["s3:*"],
               "Principal":{"AWS":["*"]},"Effect":"Deny"},{"Effect":"Allow","Action":["s3:getobject","s3:PutObject"],"Resource":["*"]}],
               "Version":"2012-10-17"}"#,
        ));
        assert!(same(
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#,
            "%7B%22Version%22%3A%222008-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A\
             %22arn%3Aaws%3Aiam%3A%3A111122223333%3Aroot%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D",
        ));
    }

    #[test]
    fn another_policy_is_not() {
        let allow = |action: &str, resource: &str| {
            format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#)
        };
        assert!(!same(&allow("s3:Get*", "a"), &allow("s3:GetObject", "a")));
        assert!(!same(&allow("s3:*", "a"), &allow("s3:*", "*")));
        assert!(!same(&allow("s3:*", "Bucket"), &allow("s3:*", "bucket")));
        assert!(canonical_policy("<html/>", "aws").is_none());
        assert!(canonical_policy("[]", "aws").is_none());
    }
}
