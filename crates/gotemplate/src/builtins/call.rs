//! `call`: calls a function that is a value.

use crate::executor::zero_value;
use crate::{Call, Data, Error, Function, GoType, Signature, Value, types};

pub(super) fn functions() -> Vec<Function> {
    let signature = Signature::variadic(&[types::REFLECT, types::REFLECT], types::REFLECT);
    vec![Function::new("call", signature, |call, arguments| {
        let (callee, arguments) = arguments.split_first().unwrap_or((&Value::NIL, &[]));
        let name = call.name;
        match callee.data() {
            Data::Nil => Err(Error::message("call of nil")),
            Data::Function(function) => call_function(call, function, arguments),
            _ => Err(Error::message(format!("non-function {name} of type {}", callee.type_name()))),
        }
    })]
}

fn call_function(call: &mut Call<'_>, function: &Function, arguments: &[Value]) -> Result<Value, Error> {
    let (name, got) = (call.name, arguments.len());
    let Signature { parameters, is_variadic, .. } = function.signature;
    let fixed = if is_variadic { parameters.len().saturating_sub(1) } else { parameters.len() };
    if is_variadic && got < fixed {
        return Err(Error::message(format!(
            "wrong number of args for {name}: got {got} want at least {fixed}"
        )));
    }
    if !is_variadic && got != fixed {
        return Err(Error::message(format!("wrong number of args for {name}: got {got} want {fixed}")));
    }
    let mut prepared = Vec::with_capacity(got);
    for (index, argument) in arguments.iter().enumerate() {
        let parameter = parameters.get(index).or(parameters.last()).copied().unwrap_or(types::ANY);
        prepared.push(
            prepare(argument, parameter)
                .map_err(|message| Error::message(format!("arg {index}: {message}")))?,
        );
    }
    function.run(call, &prepared)
}

fn prepare(argument: &Value, parameter: &'static GoType) -> Result<Value, String> {
    match argument.go_type() {
        None if parameter.can_be_nil() => Ok(zero_value(parameter)),
        None => Err(format!("value is nil; should be of type {}", parameter.name)),
        Some(own) if own.is_assignable_to(parameter) || parameter.is(types::REFLECT) => Ok(argument.clone()),
        Some(own) => Err(format!("value has type {}; should be {}", own.name, parameter.name)),
    }
}
