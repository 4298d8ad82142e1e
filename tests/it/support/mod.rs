//! What the tests share: running the program, and comparing everything that it said at once.

pub(crate) mod expected;
mod run;

pub(crate) use run::{Run, plimsoll};
