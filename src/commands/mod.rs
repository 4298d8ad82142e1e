//! The commands, one file each: its arguments, whose doc comments are its help, and one function that runs it.
//!
//! A command returns the status to exit with, or the diagnostics that stopped it; they are printed in one place, here.
//! Drop-in commands, which take the arguments of the program they stand in for, are rows of [`DROP_INS`].

pub mod build;
pub mod check;
pub mod completions;
pub mod crossplane;
pub mod diff;
pub mod explain;
pub mod fetch;
pub mod forge_target;
pub mod init;
pub mod inputs;
pub mod lint;
pub mod man;
pub mod places;
pub mod pr;
pub mod render;
pub mod report;
pub mod report_files;
pub mod runner;
pub mod schema;
pub mod snapshot;
pub mod template;
pub mod version;

use std::ffi::OsString;

use crate::cli::{Cli, CommandArguments};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, text};
use crate::exit::ExitStatus;
use crate::terminal::Terminal;

/// What a command comes to: a status, or the problems that stopped it.
pub type Outcome = Result<ExitStatus, Diagnostics>;

/// A command that stands in for another program and exits as that one does.
pub struct DropIn {
    /// The words that name it on the command line.
    pub words: &'static [&'static str],
    /// What `--help` lists it as.
    pub about: &'static str,
    /// Runs it with the arguments that follow its words, and gives the number that the original would exit with.
    pub run: fn(&[OsString], &mut Terminal) -> u8,
}

/// The commands that get their arguments raw, before clap sees them. The first row whose words match wins.
pub const DROP_INS: &[DropIn] = &[
    build::DROP_IN,
    DropIn {
        words: &["crossplane", "render"],
        about: "Stand in for `crossplane render`: what a composite resource becomes",
        run: crossplane::render::run,
    },
    DropIn {
        words: &["crossplane", "validate"],
        about: "Stand in for `crossplane beta validate`: resources against their definitions",
        run: crossplane::validate::run,
    },
    DropIn {
        words: &["template"],
        about: "Render a Helm chart, as `helm template` does",
        run: template::run,
    },
];

/// The drop-in command that the arguments name, and the arguments after its name.
#[must_use]
pub fn drop_in(arguments: &[OsString]) -> Option<(&'static DropIn, &[OsString])> {
    DROP_INS.iter().find_map(|drop_in| {
        let (name, rest) = arguments.split_at_checked(drop_in.words.len())?;
        let matches = name.iter().zip(drop_in.words).all(|(argument, word)| argument == word);
        matches.then_some((drop_in, rest))
    })
}

/// Runs a command and prints what stopped it.
pub fn run(cli: Cli, terminal: &mut Terminal) -> ExitStatus {
    let outcome = match cli.command {
        CommandArguments::Init(arguments) => init::run(&arguments, terminal),
        CommandArguments::Render(arguments) => render::run(&arguments, terminal),
        CommandArguments::Crossplane(arguments) => crossplane::run(&arguments, terminal),
        CommandArguments::Check(arguments) => check::run(&arguments, terminal),
        CommandArguments::Diff(arguments) => diff::run(&arguments, terminal),
        CommandArguments::Fetch(arguments) => fetch::run(&arguments, terminal),
        CommandArguments::Snapshot(arguments) => snapshot::run(&arguments, terminal),
        CommandArguments::Pr(arguments) => pr::run(&arguments, terminal),
        CommandArguments::Report(arguments) => report::run(&arguments, terminal),
        CommandArguments::Explain(arguments) => explain::run(&arguments, terminal),
        CommandArguments::Lint(arguments) => lint::run(&arguments, terminal),
        CommandArguments::Schema(arguments) => schema::run(&arguments, terminal),
        CommandArguments::Completions(arguments) => completions::run(&arguments, terminal),
        CommandArguments::Man(arguments) => man::run(&arguments, terminal),
        CommandArguments::Version(arguments) => version::run(&arguments, terminal),
    };
    let status = outcome.unwrap_or_else(|diagnostics| tell(&diagnostics, terminal));
    match terminal.write_failure() {
        None => status,
        Some(error) => {
            let diagnostic = Diagnostic::error(Code::new("output::write"), "could not write the output")
                .with_cause(error.to_string());
            status.or(tell(&Diagnostics::from(diagnostic), terminal))
        }
    }
}

/// Prints diagnostics for people and gives the status that they come to.
pub fn tell(diagnostics: &Diagnostics, terminal: &mut Terminal) -> ExitStatus {
    let text = text::print(diagnostics, terminal.colors_messages());
    terminal.message_text(&text);
    diagnostics.exit_status()
}
