//! Walks over whole values: equality by content, copies, and the depth limit that both keep.

use crate::{Call, Data, Error, GoString, Limit, List, Map, Value};

/// Deepest nesting that functions follow. Values nest deeper only when a template puts a map into itself.
pub(super) const MAXIMUM_DEPTH: u32 = 1000;

/// The error of a value that is nested too deep.
pub(crate) fn too_deep() -> Error {
    Error::Limit(Limit::Depth(MAXIMUM_DEPTH))
}

/// Go's `reflect.DeepEqual`: types must be the same at every level.
pub(super) fn equal(call: &mut Call<'_>, one: &Value, other: &Value) -> Result<bool, Error> {
    equal_at(call, one, other, 0)
}

fn equal_at(call: &mut Call<'_>, one: &Value, other: &Value, depth: u32) -> Result<bool, Error> {
    if depth > MAXIMUM_DEPTH {
        return Err(too_deep());
    }
    let same_type = match (one.go_type(), other.go_type()) {
        (Some(one), Some(other)) => one.is(other),
        (one, other) => one.is_none() && other.is_none(),
    };
    if !same_type {
        return Ok(false);
    }
    Ok(match (one.data(), other.data()) {
        (Data::Nil, Data::Nil) => true,
        (Data::Bool(one), Data::Bool(other)) => one == other,
        (Data::Int(one), Data::Int(other)) | (Data::Int64(one), Data::Int64(other)) => one == other,
        (Data::Int32(one), Data::Int32(other)) => one == other,
        (Data::Uint8(one), Data::Uint8(other)) => one == other,
        (Data::Uint64(one), Data::Uint64(other)) => one == other,
        (Data::Float64(one), Data::Float64(other)) => one == other,
        (Data::Complex128(real, imaginary), Data::Complex128(other_real, other_imaginary)) => {
            real == other_real && imaginary == other_imaginary
        }
        (Data::String(one), Data::String(other)) => one == other,
        (Data::List(one), Data::List(other)) => {
            if one.is_nil() != other.is_nil() || one.len() != other.len() {
                return Ok(false);
            }
            if let (Some(one), Some(other)) = (one.bytes(), other.bytes()) {
                return Ok(one == other);
            }
            call.runtime.spend(one.len() as u64)?;
            for (one, other) in one.items().iter().zip(other.items()) {
                if !equal_at(call, one, other, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Data::Map(one), Data::Map(other)) => {
            if one.is_same(other) {
                return Ok(true);
            }
            if one.is_nil() != other.is_nil() || one.len() != other.len() {
                return Ok(false);
            }
            call.runtime.spend(one.len() as u64)?;
            for (key, one) in one.entries().iter() {
                let Some(other) = other.value(key.as_bytes()) else { return Ok(false) };
                if !equal_at(call, one, &other, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Data::Object(one), Data::Object(other)) => {
            std::rc::Rc::ptr_eq(one, other) || one.equals(other.as_ref())
        }
        _ => false,
    })
}

/// A copy that shares no map with the original.
pub(super) fn copy(call: &mut Call<'_>, value: &Value) -> Result<Value, Error> {
    copy_at(call, value, 0)
}

fn copy_at(call: &mut Call<'_>, value: &Value, depth: u32) -> Result<Value, Error> {
    if depth > MAXIMUM_DEPTH {
        return Err(too_deep());
    }
    let copied = match value.data() {
        // Bytes hold no map.
        Data::List(list) if list.bytes().is_some() => return Ok(value.clone()),
        Data::List(list) if !list.is_nil() => {
            call.runtime.spend(list.len() as u64)?;
            let items = list
                .items()
                .iter()
                .map(|item| copy_at(call, item, depth + 1))
                .collect::<Result<Vec<_>, _>>()?;
            Value::from(List::of_type(list.go_type(), items))
        }
        Data::Map(map) if !map.is_nil() => {
            call.runtime.spend(map.len() as u64)?;
            let entries = map
                .entries()
                .iter()
                .map(|(key, item)| Ok((key.clone(), copy_at(call, item, depth + 1)?)))
                .collect::<Result<std::collections::BTreeMap<GoString, Value>, Error>>()?;
            Value::from(Map::of_type(map.go_type(), entries))
        }
        _ => return Ok(value.clone()),
    };
    Ok(copied.with_taint(value.taint()))
}
