//! `print`, `printf`, `println`.

use crate::printing::{sprint, sprintf, sprintln};
use crate::{Function, Signature, Value, types};

pub(super) fn functions() -> Vec<Function> {
    const ANYTHING: Signature = Signature::variadic(&[types::ANY], types::STRING);
    vec![
        Function::new("print", ANYTHING, |_, arguments| sprint(arguments).map(Value::from)),
        Function::new("println", ANYTHING, |_, arguments| sprintln(arguments).map(Value::from)),
        Function::new(
            "printf",
            Signature::variadic(&[types::STRING, types::ANY], types::STRING),
            |_, arguments| {
                let (format, arguments) = arguments.split_first().unwrap_or((&Value::NIL, &[]));
                let format = format.string().cloned().unwrap_or_default();
                sprintf(format.as_bytes(), arguments).map(Value::from)
            },
        ),
    ]
}
