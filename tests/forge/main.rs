//! What is written on GitHub, against a double of its API that also fails in every way that the real one does.
//!
//! `double` is that server, on 127.0.0.1. The library is driven with a clock that lets no real time pass; the program and the
//! scripts of the actions are run as they are.

mod comment;
mod double;
mod exactly_once;
mod expected;
mod inert;
mod issue;
mod program;
mod reports;
mod workflows;
