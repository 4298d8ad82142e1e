//! Arithmetic, comparison, membership and access.

use std::cmp::Ordering;

use super::super::error::Failure;
use super::super::value::Value;
use super::{Outcome, time};

pub(super) fn call<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("!_", [Value::Bool(value)]) => Ok(Value::Bool(!value)),
        ("-_", [Value::Int(value)]) => whole(value.checked_neg()),
        ("-_", [Value::Double(value)]) => Ok(Value::Double(-value)),
        ("_==_", [one, other]) => one.equals(other).map(Value::Bool),
        ("_!=_", [one, other]) => one.equals(other).map(|equal| Value::Bool(!equal)),
        ("_<_" | "_<=_" | "_>_" | "_>=_", [one, other]) => order(name, one, other),
        ("@in", [item, Value::List(list)]) => contains(list.iter(), item),
        ("@in", [key, Value::Map(map)]) => match map.get(key).transpose() {
            Ok(found) => Ok(Value::Bool(found.is_some())),
            Err(failure) => Err(failure),
        },
        ("_[_]", [container, index]) => access(container, index),
        ("_[?_]", [container, index]) => match container {
            Value::Optional(None) => Ok(Value::Optional(None)),
            container => match access(container, index) {
                Ok(Value::Optional(inside)) => Ok(Value::Optional(inside)),
                Ok(value) => Ok(Value::some(value)),
                Err(failure) if is_absence(&failure) => Ok(Value::Optional(None)),
                Err(failure) => Err(failure),
            },
        },
        ("_+_", [one, other]) => add(one, other),
        ("_-_", [one, other]) => subtract(one, other),
        ("_*_", [one, other]) => match (one, other) {
            (Value::Int(one), Value::Int(other)) => whole(one.checked_mul(*other)),
            (Value::Uint(one), Value::Uint(other)) => unsigned(one.checked_mul(*other)),
            (Value::Double(one), Value::Double(other)) => Ok(Value::Double(one * other)),
            _ => Err(Failure::no_such_overload()),
        },
        ("_/_", [one, other]) => match (one, other) {
            (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
                Err(Failure::new("division by zero"))
            }
            (Value::Int(one), Value::Int(other)) => whole(one.checked_div(*other)),
            (Value::Uint(one), Value::Uint(other)) => unsigned(one.checked_div(*other)),
            (Value::Double(one), Value::Double(other)) => Ok(Value::Double(one / other)),
            _ => Err(Failure::no_such_overload()),
        },
        ("_%_", [one, other]) => match (one, other) {
            (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
                Err(Failure::new("modulus by zero"))
            }
            (Value::Int(one), Value::Int(other)) => whole(one.checked_rem(*other)),
            (Value::Uint(one), Value::Uint(other)) => unsigned(one.checked_rem(*other)),
            _ => Err(Failure::no_such_overload()),
        },
        ("size", [value]) => size(value),
        _ => return None,
    })
}

fn whole<'d>(result: Option<i64>) -> Outcome<'d> {
    result.map(Value::Int).ok_or_else(|| Failure::new("integer overflow"))
}

fn unsigned<'d>(result: Option<u64>) -> Outcome<'d> {
    result.map(Value::Uint).ok_or_else(|| Failure::new("unsigned integer overflow"))
}

fn size<'d>(value: &Value<'d>) -> Outcome<'d> {
    let size = match value {
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        _ => return Err(Failure::new("no such overload: size")),
    };
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

fn order<'d>(name: &str, one: &Value<'d>, other: &Value<'d>) -> Outcome<'d> {
    let Some(ordering) = one.compare(other) else {
        let is_nan = |value: &Value<'d>| matches!(value, Value::Double(number) if number.is_nan());
        return Err(match is_nan(one) || is_nan(other) {
            true => Failure::new("NaN values cannot be ordered"),
            false => Failure::no_such_overload(),
        });
    };
    Ok(Value::Bool(match name {
        "_<_" => ordering == Ordering::Less,
        "_<=_" => ordering != Ordering::Greater,
        "_>_" => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    }))
}

/// An element that cannot be compared counts only where no other is equal.
fn contains<'d>(items: impl Iterator<Item = Outcome<'d>>, wanted: &Value<'d>) -> Outcome<'d> {
    let mut failure = None;
    for item in items {
        match item.and_then(|item| item.equals(wanted)) {
            Ok(true) => return Ok(Value::Bool(true)),
            Ok(false) => {}
            Err(found) => {
                failure.get_or_insert(found);
            }
        }
    }
    failure.map_or(Ok(Value::Bool(false)), Err)
}

fn is_absence(failure: &Failure) -> bool {
    failure.message.starts_with("no such key") || failure.message.starts_with("index out of bounds")
}

fn access<'d>(container: &Value<'d>, index: &Value<'d>) -> Outcome<'d> {
    match container {
        Value::List(list) => {
            let number = match index {
                Value::Int(number) => usize::try_from(*number).ok(),
                Value::Uint(number) => usize::try_from(*number).ok(),
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole and not negative"
                )]
                Value::Double(number) if number.trunc() == *number && *number >= 0.0 => {
                    Some(*number as usize)
                }
                _ => {
                    return Err(Failure::new(format!(
                        "unsupported index type '{}' in list",
                        index.type_name()
                    )));
                }
            };
            number
                .and_then(|number| list.get(number))
                .unwrap_or_else(|| Err(Failure::new(format!("index out of bounds: {}", index.printed()))))
        }
        Value::Map(map) => {
            map.get(index).unwrap_or_else(|| Err(Failure::new(format!("no such key: {}", index.printed()))))
        }
        Value::Optional(None) => Ok(Value::Optional(None)),
        Value::Optional(Some(inside)) => match access(inside, index) {
            Ok(value) => Ok(Value::some(value)),
            Err(failure) if is_absence(&failure) => Ok(Value::Optional(None)),
            Err(failure) => Err(failure),
        },
        _ => Err(Failure::new(format!("no such key: {}", index.printed()))),
    }
}

fn add<'d>(one: &Value<'d>, other: &Value<'d>) -> Outcome<'d> {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => whole(one.checked_add(*other)),
        (Value::Uint(one), Value::Uint(other)) => unsigned(one.checked_add(*other)),
        (Value::Double(one), Value::Double(other)) => Ok(Value::Double(one + other)),
        (Value::String(one), Value::String(other)) => Ok(Value::string(format!("{one}{other}"))),
        (Value::Bytes(one), Value::Bytes(other)) => {
            Ok(Value::Bytes([one.as_ref(), other.as_ref()].concat().into()))
        }
        (Value::List(one), Value::List(other)) => one.join(other),
        (Value::Duration(one), Value::Duration(other)) => {
            one.checked_add(*other).map(Value::Duration).ok_or_else(|| Failure::new("duration overflow"))
        }
        (Value::Timestamp(time), Value::Duration(length))
        | (Value::Duration(length), Value::Timestamp(time)) => time::timestamp(time + i128::from(*length)),
        _ => Err(Failure::no_such_overload()),
    }
}

fn subtract<'d>(one: &Value<'d>, other: &Value<'d>) -> Outcome<'d> {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => whole(one.checked_sub(*other)),
        (Value::Uint(one), Value::Uint(other)) => unsigned(one.checked_sub(*other)),
        (Value::Double(one), Value::Double(other)) => Ok(Value::Double(one - other)),
        (Value::Duration(one), Value::Duration(other)) => {
            one.checked_sub(*other).map(Value::Duration).ok_or_else(|| Failure::new("duration overflow"))
        }
        (Value::Timestamp(time), Value::Duration(length)) => time::timestamp(time - i128::from(*length)),
        (Value::Timestamp(one), Value::Timestamp(other)) => {
            i64::try_from(one - other).map(Value::Duration).map_err(|_| Failure::new("duration overflow"))
        }
        _ => Err(Failure::no_such_overload()),
    }
}
