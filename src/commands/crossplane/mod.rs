//! `plimsoll crossplane`: what claims become, and drop-ins for commands of Crossplane's own program.

pub mod expand;
pub mod flags;
pub mod render;
pub mod validate;

use crate::commands::Outcome;
use crate::terminal::Terminal;

/// Arguments of `plimsoll crossplane`, but for its drop-ins, which the command line lists beside them.
#[derive(Debug, clap::Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the group that are no drop-ins.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the managed resources that an environment's claims become
    Expand(expand::Arguments),
}

/// Runs a command of the group.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    match &arguments.command {
        Command::Expand(arguments) => expand::run(arguments, terminal),
    }
}
