//! Conversions between types.

use std::rc::Rc;

use super::super::error::Failure;
use super::super::value::Value;
use super::{Outcome, network, time};
use crate::schema::go_number;

pub(crate) fn call<'d>(name: &str, is_member: bool, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    let [value] = arguments else { return None };
    if is_member {
        return None;
    }
    Some(match name {
        "dyn" => Ok(value.clone()),
        "type" => Ok(Value::Type(Rc::from(value.type_name()))),
        "int" => to_int(value),
        "uint" => to_uint(value),
        "double" => to_double(value),
        "string" => to_text(value),
        "bool" => match value {
            Value::Bool(_) => Ok(value.clone()),
            Value::String(text) => match text.as_ref() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
                _ => Err(not_convertible(value, "bool")),
            },
            _ => Err(not_convertible(value, "bool")),
        },
        "bytes" => match value {
            Value::Bytes(_) => Ok(value.clone()),
            Value::String(text) => Ok(Value::Bytes(text.as_bytes().into())),
            _ => Err(not_convertible(value, "bytes")),
        },
        "duration" => match value {
            Value::Duration(_) => Ok(value.clone()),
            Value::Int(number) => Ok(Value::Duration(*number)),
            Value::String(text) => time::parse_duration(text)
                .map(Value::Duration)
                .map_err(|()| not_convertible(value, "google.protobuf.Duration")),
            _ => Err(not_convertible(value, "google.protobuf.Duration")),
        },
        "timestamp" => match value {
            Value::Timestamp(_) => Ok(value.clone()),
            Value::Int(seconds) => time::timestamp(i128::from(*seconds) * time::NANOSECONDS),
            Value::String(text) => time::parse_timestamp(text)
                .map(Value::Timestamp)
                .map_err(|()| not_convertible(value, "google.protobuf.Timestamp")),
            _ => Err(not_convertible(value, "google.protobuf.Timestamp")),
        },
        _ => return None,
    })
}

fn not_convertible(value: &Value<'_>, wanted: &str) -> Failure {
    Failure::new(format!("type conversion error from '{}' to '{wanted}'", value.type_name()))
}

fn to_int<'d>(value: &Value<'d>) -> Outcome<'d> {
    let overflow = || Failure::new("integer overflow");
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Uint(number) => i64::try_from(*number).map(Value::Int).map_err(|_| overflow()),
        Value::Double(number) => {
            const LIMIT: f64 = 9_223_372_036_854_775_808.0;
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            let whole = (-LIMIT < *number && *number < LIMIT).then_some(*number as i64);
            whole.map(Value::Int).ok_or_else(overflow)
        }
        Value::String(text) => text.parse().map(Value::Int).map_err(|_| not_convertible(value, "int")),
        Value::Timestamp(time) => {
            i64::try_from(time.div_euclid(time::NANOSECONDS)).map(Value::Int).map_err(|_| overflow())
        }
        Value::Duration(length) => Ok(Value::Int(*length)),
        _ => Err(not_convertible(value, "int")),
    }
}

fn to_uint<'d>(value: &Value<'d>) -> Outcome<'d> {
    let overflow = || Failure::new("unsigned integer overflow");
    match value {
        Value::Uint(_) => Ok(value.clone()),
        Value::Int(number) => u64::try_from(*number).map(Value::Uint).map_err(|_| overflow()),
        Value::Double(number) => {
            const LIMIT: f64 = 18_446_744_073_709_551_616.0;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range is checked"
            )]
            let whole = (0.0..LIMIT).contains(number).then_some(*number as u64);
            whole.map(Value::Uint).ok_or_else(overflow)
        }
        Value::String(text) => text.parse().map(Value::Uint).map_err(|_| not_convertible(value, "uint")),
        _ => Err(not_convertible(value, "uint")),
    }
}

fn to_double<'d>(value: &Value<'d>) -> Outcome<'d> {
    #[expect(clippy::cast_precision_loss, reason = "upstream takes the nearest float")]
    match value {
        Value::Double(_) => Ok(value.clone()),
        Value::Int(number) => Ok(Value::Double(*number as f64)),
        Value::Uint(number) => Ok(Value::Double(*number as f64)),
        Value::String(text) => text.parse().map(Value::Double).map_err(|_| not_convertible(value, "double")),
        _ => Err(not_convertible(value, "double")),
    }
}

fn to_text<'d>(value: &Value<'d>) -> Outcome<'d> {
    Ok(Value::string(match value {
        Value::String(_) => return Ok(value.clone()),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Uint(number) => number.to_string(),
        Value::Double(number) => double_text(*number),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => return Err(Failure::new("invalid UTF-8 in bytes, cannot convert to string")),
        },
        Value::Duration(length) => time::seconds_text(*length),
        Value::Timestamp(time) => time::timestamp_text(*time),
        Value::Ip(address) => network::ip_text(address),
        Value::Cidr(address, length) => format!("{}/{length}", network::ip_text(address)),
        _ => return Err(not_convertible(value, "string")),
    }))
}

/// A float as Go's shortest form has it.
pub(crate) fn double_text(number: f64) -> String {
    match number {
        number if number.is_nan() => "NaN".to_owned(),
        number if number.is_infinite() => if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
        number => go_number(&serde_json::json!(number)),
    }
}
