//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`.
//!
//! Signed and unsigned numbers compare with each other, whole ones and floats do not.

use std::cmp::Ordering;

use crate::printing::{sprint, sprintf};
use crate::{Data, Error, Function, Signature, Value, types};

pub(super) fn functions() -> Vec<Function> {
    const PAIR: Signature = Signature::new(&[types::REFLECT, types::REFLECT], types::BOOL);
    let several = Signature::variadic(&[types::REFLECT, types::REFLECT], types::BOOL);
    let pair = |name, compare: fn(&Value, &Value) -> Result<bool, Error>| {
        Function::new(name, PAIR, move |_, arguments| match arguments {
            [one, other] => compare(one, other).map(Value::from),
            _ => Err(missing_argument()),
        })
    };
    vec![
        Function::new("eq", several, |_, arguments| {
            let (one, others) = arguments.split_first().unwrap_or((&Value::NIL, &[]));
            if others.is_empty() {
                return Err(missing_argument());
            }
            for other in others {
                if equal(one, other)? {
                    return Ok(Value::from(true));
                }
            }
            Ok(Value::from(false))
        }),
        pair("ne", |one, other| equal(one, other).map(|equal| !equal)),
        pair("lt", less),
        pair("le", less_or_equal),
        pair("gt", |one, other| less_or_equal(one, other).map(|less| !less)),
        pair("ge", |one, other| less(one, other).map(|less| !less)),
    ]
}

fn missing_argument() -> Error {
    Error::message("missing argument for comparison")
}

/// What a value is compared as.
enum Basic<'v> {
    Bool(bool),
    Complex(f64, f64),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    String(&'v [u8]),
}

fn basic(value: &Value) -> Option<Basic<'_>> {
    match value.data() {
        Data::Bool(value) => Some(Basic::Bool(*value)),
        Data::Complex128(real, imaginary) => Some(Basic::Complex(*real, *imaginary)),
        Data::Float64(number) => Some(Basic::Float(*number)),
        Data::String(text) => Some(Basic::String(text.as_bytes())),
        _ => value.integer().map(Basic::Signed).or_else(|| value.unsigned().map(Basic::Unsigned)),
    }
}

fn incompatible(one: &Value, other: &Value) -> Error {
    let (one, other) = (one.type_name(), other.type_name());
    Error::message(format!("incompatible types for comparison: {one} and {other}"))
}

fn mixed(signed: i64, unsigned: u64) -> Ordering {
    u64::try_from(signed).map_or(Ordering::Less, |signed| signed.cmp(&unsigned))
}

#[expect(clippy::float_cmp, reason = "Go's == on floats")]
fn equal(one: &Value, other: &Value) -> Result<bool, Error> {
    match (basic(one), basic(other)) {
        (Some(Basic::Bool(one)), Some(Basic::Bool(other))) => Ok(one == other),
        (Some(Basic::Complex(a, b)), Some(Basic::Complex(c, d))) => Ok(a == c && b == d),
        (Some(Basic::Float(one)), Some(Basic::Float(other))) => Ok(one == other),
        (Some(Basic::Signed(one)), Some(Basic::Signed(other))) => Ok(one == other),
        (Some(Basic::Unsigned(one)), Some(Basic::Unsigned(other))) => Ok(one == other),
        (Some(Basic::String(one)), Some(Basic::String(other))) => Ok(one == other),
        (Some(Basic::Signed(signed)), Some(Basic::Unsigned(unsigned)))
        | (Some(Basic::Unsigned(unsigned)), Some(Basic::Signed(signed))) => {
            Ok(mixed(signed, unsigned).is_eq())
        }
        (None, None) => equal_others(one, other),
        _ if one.is_nil() || other.is_nil() => Ok(false),
        _ => Err(incompatible(one, other)),
    }
}

/// Compares values which are neither numbers nor strings nor booleans.
fn equal_others(one: &Value, other: &Value) -> Result<bool, Error> {
    let is_nil = |value: &Value| match value.data() {
        Data::Nil => true,
        Data::List(list) => list.is_nil(),
        Data::Map(map) => map.is_nil(),
        _ => false,
    };
    if one.kind() != other.kind() && !one.is_nil() && !other.is_nil() {
        let (left, right) =
            (sprintf(b"%s", std::slice::from_ref(one))?, sprint(std::slice::from_ref(other))?);
        let (one, other) = (one.type_name(), other.type_name());
        let (left, right) = (left.to_text(), right.to_text());
        return Err(Error::message(format!("non-comparable types {left}: {one}, {other}: {right}")));
    }
    if is_nil(one) || is_nil(other) {
        return Ok(is_nil(one) == is_nil(other));
    }
    match (one.data(), other.data()) {
        (Data::Object(left), Data::Object(right)) => Ok(left.equals(right.as_ref())),
        _ => {
            let shown = sprintf(b"%s", std::slice::from_ref(other))?;
            let name = other.type_name();
            Err(Error::message(format!("non-comparable type {}: {name}", shown.to_text())))
        }
    }
}

fn less(one: &Value, other: &Value) -> Result<bool, Error> {
    let invalid = || Error::message("invalid type for comparison");
    let (left, right) = (basic(one).ok_or_else(invalid)?, basic(other).ok_or_else(invalid)?);
    match (left, right) {
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..)) => Err(invalid()),
        (Basic::Float(one), Basic::Float(other)) => Ok(one < other),
        (Basic::Signed(one), Basic::Signed(other)) => Ok(one < other),
        (Basic::Unsigned(one), Basic::Unsigned(other)) => Ok(one < other),
        (Basic::String(one), Basic::String(other)) => Ok(one < other),
        (Basic::Signed(signed), Basic::Unsigned(unsigned)) => Ok(mixed(signed, unsigned).is_lt()),
        (Basic::Unsigned(unsigned), Basic::Signed(signed)) => Ok(mixed(signed, unsigned).is_gt()),
        _ => Err(incompatible(one, other)),
    }
}

fn less_or_equal(one: &Value, other: &Value) -> Result<bool, Error> {
    Ok(less(one, other)? || equal(one, other)?)
}
