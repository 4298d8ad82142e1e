//! Merging of maps in place, with the aliasing that charts rely on.
//!
//! A map of the source that the destination lacks is not copied: both then hold the same map. Nested maps merge only
//! when both sides have one; everything else is taken whole.
//!
//! Upstream: mergo 1.0.1, `Merge` and `MergeWithOverwrite`, for maps with string keys.

use crate::{Call, Data, Error, Kind, List, Map, Value};

use super::deep::{MAXIMUM_DEPTH, too_deep};

/// Which side wins where both have a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Precedence {
    /// The source only fills what is empty.
    Destination,
    /// The source replaces, also with empty values.
    Source,
}

/// Merges a source into a destination.
pub(super) fn merge(
    call: &mut Call<'_>,
    destination: &Map,
    source: &Map,
    precedence: Precedence,
) -> Result<(), Error> {
    merge_at(call, destination, source, precedence, 0)
}

fn merge_at(
    call: &mut Call<'_>,
    destination: &Map,
    source: &Map,
    precedence: Precedence,
    depth: u32,
) -> Result<(), Error> {
    if depth > MAXIMUM_DEPTH {
        return Err(too_deep());
    }
    if destination.is_nil() {
        return Ok(());
    }
    let overwrite = precedence == Precedence::Source;
    call.runtime.spend(source.len() as u64)?;
    for (key, value) in source.entries().iter() {
        let key = key.as_bytes();
        let write = |value: &Value| {
            if destination.insert(key, value.clone()) {
                Ok(())
            } else {
                Err(Error::message("assignment to entry in nil map"))
            }
        };
        if is_nil(value) {
            if overwrite {
                write(value)?;
            }
            continue;
        }
        let present = destination.value(key);
        match (value.data(), present.as_ref().map(Value::data)) {
            (Data::Map(source), Some(Data::Map(destination))) => {
                merge_at(call, destination, source, precedence, depth + 1)?;
            }
            (Data::List(list), None | Some(Data::Nil)) if !overwrite => {
                write(&Value::from(List::of_type(list.go_type(), Vec::new())))?;
            }
            (Data::List(_), _) if overwrite => write(value)?,
            _ => {}
        }
        let keeps = present.as_ref().is_some_and(|present| !is_empty(present));
        let merged = matches!(value.data(), Data::List(_))
            || matches!(
                (value.data(), present.as_ref().map(Value::data)),
                (Data::Map(_), Some(Data::Map(_)))
            );
        if keeps && (merged || !overwrite) {
            continue;
        }
        write(value)?;
    }
    Ok(())
}

/// Only an empty interface is nil here; a nil map or list inside one is a value.
fn is_nil(value: &Value) -> bool {
    value.is_nil()
}

fn is_empty(value: &Value) -> bool {
    match value.data() {
        Data::Object(object) if matches!(object.go_type().kind, Kind::Struct | Kind::Pointer) => false,
        _ => !value.is_true(),
    }
}
