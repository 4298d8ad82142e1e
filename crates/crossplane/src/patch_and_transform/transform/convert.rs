//! `convert`: another type for a value.

use plimsoll_gotemplate::quote::quote;
use serde_json::Value;

use super::super::input::ConvertTransform;
use super::super::validate::validate_convert;
use super::math::truncate;
use crate::field_path::go_type;
use crate::number::with_float_numbers;
use crate::quantity::Quantity;

pub(super) fn resolve(convert: &ConvertTransform, input: Value) -> Result<Value, String> {
    validate_convert(convert).map_err(|error| error.to_string())?;
    converted(convert, input)
}

/// Converts by what may not be valid: a format does not matter where the type is the same.
pub(in super::super) fn converted(convert: &ConvertTransform, input: Value) -> Result<Value, String> {
    let from = match go_type(&input) {
        from @ ("string" | "bool" | "int64" | "float64") => from,
        other => return Err(format!("invalid input type {other}")),
    };
    let to = if convert.to_type == "int" { "int64" } else { &convert.to_type };
    let format = convert.format.as_deref().unwrap_or("none");
    if from == to {
        return Ok(input);
    }
    let unsupported = || format!("conversion from {from} to {to} is not supported with format {format}");
    match (&input, to, format) {
        (Value::String(text), "int64", "none") => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| number_error("ParseInt", text, is_long_integer(text))),
        (Value::String(text), "bool", "none") => match text.as_str() {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Value::Bool(false)),
            _ => Err(number_error("ParseBool", text, false)),
        },
        (Value::String(text), "float64", "none") => parse_float(text),
        (Value::String(text), "float64", "quantity") => {
            Quantity::parse(text).map(|quantity| quantity.to_float().into())
        }
        (Value::String(text), "object", "json") => {
            from_json(text, "map[string]interface {}", Value::is_object)
        }
        (Value::String(text), "array", "json") => from_json(text, "[]interface {}", Value::is_array),
        (Value::Number(number), _, "none") => {
            match (number.as_i64(), number.as_f64().unwrap_or_default(), to) {
                (Some(whole), _, "string") => Ok(whole.to_string().into()),
                (Some(whole), _, "bool") => Ok((whole == 1).into()),
                #[expect(clippy::float_cmp, reason = "the original asks for exactly one")]
                (None, float, "bool") => Ok((float == 1.0).into()),
                (Some(_), float, "float64") => Ok(float.into()),
                (None, float, "string") => Ok(float.to_string().into()),
                (None, float, "int64") => Ok(truncate(float).into()),
                _ => Err(unsupported()),
            }
        }
        (Value::Bool(value), "string", "none") => Ok(value.to_string().into()),
        (Value::Bool(value), "int64", "none") => Ok(i64::from(*value).into()),
        (Value::Bool(value), "float64", "none") => Ok(f64::from(u8::from(*value)).into()),
        _ => Err(unsupported()),
    }
}

fn number_error(function: &str, text: &str, is_too_large: bool) -> String {
    let reason = if is_too_large { "value out of range" } else { "invalid syntax" };
    format!("strconv.{function}: parsing {}: {reason}", quote(text.as_bytes()))
}

fn is_long_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_float(text: &str) -> Result<Value, String> {
    let is_decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match text.parse::<f64>() {
        Ok(float) if is_decimal && float.is_finite() => Ok(float.into()),
        Ok(_) if is_decimal => Err(number_error("ParseFloat", text, true)),
        _ => Err(number_error("ParseFloat", text, false)),
    }
}

fn from_json(text: &str, go_type: &str, fits: fn(&Value) -> bool) -> Result<Value, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            "unexpected end of JSON input".to_owned()
        } else {
            let character = text.chars().nth(error.column().saturating_sub(1)).unwrap_or_default();
            format!("invalid character {} looking for beginning of value", quote_character(character))
        }
    })?;
    if value.is_null() || fits(&value) {
        return Ok(with_float_numbers(value));
    }
    let json_type = match value {
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        _ => "object",
    };
    Err(format!("json: cannot unmarshal {json_type} into Go value of type {go_type}"))
}

fn quote_character(character: char) -> String {
    format!("{character:?}")
}
