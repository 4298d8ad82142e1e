//! `plimsoll schema NAME`: a published JSON Schema, for editors and for programs that read our reports.

use crate::commands::Outcome;
use crate::config::schema;
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::exit::ExitStatus;
use crate::report::json_text;
use crate::terminal::Terminal;

/// Arguments of `plimsoll schema`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll schema                                     list the schemas
  plimsoll schema environment > environment.json      the schema of overlays/<env>/environment.yaml

An editor checks environment.yaml as you type when its first line is
  # yaml-language-server: $schema=<path or URL of environment.json>")]
pub struct Arguments {
    /// The schema's name; without it the names are listed.
    pub name: Option<String>,
}

/// Prints a schema, or the names of all.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let Some(name) = &arguments.name else {
        for name in schema::NAMES {
            terminal.data(&format!("{name}\n"));
        }
        return Ok(ExitStatus::Clean);
    };
    match schema::by_name(name) {
        Some(schema) => {
            terminal.data(&json_text(&schema));
            Ok(ExitStatus::Clean)
        }
        None => Err(Diagnostic::error(Code::new("schema::unknown"), format!("there is no schema `{name}`"))
            .with_help(
                did_you_mean(name, schema::NAMES)
                    .unwrap_or_else(|| format!("the schemas are {}", schema::NAMES.join(", "))),
            )
            .into()),
    }
}
