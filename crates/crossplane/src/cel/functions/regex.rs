//! Patterns: `matches`, `find` and `findAll`. A pattern is compiled once for an evaluation.

use std::collections::HashMap;

use plimsoll_gotemplate::regex::Regex;

use super::super::error::Failure;
use super::super::value::Value;
use super::Outcome;

/// The patterns that were compiled.
#[derive(Default)]
pub(crate) struct Patterns {
    compiled: HashMap<String, Result<Regex, String>>,
}

impl Patterns {
    fn get(&mut self, pattern: &str) -> Result<&Regex, String> {
        let compiled = self
            .compiled
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(pattern.as_bytes()).map_err(|error| error.to_string()));
        compiled.as_ref().map_err(Clone::clone)
    }
}

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>], patterns: &mut Patterns) -> Option<Outcome<'d>> {
    let [Value::String(text), Value::String(pattern), rest @ ..] = arguments else { return None };
    let pattern = match name {
        "matches" => patterns.get(pattern).map_err(Failure::new),
        "find" | "findAll" => {
            patterns.get(pattern).map_err(|error| Failure::new(format!("Illegal regex: {error}")))
        }
        _ => return None,
    };
    let pattern = match pattern {
        Ok(pattern) => pattern,
        Err(failure) => return Some(Err(failure)),
    };
    let found = |bytes: &[u8]| Value::string(String::from_utf8_lossy(bytes).into_owned());
    Some(Ok(match (name, rest) {
        ("matches", []) => Value::Bool(pattern.is_match(text.as_bytes())),
        ("find", []) => found(pattern.find(text.as_bytes()).unwrap_or_default()),
        ("findAll", []) => {
            Value::list(pattern.find_all(text.as_bytes(), None).into_iter().map(found).collect())
        }
        ("findAll", [Value::Int(limit)]) => {
            let limit = usize::try_from(*limit).ok();
            Value::list(pattern.find_all(text.as_bytes(), limit).into_iter().map(found).collect())
        }
        _ => return None,
    }))
}
