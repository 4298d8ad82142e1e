//! `index`: elements of maps, slices and strings.

use crate::executor::zero_value;
use crate::{Data, Error, Function, Kind, Signature, TaintFlow, Value, types};

pub(super) fn functions() -> Vec<Function> {
    let signature = Signature::variadic(&[types::REFLECT, types::REFLECT], types::REFLECT);
    let function = Function::new("index", signature, |_, arguments| {
        let (item, indexes) = arguments.split_first().unwrap_or((&Value::NIL, &[]));
        if item.is_nil() {
            return Err(Error::message("index of untyped nil"));
        }
        indexes.iter().try_fold(item.clone(), |item, index| element(&item, index))
    });
    vec![function.with_taint(TaintFlow::Carry)]
}

fn element(item: &Value, index: &Value) -> Result<Value, Error> {
    let found = match item.data() {
        Data::List(list) => {
            let at = position(index, list.len())?;
            list.items()
                .get(at)
                .cloned()
                .ok_or_else(|| Error::message("reflect: slice index out of range"))?
        }
        Data::String(text) => {
            let at = position(index, text.len())?;
            let byte = text.as_bytes().get(at).copied();
            byte.map(Value::from).ok_or_else(|| Error::message("reflect: string index out of range"))?
        }
        Data::Map(map) => {
            let Some(key) = index.string() else {
                return Err(Error::message(match index.data() {
                    Data::Nil => "value is nil; should be of type string".to_owned(),
                    _ => format!("value has type {}; should be string", index.type_name()),
                }));
            };
            let zero = || zero_value(map.go_type().element.unwrap_or(types::ANY));
            map.value(key.as_bytes()).unwrap_or_else(zero)
        }
        // The element of a nil interface's element.
        Data::Nil => return Err(Error::message("index of nil pointer")),
        _ => return Err(Error::message(format!("can't index item of type {}", item.type_name()))),
    };
    let mark = if item.taint().is_clean() { found.taint() } else { item.taint() };
    Ok(found.with_taint(mark))
}

/// Returns the number that an index is, from zero up to and with `maximum`.
pub(super) fn position(index: &Value, maximum: usize) -> Result<usize, Error> {
    let unsigned = || index.unsigned().map(u64::cast_signed);
    let Some(number) = index.integer().or_else(unsigned) else {
        return Err(Error::message(match index.kind() {
            Kind::Invalid => "cannot index slice/array with nil".to_owned(),
            _ => format!("cannot index slice/array with type {}", index.type_name()),
        }));
    };
    usize::try_from(number)
        .ok()
        .filter(|number| *number <= maximum)
        .ok_or_else(|| Error::message(format!("index out of range: {number}")))
}
