//! `plimsoll explain CODE`: what a diagnostic means, why it is one, and how to mend it.

use crate::commands::Outcome;
use crate::diagnostic::{Code, Diagnostic, did_you_mean, explain};
use crate::exit::ExitStatus;
use crate::terminal::Terminal;

/// Arguments of `plimsoll explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll explain                       list every code
  plimsoll explain config::unknown-key   what it means, and how to mend it")]
pub struct Arguments {
    /// The code between the brackets of a message; without it every code is listed.
    pub code: Option<String>,
}

/// Prints an explanation, or the codes.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let Some(code) = &arguments.code else {
        for code in explain::codes() {
            terminal.data(&format!("{code}\n"));
        }
        return Ok(ExitStatus::Clean);
    };
    match explain::explanation(code) {
        Some(text) => {
            terminal.data(&format!("{code}\n\n{text}\n"));
            Ok(ExitStatus::Clean)
        }
        None => Err(Diagnostic::error(
            Code::new("explain::unknown-code"),
            format!("no diagnostic has the code `{code}`"),
        )
        .with_help(
            did_you_mean(code, explain::codes())
                .unwrap_or_else(|| "`plimsoll explain` lists every code".to_owned()),
        )
        .into()),
    }
}
