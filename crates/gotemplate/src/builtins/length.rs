//! `len`.

use crate::{Data, Error, Function, Signature, Value, types};

pub(super) fn functions() -> Vec<Function> {
    vec![Function::new("len", Signature::new(&[types::REFLECT], types::INT), |call, arguments| {
        length(&arguments[0], call.is_interface(0)).map(Value::from)
    })]
}

fn length(value: &Value, is_interface: bool) -> Result<usize, Error> {
    match value.data() {
        Data::String(string) => Ok(string.len()),
        Data::List(list) => Ok(list.len()),
        Data::Map(map) => Ok(map.len()),
        Data::Nil if is_interface => Err(Error::message("len of nil pointer")),
        Data::Nil => Err(Error::message("reflect: call of reflect.Value.Type on zero Value")),
        _ => Err(Error::message(format!("len of type {}", value.type_name()))),
    }
}
