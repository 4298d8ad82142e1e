//! Values in place of empty ones, and choices between values.

use crate::types::{ANY, BOOL};
use crate::{Data, Function, Kind, Signature, TaintFlow, Value};

pub(super) fn functions() -> Vec<Function> {
    let carrying = |name, signature, choose: fn(&[Value]) -> Value| {
        Function::new(name, signature, move |_, arguments| Ok(choose(arguments))).with_taint(TaintFlow::Carry)
    };
    let testing = |name, signature, test: fn(&[Value]) -> bool| {
        Function::new(name, signature, move |_, arguments| Ok(Value::from(test(arguments))))
    };
    vec![
        carrying("default", Signature::variadic(&[ANY, ANY], ANY), |arguments| {
            let given = arguments.get(1).filter(|given| !is_empty(given));
            given.or(arguments.first()).cloned().unwrap_or_default()
        }),
        carrying("coalesce", Signature::variadic(&[ANY], ANY), |arguments| {
            arguments.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default()
        }),
        carrying("ternary", Signature::new(&[ANY, ANY, BOOL], ANY), |arguments| {
            arguments[usize::from(!arguments[2].is_true())].clone()
        }),
        testing("empty", Signature::new(&[ANY], BOOL), |arguments| is_empty(&arguments[0])),
        testing("all", Signature::variadic(&[ANY], BOOL), |arguments| !arguments.iter().any(is_empty)),
        testing("any", Signature::variadic(&[ANY], BOOL), |arguments| !arguments.iter().all(is_empty)),
    ]
}

/// Whether a value is the zero of its kind; structs never are.
pub(super) fn is_empty(value: &Value) -> bool {
    match value.data() {
        Data::Object(object) if object.go_type().kind == Kind::Struct => false,
        _ => !value.is_true(),
    }
}
