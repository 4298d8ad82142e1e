//! `plimsoll pr`: what a pull request is told.

pub mod comment;

use crate::commands::Outcome;
use crate::terminal::Terminal;

/// Arguments of `plimsoll pr`.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the group.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Tell a pull request what it changes, in one comment that is edited in place
    Comment(comment::Arguments),
}

/// Runs a command of the group.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    match &arguments.command {
        Command::Comment(arguments) => comment::run(arguments, terminal),
    }
}
