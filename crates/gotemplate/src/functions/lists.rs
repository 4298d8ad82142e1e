//! Lists: making, taking apart and asking. The editing functions are in `list_edits`.
//!
//! Each function has a `must` twin, which returns the error that the plain one panics with; both read the same.

use crate::types::{ANY, BOOL, LIST, LISTS};
use crate::{Call, Data, Error, Function, List, Signature, TaintFlow, Value};

use super::arguments::{impossible_length, integer, items, nil_dereference};
use super::conversion::{to_integer, truncate};
use super::deep::equal;

pub(super) type Body = fn(&mut Call<'_>, &[Value]) -> Result<Value, Error>;

pub(super) fn functions() -> Vec<Function> {
    let list: Body = |_, arguments| Ok(Value::from(arguments.to_vec()));
    let mut functions = vec![
        carrying("list", Signature::variadic(&[ANY], LIST), list),
        carrying("tuple", Signature::variadic(&[ANY], LIST), list),
        carrying("concat", Signature::variadic(&[ANY], ANY), concat),
    ];
    let one = Signature::new(&[ANY], ANY);
    for (names, signature, body) in [
        (["first", "mustFirst"], one, first as Body),
        (["last", "mustLast"], one, last),
        (["rest", "mustRest"], Signature::new(&[ANY], LIST), rest),
        (["initial", "mustInitial"], Signature::new(&[ANY], LIST), initial),
        (["slice", "mustSlice"], Signature::variadic(&[ANY, ANY], ANY), slice),
        (["chunk", "mustChunk"], Signature::new(&[crate::types::INT, ANY], LISTS), chunk),
    ] {
        functions.extend(names.map(|name| carrying(name, signature, body)));
    }
    functions.extend(["has", "mustHas"].map(|name| {
        Function::new(name, Signature::new(&[ANY, ANY], BOOL), |call, arguments| {
            if arguments[1].is_nil() {
                return Ok(Value::from(false));
            }
            contains(call, list_items(&arguments[1], "Cannot find has on type")?, &arguments[0])
                .map(Value::from)
        })
    }));
    functions
}

pub(super) fn carrying(name: &'static str, signature: Signature, body: Body) -> Function {
    Function::new(name, signature, body).with_taint(TaintFlow::Carry)
}

/// The items of a list, or the error of a value that is none.
pub(super) fn list_items<'v>(value: &'v Value, complaint: &str) -> Result<&'v [Value], Error> {
    if value.is_nil() {
        return Err(nil_dereference());
    }
    items(value).ok_or_else(|| Error::message(format!("{complaint} {}", value.kind().name())))
}

/// Whether a list holds a value of the same type and content.
pub(super) fn contains(call: &mut Call<'_>, list: &[Value], needle: &Value) -> Result<bool, Error> {
    call.runtime.spend(list.len() as u64 / 8)?;
    for item in list {
        if equal(call, needle, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn first(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    Ok(list_items(&arguments[0], "Cannot find first on type")?.first().cloned().unwrap_or_default())
}

fn last(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    Ok(list_items(&arguments[0], "Cannot find last on type")?.last().cloned().unwrap_or_default())
}

fn rest(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "Cannot find rest on type")?;
    Ok(match items.split_first() {
        Some((_, rest)) => Value::from(rest.to_vec()),
        None => Value::from(List::nil(LIST)),
    })
}

fn initial(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "Cannot find initial on type")?;
    Ok(match items.split_last() {
        Some((_, initial)) => Value::from(initial.to_vec()),
        None => Value::from(List::nil(LIST)),
    })
}

fn slice(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::NIL);
    }
    let start = arguments.get(1).map_or(0, to_integer);
    let end = arguments.get(2).map_or(items.len() as i64, to_integer);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let part = range
        .and_then(|(start, end)| items.get(start..end))
        .ok_or_else(|| Error::message("reflect.Value.Slice: slice index out of bounds"))?;
    let go_type = arguments[0].go_type().unwrap_or(LIST);
    Ok(Value::from(List::of_type(go_type, part.to_vec())))
}

fn concat(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut joined = Vec::new();
    for list in arguments {
        if list.is_nil() {
            return Err(nil_dereference());
        }
        let items = items(list)
            .ok_or_else(|| Error::message(format!("Cannot concat type {} as list", list.kind().name())))?;
        joined.extend_from_slice(items);
    }
    Ok(if joined.is_empty() { Value::from(List::nil(LIST)) } else { Value::from(joined) })
}

/// Pieces of one size, counted in floating-point numbers as upstream does, so that odd sizes fail as there.
fn chunk(call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let size = integer(&arguments[0]);
    let items = list_items(&arguments[1], "Cannot chunk type")?;
    let length = items.len() as f64;
    let count = truncate(((length - 1.0) / size as f64).floor() + 1.0);
    let count = usize::try_from(count).map_err(|_| impossible_length())?;
    call.runtime.spend(count as u64)?;
    let mut chunks = Vec::new();
    for index in 0..count {
        let mut width = size;
        if index + 1 == count {
            let remainder = truncate((length % size as f64).floor());
            width = if remainder == 0 { size } else { remainder };
        }
        let width = usize::try_from(width).map_err(|_| impossible_length())?;
        let start = index.saturating_mul(usize::try_from(size).unwrap_or_default());
        let Some(part) = items.get(start..start.saturating_add(width)) else {
            return Err(Error::message("reflect: slice index out of range"));
        };
        chunks.push(Value::from(Data::List(List::from(part.to_vec()))));
    }
    Ok(Value::from(List::of_type(LISTS, chunks)))
}
