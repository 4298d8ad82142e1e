//! The functions of rules: operators and the libraries that Kubernetes enables.
//!
//! Of Kubernetes' libraries, `authorizer` is declared and has no meaning: no rule of a definition is given one.

pub(super) mod conversion;
pub(super) mod cost;
pub(super) mod format;
mod lists;
mod network;
mod operators;
mod quantity;
mod regex;
mod semver;
pub(super) mod strings;
pub(super) mod time;
pub(super) mod url;

use super::error::Failure;
use super::value::{List, Value};

pub(super) use regex::Patterns;

type Outcome<'d> = Result<Value<'d>, Failure>;

/// Calls a function; the receiver is the first argument.
pub(super) fn call<'d>(
    name: &str,
    is_member: bool,
    arguments: &[Value<'d>],
    patterns: &mut Patterns,
) -> Outcome<'d> {
    let found = operators::call(name, arguments)
        .or_else(|| conversion::call(name, is_member, arguments))
        .or_else(|| regex::call(name, arguments, patterns))
        .or_else(|| strings::call(name, arguments))
        .or_else(|| lists::call(name, arguments))
        .or_else(|| time::call(name, arguments))
        .or_else(|| network::call(name, arguments))
        .or_else(|| url::call(name, arguments))
        .or_else(|| quantity::call(name, arguments))
        .or_else(|| semver::call(name, arguments))
        .or_else(|| format::call(name, arguments))
        .or_else(|| optional(name, arguments));
    found.unwrap_or_else(|| Err(Failure::no_such_overload()))
}

fn optional<'d>(name: &str, arguments: &[Value<'d>]) -> Option<Outcome<'d>> {
    Some(match (name, arguments) {
        ("optional.none", []) => Ok(Value::Optional(None)),
        ("optional.of", [value]) => Ok(Value::some(value.clone())),
        ("optional.ofNonZeroValue", [value]) => {
            Ok(if is_zero(value) { Value::Optional(None) } else { Value::some(value.clone()) })
        }
        ("hasValue", [Value::Optional(inside)]) => Ok(Value::Bool(inside.is_some())),
        ("value", [Value::Optional(Some(inside))]) => Ok(inside.as_ref().clone()),
        ("first", [Value::List(list)]) => list.get(0).transpose().map(as_optional),
        ("last", [Value::List(list)]) => {
            list.len().checked_sub(1).and_then(|last| list.get(last)).transpose().map(as_optional)
        }
        ("optional.unwrap" | "unwrapOpt", [Value::List(list)]) => unwrapped(list),
        ("value", [Value::Optional(None)]) => Err(Failure::new("optional.none() dereference")),
        _ => return None,
    })
}

fn as_optional(value: Option<Value<'_>>) -> Value<'_> {
    value.map_or(Value::Optional(None), Value::some)
}

/// What is in the optional values of a list that hold something.
fn unwrapped<'d>(list: &List<'d>) -> Outcome<'d> {
    let mut items = Vec::new();
    for item in list.iter() {
        match item? {
            Value::Optional(Some(inside)) => items.push(inside.as_ref().clone()),
            Value::Optional(None) => {}
            _ => return Err(Failure::no_such_overload()),
        }
    }
    Ok(Value::list(items))
}

fn is_zero(value: &Value<'_>) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) | Value::Uint(0) | Value::Duration(0) => true,
        Value::Double(number) => *number == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.len() == 0,
        Value::Map(map) => map.len() == 0,
        Value::Optional(inside) => inside.is_none(),
        _ => false,
    }
}
