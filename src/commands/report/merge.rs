//! `plimsoll report merge`: the reports of shards, in files or in S3, into the report of the whole.

use crate::commands::check::write;
use crate::commands::places;
use crate::commands::report_files::LONGEST;
use crate::commands::{Outcome, tell};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::report::destination::Destination;
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
  plimsoll report merge s3://reports/dev/4711            all JSON documents below a prefix of S3

A shard that is missing, doubled, or from another run or revision makes the whole incomplete (exit
status 3, or 2 where the others found drift): never clean.")]
pub struct Arguments {
    /// Reports that `plimsoll check -o json` wrote: files, or places in S3.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<Destination>,
    /// How to print the report: text, json, yaml, markdown, junit or html, and the file or the place in S3 that it goes to;
    /// repeatable.
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "text")]
    pub output: Vec<Output>,
}

/// Joins reports.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let mut reports = Vec::new();
    let mut found = Diagnostics::new();
    for from in &arguments.files {
        let unreadable = |document: &Destination, cause: String| {
            Diagnostic::error(
                Code::new("report::unreadable"),
                format!("`{document}` is no report of a check"),
            )
            .with_cause(cause)
            .with_help("give the files that `plimsoll check -o json=FILE` wrote")
        };
        let documents = match places::reports(from) {
            Ok(documents) => documents,
            Err(cause) => {
                found.push(unreadable(from, cause));
                continue;
            }
        };
        for document in documents {
            let parsed = places::read(&document, LONGEST).and_then(|bytes| {
                format::parse(&bytes)
                    .map_err(|error| format!("line {}, column {}", error.line(), error.column()))
            });
            match parsed {
                Ok(parsed) => reports.extend(parsed),
                Err(cause) => found.push(unreadable(&document, cause)),
            }
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
