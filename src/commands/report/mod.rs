//! `plimsoll report`: what becomes of the reports of checks.

pub mod merge;
pub mod publish;

use crate::commands::Outcome;
use crate::terminal::Terminal;

/// Arguments of `plimsoll report`.
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
    /// Join the reports of shards into the report of the whole
    Merge(merge::Arguments),
    /// Keep one issue for each environment that drifts, and tell a webhook and metrics
    Publish(publish::Arguments),
}

/// Runs a command of the group.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    match &arguments.command {
        Command::Merge(arguments) => merge::run(arguments, terminal),
        Command::Publish(arguments) => publish::run(arguments, terminal),
    }
}
