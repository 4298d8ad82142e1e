//! `plimsoll completions SHELL`: a completion script on standard output.

use clap_complete::Shell;

use crate::commands::Outcome;
use crate::exit::ExitStatus;
use crate::terminal::Terminal;

/// Arguments of `plimsoll completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll completions bash > ~/.local/share/bash-completion/completions/plimsoll
  plimsoll completions zsh > ~/.zfunc/_plimsoll
  plimsoll completions fish > ~/.config/fish/completions/plimsoll.fish")]
pub struct Arguments {
    /// The shell to complete in.
    pub shell: Shell,
}

/// Prints the script.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut crate::cli::grammar(), "plimsoll", &mut script);
    terminal.data_bytes(&script);
    Ok(ExitStatus::Clean)
}
