//! What is written on GitHub, against a double of its API that also fails in every way that the real one does.
//!
//! `double` is that server, on 127.0.0.1. The library is driven with a clock that lets no real time pass; the program is run as it is, and
//! workflows are executed from their event to their end by a runner of our own.

mod actions;
mod comment;
mod double;
mod exactly_once;
mod expected;
mod inert;
mod issue;
mod program;
mod reports;
mod runner;
mod scripts;
mod workflows;
