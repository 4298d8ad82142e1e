//! `--set-literal`: everything after the first `=` is the value, as it stands.
//!
//! Grammar and error texts are those of Helm 3.21.4's literal parser, which 4.2.4 shares. There are no escapes and no
//! lists; only one setting fits into an argument.

use plimsoll_gotemplate::Profile;
use serde_json::{Map, Value};

use crate::set_flags::{check_level, parse_index, place, quoted, wrong_type};

/// Reads one setting over the values that are already there.
pub fn set_literal(text: &str, profile: Profile, values: &mut Map<String, Value>) -> Result<(), String> {
    match if text.is_empty() { Ok(()) } else { key(text, values, 0) } {
        // Helm 4 takes the wrapped end for the end itself, and so for success.
        Err(message) if profile == Profile::V4 && message == UNENDED_INDEX => Ok(()),
        outcome => outcome,
    }
}

const UNENDED_INDEX: &str = "error parsing index: EOF";

/// The text before one of the stops, the stop, and what follows it.
fn split<'a>(text: &'a str, stops: &[char]) -> (&'a str, Option<char>, &'a str) {
    match text.find(stops) {
        None => (text, None, ""),
        Some(at) => {
            let (before, rest) = text.split_at(at);
            let mut characters = rest.chars();
            let stop = characters.next();
            (before, stop, characters.as_str())
        }
    }
}

fn key(text: &str, data: &mut Map<String, Value>, level: usize) -> Result<(), String> {
    let (key, stop, rest) = split(text, &['=', '[', '.']);
    match stop {
        None if key.is_empty() => Ok(()),
        None => Err(format!("key {} has no value", quoted(key))),
        Some('=') => {
            put(data, key, Value::from(rest));
            Ok(())
        }
        Some('.') => {
            check_level(level + 1)?;
            let mut inner = match data.get(key) {
                None => Map::new(),
                Some(Value::Object(entries)) => entries.clone(),
                Some(other) => return Err(wrong_type(other, "map[string]interface {}")),
            };
            self::key(rest, &mut inner, level + 1)?;
            if inner.is_empty() {
                // Nothing behind the dot: Helm reads to the end without a word.
                return if rest.is_empty() {
                    Ok(())
                } else {
                    Err(format!("key map {} has no value", quoted(key)))
                };
            }
            put(data, key, Value::Object(inner));
            Ok(())
        }
        Some(_) => {
            let (index, rest) = index(rest)?;
            let list = match data.get(key) {
                None => Vec::new(),
                Some(Value::Array(items)) => items.clone(),
                Some(other) => return Err(wrong_type(other, "[]interface {}")),
            };
            let list = item(rest, list, index, level)?;
            put(data, key, Value::Array(list));
            Ok(())
        }
    }
}

fn index(text: &str) -> Result<(i64, &str), String> {
    match text.split_once(']') {
        None => Err(UNENDED_INDEX.to_owned()),
        Some((digits, rest)) => Ok((parse_index(digits)?, rest)),
    }
}

fn item(text: &str, list: Vec<Value>, at: i64, level: usize) -> Result<Vec<Value>, String> {
    if at < 0 {
        return Err(format!("negative {at} index not allowed"));
    }
    let (unexpected, stop, rest) = split(text, &['[', '.', '=']);
    if !unexpected.is_empty() {
        return Err(format!("unexpected data at end of array index: {}", quoted(unexpected)));
    }
    let existing = usize::try_from(at).ok().and_then(|at| list.get(at));
    let value = match stop {
        None => return Ok(list),
        Some('=') => Value::from(rest),
        Some('.') => {
            let mut inner = match existing {
                Some(Value::Object(entries)) => entries.clone(),
                _ => Map::new(),
            };
            key(rest, &mut inner, level)?;
            Value::Object(inner)
        }
        Some(_) => {
            let (next, rest) = index(rest)?;
            let inner = match existing {
                None | Some(Value::Null) => Vec::new(),
                Some(Value::Array(items)) => items.clone(),
                Some(other) => return Err(wrong_type(other, "[]interface {}")),
            };
            Value::Array(item(rest, inner, next, level)?)
        }
    };
    let (list, placed) = place(list, at, value);
    placed.map(|()| list)
}

fn put(data: &mut Map<String, Value>, key: &str, value: Value) {
    if !key.is_empty() {
        data.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_value_is_taken_as_it_stands() {
        let mut values = Map::new();
        assert_eq!(set_literal(r"a.b[1].c=x,y={1}\", Profile::V3, &mut values), Ok(()));
        assert_eq!(Value::Object(values), json!({"a": {"b": [null, {"c": r"x,y={1}\"}]}}));
    }

    #[test]
    fn mistakes_are_told_in_helms_words() {
        let refused = |text: &str| set_literal(text, Profile::V3, &mut Map::new()).err().unwrap_or_default();
        assert_eq!(refused("a"), "key \"a\" has no value");
        assert_eq!(refused("a[x]=1"), "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax");
        assert_eq!(refused("a[0]b=1"), "unexpected data at end of array index: \"b\"");
    }
}
