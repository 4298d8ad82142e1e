//! `plimsoll version`: what this program is, for people and for machines.

use serde_json::json;

use crate::commands::Outcome;
use crate::exit::ExitStatus;
use crate::report::{TextOrJson, json_text};
use crate::terminal::Terminal;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Arguments of `plimsoll version`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll version
  plimsoll version -o json")]
pub struct Arguments {
    /// How to print it.
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub output: TextOrJson,
}

/// Prints the version.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let text = match arguments.output {
        TextOrJson::Text => format!("plimsoll {VERSION}\n"),
        TextOrJson::Json => json_text(&json!({
            "apiVersion": "plimsoll.dev/v1alpha1",
            "kind": "Version",
            "version": VERSION,
            "os": std::env::consts::OS,
            "architecture": std::env::consts::ARCH,
        })),
    };
    terminal.data(&text);
    Ok(ExitStatus::Clean)
}
