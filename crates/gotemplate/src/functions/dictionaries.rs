//! Maps: making, reading, changing in place, choosing keys. Merging is in `merge`.

use std::collections::BTreeSet;

use crate::types::{ANY, BOOL, LIST, MAP, STRING, STRINGS};
use crate::weight::weigh;
use crate::{Call, Data, Error, Function, GoString, List, Map, Signature, TaintFlow, Value};

use super::arguments::{bytes, map};
use super::deep::copy;
use super::lists::{Body, carrying};
use super::merge::{Precedence, merge};
use super::text::text_of;

pub(super) fn functions() -> Vec<Function> {
    let mut functions = vec![
        carrying("dict", Signature::variadic(&[ANY], MAP), |_, arguments| dict(arguments).map(Value::from)),
        carrying("get", Signature::new(&[MAP, STRING], ANY), |_, arguments| {
            Ok(map(&arguments[0]).value(bytes(&arguments[1])).unwrap_or_else(|| Value::from("")))
        }),
        carrying("set", Signature::new(&[MAP, STRING, ANY], MAP), |_, arguments| {
            let target = map(&arguments[0]);
            if !target.insert(bytes(&arguments[1]), arguments[2].clone()) {
                return Err(Error::message("assignment to entry in nil map"));
            }
            Ok(Value::from(target).with_taint(arguments[0].taint()))
        }),
        carrying("unset", Signature::new(&[MAP, STRING], MAP), |_, arguments| {
            let target = map(&arguments[0]);
            target.remove(bytes(&arguments[1]));
            Ok(Value::from(target).with_taint(arguments[0].taint()))
        }),
        Function::new("hasKey", Signature::new(&[MAP, STRING], BOOL), |_, arguments| {
            Ok(Value::from(map(&arguments[0]).contains(bytes(&arguments[1]))))
        })
        .with_taint(TaintFlow::Carry),
        carrying("pluck", Signature::variadic(&[STRING, MAP], LIST), |_, arguments| {
            let key = bytes(&arguments[0]);
            Ok(Value::from(arguments[1..].iter().filter_map(|each| map(each).value(key)).collect::<Vec<_>>()))
        }),
        carrying("keys", Signature::variadic(&[MAP], STRINGS), |_, arguments| {
            let keys =
                arguments.iter().flat_map(|each| map(each).entries().keys().cloned().collect::<Vec<_>>());
            Ok(Value::from(List::of_strings(keys)))
        }),
        carrying("values", Signature::new(&[MAP], LIST), |_, arguments| {
            Ok(Value::from(map(&arguments[0]).entries().values().cloned().collect::<Vec<_>>()))
        }),
        carrying("pick", Signature::variadic(&[MAP, STRING], MAP), |_, arguments| {
            let source = map(&arguments[0]);
            let pick = |key: &Value| {
                let key = key.string()?;
                Some((key.clone(), source.value(key.as_bytes())?))
            };
            Ok(Value::from(arguments[1..].iter().filter_map(pick).collect::<Map>()))
        }),
        carrying("omit", Signature::variadic(&[MAP, STRING], MAP), |_, arguments| {
            let omitted: BTreeSet<&GoString> = arguments[1..].iter().filter_map(Value::string).collect();
            let entries = map(&arguments[0]).entries();
            let kept = entries.iter().filter(|(key, _)| !omitted.contains(key));
            Ok(Value::from(kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>()))
        }),
        carrying("dig", Signature::variadic(&[ANY], ANY), |_, arguments| dig(arguments)),
    ];
    let merging = Signature::variadic(&[MAP, MAP], ANY);
    let copying = Signature::new(&[ANY], ANY);
    let table: [([&'static str; 2], Signature, Body); 3] = [
        (["merge", "mustMerge"], merging, |call, arguments| {
            merge_all(call, arguments, Precedence::Destination)
        }),
        (["mergeOverwrite", "mustMergeOverwrite"], merging, |call, arguments| {
            merge_all(call, arguments, Precedence::Source)
        }),
        (["deepCopy", "mustDeepCopy"], copying, |call, arguments| {
            if arguments[0].is_nil() {
                return Err(Error::message("reflect: call of reflect.Value.Type on zero Value"));
            }
            // A copy shares nothing: what is reached many times is there many times, and memory costs more than steps.
            call.runtime.spend(weigh(&arguments[0]).saturating_mul(8))?;
            copy(call, &arguments[0])
        }),
    ];
    for (names, signature, body) in table {
        functions.extend(names.map(|name| carrying(name, signature, body)));
    }
    functions
}

/// Keys and values in turn; a last key without a value has an empty text.
fn dict(arguments: &[Value]) -> Result<Map, Error> {
    arguments
        .chunks(2)
        .map(|pair| {
            let value = pair.get(1).cloned().unwrap_or_else(|| Value::from(""));
            Ok((GoString::from(text_of(&pair[0])?), value))
        })
        .collect()
}

/// Merges maps into the first one and returns it; a nil one becomes a new map.
fn merge_all(call: &mut Call<'_>, arguments: &[Value], precedence: Precedence) -> Result<Value, Error> {
    let mut destination = map(&arguments[0]);
    for source in &arguments[1..] {
        let source = map(source);
        if destination.is_nil() && !source.is_nil() {
            destination = Map::new();
        }
        merge(call, &destination, &source, precedence)?;
    }
    Ok(Value::from(destination).with_taint(arguments[0].taint()))
}

/// Follows keys through maps; what is missing is the default, what is no map is an error.
fn dig(arguments: &[Value]) -> Result<Value, Error> {
    let [keys @ .., default, dictionary] = arguments else {
        return Err(Error::message("dig needs at least three arguments"));
    };
    if keys.is_empty() {
        return Err(Error::message("dig needs at least three arguments"));
    }
    let mut step = plain_map(dictionary)?;
    let keys = keys
        .iter()
        .map(|key| key.string().ok_or_else(|| wrong_type(key, "string")))
        .collect::<Result<Vec<_>, _>>()?;
    for (index, key) in keys.iter().enumerate() {
        let Some(value) = step.value(key.as_bytes()) else { return Ok(default.clone()) };
        if index + 1 == keys.len() {
            return Ok(value);
        }
        step = plain_map(&value)?;
    }
    Ok(default.clone())
}

/// Go's type assertion: a map of a named type does not satisfy it.
fn plain_map(value: &Value) -> Result<Map, Error> {
    match value.data() {
        Data::Map(map) if map.go_type().is(MAP) => Ok(map.clone()),
        _ => Err(wrong_type(value, MAP.name)),
    }
}

fn wrong_type(value: &Value, wanted: &str) -> Error {
    let found = value.go_type().map_or("nil", |go_type| go_type.name);
    Error::message(format!("interface conversion: interface {{}} is {found}, not {wanted}"))
}
