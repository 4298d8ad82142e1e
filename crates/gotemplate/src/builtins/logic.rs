//! `and`, `or`, `not`.
//!
//! The executor evaluates `and` and `or` itself, since they stop at the argument which decides; the bodies here serve
//! calls through a value.

use crate::{Function, Signature, TaintFlow, Value, types};

pub(super) fn functions() -> Vec<Function> {
    vec![
        deciding("and", false),
        deciding("or", true),
        Function::new("not", Signature::new(&[types::REFLECT], types::BOOL), |_, arguments| {
            Ok(Value::from(!arguments[0].is_true()))
        }),
    ]
}

fn deciding(name: &'static str, truth: bool) -> Function {
    let signature = Signature::variadic(&[types::REFLECT, types::REFLECT], types::REFLECT);
    Function::new(name, signature, move |_, arguments| {
        let decided = arguments.iter().find(|value| value.is_true() == truth);
        Ok(decided.or(arguments.last()).cloned().unwrap_or_default())
    })
    .with_taint(TaintFlow::Carry)
}
