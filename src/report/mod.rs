//! Reports: one model each, and how it is printed.
//!
//! Printers turn a model into text and do no IO; the commands write it.

pub mod destination;
pub mod diff;
pub mod drift;
pub mod github;
pub mod html;
pub mod lint;
pub mod metrics;
pub mod output;
pub mod printable;
pub mod render;

use serde_json::Value;

/// The formats of commands that speak to people and to programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum TextOrJson {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// JSON as all our commands print it: indented by two, keys sorted, one newline at the end.
#[must_use]
pub fn json_text(value: &Value) -> String {
    format!("{value:#}\n")
}
