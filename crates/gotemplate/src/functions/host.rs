//! What reaches out of the template: other templates, refusals, the cluster and host names.

use crate::types::{ANY, MAP, STRING};
use crate::{Error, Function, GoString, Signature, TaintFlow, Value};

use super::arguments::{bytes, text};

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("include", Signature::new(&[STRING, ANY], STRING), |call, arguments| {
            call.runtime.include(bytes(&arguments[0]), &arguments[1])
        })
        .with_taint(TaintFlow::Carry),
        Function::new("tpl", Signature::new(&[STRING, ANY], STRING), |call, arguments| {
            call.runtime.evaluate_text(bytes(&arguments[0]), &arguments[1])
        })
        .with_taint(TaintFlow::Carry),
        Function::new("fail", Signature::new(&[STRING], STRING), |_, arguments| {
            Err(Error::Refused(arguments[0].string().cloned().unwrap_or_default()))
        }),
        Function::new("required", Signature::new(&[STRING, ANY], ANY), |_, arguments| {
            if arguments[1].is_nil() || arguments[1].string().is_some_and(GoString::is_empty) {
                return Err(Error::Refused(arguments[0].string().cloned().unwrap_or_default()));
            }
            Ok(arguments[1].clone())
        })
        .with_taint(TaintFlow::Carry),
        Function::new("lookup", Signature::new(&[STRING, STRING, STRING, STRING], MAP), |call, arguments| {
            call.environment()
                .lookup(
                    &text(&arguments[0]),
                    &text(&arguments[1]),
                    &text(&arguments[2]),
                    &text(&arguments[3]),
                )
                .map_err(Error::message)
        })
        .with_taint(TaintFlow::Source),
        Function::new("getHostByName", Signature::new(&[STRING], STRING), |call, arguments| {
            Ok(Value::from(call.environment().resolve_host(&text(&arguments[0]))))
        }),
    ]
}
