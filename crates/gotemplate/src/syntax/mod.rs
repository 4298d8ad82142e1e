//! From template text to trees: tokens, nodes and the parser.
//!
//! Follows the grammar and the messages of Go 1.26's `text/template/parse`.

pub(crate) mod lexer;
pub(crate) mod node;
pub(crate) mod node_text;
pub(crate) mod number_constant;
mod operand;
pub(crate) mod parser;
mod pipeline;
mod token;
pub(crate) mod tree;

/// Runs a step of a recursion with more stack if little is left.
pub(crate) fn on_enough_stack<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, step)
}
