//! The language's own functions (Go 1.26, `text/template/funcs.go`).

mod call;
mod compare;
mod escape;
mod index;
mod length;
mod logic;
mod print;
mod slice;

use crate::{Function, Functions};

/// Registers all of them.
pub(crate) fn register(functions: &mut Functions) {
    let areas = [
        call::functions(),
        compare::functions(),
        escape::functions(),
        index::functions(),
        length::functions(),
        logic::functions(),
        print::functions(),
        slice::functions(),
    ];
    for function in areas.into_iter().flatten() {
        functions.register(Function { is_builtin: true, ..function });
    }
}
