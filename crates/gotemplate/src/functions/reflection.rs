//! Types and kinds of values, and deep equality.

use crate::types::{ANY, BOOL, STRING};
use crate::{Function, Signature, Value};

use super::arguments::bytes;
use super::deep::equal;

pub(super) fn functions() -> Vec<Function> {
    let name = Signature::new(&[ANY], STRING);
    let test = Signature::new(&[STRING, ANY], BOOL);
    vec![
        Function::new("typeOf", name, |_, arguments| Ok(Value::from(arguments[0].type_name()))),
        Function::new("kindOf", name, |_, arguments| Ok(Value::from(arguments[0].kind().name()))),
        Function::new("typeIs", test, |_, arguments| {
            Ok(Value::from(bytes(&arguments[0]) == arguments[1].type_name().as_bytes()))
        }),
        Function::new("typeIsLike", test, |_, arguments| {
            let (target, name) = (bytes(&arguments[0]), arguments[1].type_name().as_bytes());
            Ok(Value::from(target == name || Some(target) == name.strip_prefix(b"*")))
        }),
        Function::new("kindIs", test, |_, arguments| {
            Ok(Value::from(bytes(&arguments[0]) == arguments[1].kind().name().as_bytes()))
        }),
        Function::new("deepEqual", Signature::new(&[ANY, ANY], BOOL), |call, arguments| {
            equal(call, &arguments[0], &arguments[1]).map(Value::from)
        }),
    ]
}
