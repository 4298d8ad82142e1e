//! `slice`: parts of slices and strings.

use super::index::position;
use crate::{Data, Error, Function, List, Signature, TaintFlow, Value, types};

pub(super) fn functions() -> Vec<Function> {
    let signature = Signature::variadic(&[types::REFLECT, types::REFLECT], types::REFLECT);
    let function = Function::new("slice", signature, |call, arguments| {
        let (item, indexes) = arguments.split_first().unwrap_or((&Value::NIL, &[]));
        // Go looks into the interface of what is sliced, but not into those of the positions.
        let is_boxed = |index: usize| call.is_interface(u32::try_from(index + 1).unwrap_or(u32::MAX));
        part(item, indexes, is_boxed).map(|part| part.with_taint(item.taint()))
    });
    vec![function.with_taint(TaintFlow::Carry)]
}

fn part(item: &Value, indexes: &[Value], is_boxed: impl Fn(usize) -> bool) -> Result<Value, Error> {
    if item.is_nil() {
        return Err(Error::message("slice of untyped nil"));
    }
    if indexes.len() > 3 {
        return Err(Error::message(format!("too many slice indexes: {}", indexes.len())));
    }
    let length = match item.data() {
        Data::String(_) if indexes.len() == 3 => return Err(Error::message("cannot 3-index slice a string")),
        Data::String(text) => text.len(),
        Data::List(list) => list.len(),
        _ => return Err(Error::message(format!("can't slice item of type {}", item.type_name()))),
    };
    let mut bounds = [0, length, length];
    for (at, (bound, index)) in bounds.iter_mut().zip(indexes).enumerate() {
        if is_boxed(at) {
            return Err(Error::message("cannot index slice/array with type interface {}"));
        }
        *bound = position(index, length)?;
    }
    let [start, end, capacity] = bounds;
    for (low, high) in [(start, end), (end, capacity)] {
        if low > high {
            return Err(Error::message(format!("invalid slice index: {low} > {high}")));
        }
    }
    Ok(match item.data() {
        Data::List(list) => {
            let items = list.items().get(start..end).unwrap_or_default();
            Value::from(List::of_type(list.go_type(), items.to_vec()))
        }
        Data::String(text) => Value::from(text.as_bytes().get(start..end).unwrap_or_default()),
        _ => Value::NIL,
    })
}
