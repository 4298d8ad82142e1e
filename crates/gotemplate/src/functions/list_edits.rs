//! Lists made from lists: appended to, reversed, without some items. The original never changes.

use crate::types::{ANY, LIST};
use crate::{Call, Error, Function, Signature, Value};

use super::defaults::is_empty;
use super::lists::{Body, carrying, contains, list_items};

pub(super) fn functions() -> Vec<Function> {
    let one = Signature::new(&[ANY], LIST);
    let two = Signature::new(&[ANY, ANY], LIST);
    let several = Signature::variadic(&[ANY, ANY], LIST);
    let table: [(&[&'static str], Signature, Body); 6] = [
        (&["append", "push", "mustAppend", "mustPush"], two, append),
        (&["prepend", "mustPrepend"], two, prepend),
        (&["reverse", "mustReverse"], one, reverse),
        (&["compact", "mustCompact"], one, compact),
        (&["uniq", "mustUniq"], one, unique),
        (&["without", "mustWithout"], several, without),
    ];
    table
        .into_iter()
        .flat_map(|(names, signature, body)| names.iter().map(move |name| carrying(name, signature, body)))
        .collect()
}

fn append(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "Cannot push on type")?;
    Ok(Value::from(items.iter().chain([&arguments[1]]).cloned().collect::<Vec<_>>()))
}

fn prepend(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "Cannot prepend on type")?;
    Ok(Value::from([&arguments[1]].into_iter().chain(items).cloned().collect::<Vec<_>>()))
}

fn reverse(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "Cannot find reverse on type")?;
    Ok(Value::from(items.iter().rev().cloned().collect::<Vec<_>>()))
}

fn compact(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = list_items(&arguments[0], "Cannot compact on type")?;
    Ok(Value::from(items.iter().filter(|item| !is_empty(item)).cloned().collect::<Vec<_>>()))
}

fn unique(call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut kept: Vec<Value> = Vec::new();
    for item in list_items(&arguments[0], "Cannot find uniq on type")? {
        if !contains(call, &kept, item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::from(kept))
}

fn without(call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut kept = Vec::new();
    for item in list_items(&arguments[0], "Cannot find without on type")? {
        if !contains(call, &arguments[1..], item)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::from(kept))
}
