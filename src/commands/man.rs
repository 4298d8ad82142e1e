//! `plimsoll man`: manual pages in roff, one a command, made from the same grammar that parses.

use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;

use crate::commands::Outcome;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exit::ExitStatus;
use crate::terminal::Terminal;

/// Arguments of `plimsoll man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  plimsoll man --to ~/.local/share/man/man1   every page: plimsoll.1, plimsoll-explain.1, ...
  plimsoll man | man -l -                     the page of plimsoll itself")]
pub struct Arguments {
    /// The folder to write every page to; without it the main page goes to standard output.
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,
}

/// Prints one page, or writes all.
pub fn run(arguments: &Arguments, terminal: &mut Terminal) -> Outcome {
    let mut grammar = crate::cli::grammar();
    grammar.build();
    match &arguments.to {
        None => {
            let page = page(&grammar).map_err(|error| failed(Path::new("standard output"), &error))?;
            terminal.data_bytes(&page);
        }
        Some(folder) => write_pages(&grammar, folder)?,
    }
    Ok(ExitStatus::Clean)
}

fn write_pages(command: &Command, folder: &Path) -> Result<(), Diagnostics> {
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let name = command.get_display_name().unwrap_or(command.get_name()).replace(' ', "-");
    let path = folder.join(format!("{name}.1"));
    let page = page(command).map_err(|error| failed(&path, &error))?;
    std::fs::write(&path, page).map_err(|error| failed(&path, &error))?;
    command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
        .try_for_each(|sub| write_pages(sub, folder))
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

fn failed(path: &Path, error: &std::io::Error) -> Diagnostics {
    Diagnostic::error(Code::new("output::write"), format!("could not write `{}`", path.display()))
        .with_cause(error.to_string())
        .into()
}
