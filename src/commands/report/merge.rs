//! `plimsoll report merge`: the reports of shards into the report of the whole.

use std::path::PathBuf;

use crate::commands::check::write;
use crate::commands::{Outcome, tell};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::report::drift::assembly::exit_status;
use crate::report::drift::format::{self, Output};
use crate::report::drift::merge::merge;
use crate::terminal::Terminal;

/// Arguments of `plimsoll report merge`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll report merge shard-*.json                     what all shards found, for people
  plimsoll report merge shard-*.json -o json=drift.json  and for programs

A shard that is missing, doubled, or from another run or revision makes the whole incomplete (exit
status 3, or 2 where the others found drift): never clean.")]
pub struct Arguments {
    /// Reports that `plimsoll check -o json` wrote.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to print the report: text, json, yaml, markdown or junit, and the file it goes to; repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text")]
    pub output: Vec<Output>,
}

/// Joins reports.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let mut reports = Vec::new();
    let mut found = Diagnostics::new();
    for path in &arguments.files {
        let unreadable = |cause: String| {
            Diagnostic::error(
                Code::new("report::unreadable"),
                format!("`{}` is no report of a check", path.display()),
            )
            .with_cause(cause)
            .with_help("give the files that `plimsoll check -o json=FILE` wrote")
        };
        match std::fs::read(path) {
            Err(error) => found.push(unreadable(error.to_string())),
            Ok(bytes) => match format::parse(&bytes) {
                Err(error) => {
                    found.push(unreadable(format!("line {}, column {}", error.line(), error.column())));
                }
                Ok(parsed) => reports.extend(parsed),
            },
        }
    }
    if found.has_errors() {
        return Err(found);
    }
    let merged = merge(reports);
    let status = merged.iter().map(exit_status).fold(ExitStatus::Clean, ExitStatus::or);
    let unwritten = write(&merged, &arguments.output, terminal);
    Ok(if unwritten.is_empty() { status } else { status.or(tell(&unwritten, terminal)) })
}
