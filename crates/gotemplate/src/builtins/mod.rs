//! The language's own functions (Go 1.26, `text/template/funcs.go`).

mod length;
mod logic;

use crate::{Function, Functions};

/// Registers all of them.
pub(crate) fn register(functions: &mut Functions) {
    for function in length::functions().into_iter().chain(logic::functions()) {
        functions.register(Function { is_builtin: true, ..function });
    }
}
