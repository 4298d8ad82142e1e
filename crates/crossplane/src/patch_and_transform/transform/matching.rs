//! `match`: the first pattern that fits a string decides what comes out.

use plimsoll_gotemplate::regex::Regex;
use serde_json::Value;

use super::super::input::{MatchPattern, MatchTransform};
use crate::field_path::go_type;
use crate::number::with_float_numbers;

pub(super) fn resolve(matching: &MatchTransform, input: Value) -> Result<Value, String> {
    for (index, pattern) in matching.patterns.iter().enumerate() {
        let fits = matches(pattern, &input)
            .map_err(|error| format!("cannot match pattern at index {index}: {error}"))?;
        if fits {
            return Ok(pattern
                .result
                .as_ref()
                .map_or(Value::Null, |value| with_float_numbers(value.clone())));
        }
    }
    if matching.fallback_to == "Input" {
        if matching.fallback_value.is_some() {
            return Err("cannot set both a fallback value and the fallback to input flag".to_owned());
        }
        return Ok(input);
    }
    Ok(matching.fallback_value.as_ref().map_or(Value::Null, |value| with_float_numbers(value.clone())))
}

fn matches(pattern: &MatchPattern, input: &Value) -> Result<bool, String> {
    let unsupported = |go_type: &str| format!("unsupported input type '{go_type}'");
    match pattern.kind.as_str() {
        "literal" => {
            let literal = pattern.literal.as_ref().ok_or("literal is required by type literal")?;
            let text = input.as_str().ok_or_else(|| unsupported(go_type(input)))?;
            Ok(text == literal)
        }
        "regexp" => {
            let expression = pattern.regexp.as_ref().ok_or("regexp is required by type regexp")?;
            let regex = Regex::new(expression.as_bytes())
                .map_err(|error| format!("cannot compile regexp: {error}"))?;
            if input.is_null() {
                return Err(unsupported("null"));
            }
            let text = input.as_str().ok_or_else(|| unsupported(go_type(input)))?;
            Ok(regex.is_match(text.as_bytes()))
        }
        unknown => Err(format!("unsupported pattern type '{unknown}'")),
    }
}
