//! Plimsoll renders environments into plain YAML, commits them, and checks that the live systems are what Git says.
//!
//! This crate is the application around the engines in `crates/`: it reads the command line ([`cli`]), runs one command
//! ([`commands`]), and tells the outcome as text ([`diagnostic`]) and as an [`exit::ExitStatus`]. Only the modules named for
//! it touch the outside world; everything between is a function of values.

pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
pub mod diagnostic;
pub mod diff;
pub mod disk_files;
pub mod exit;
pub mod expansion;
pub mod fetch;
pub mod forge;
pub mod git;
pub mod init;
pub mod lint;
pub mod live;
pub mod pager;
pub mod render;
pub mod report;
pub mod secrets;
pub mod terminal;
pub mod validate;

use std::ffi::OsString;

use terminal::Terminal;

/// Runs the program with these arguments (without its own name) and gives the number to exit with.
pub fn run(arguments: Vec<OsString>, terminal: &mut Terminal) -> u8 {
    if let Some((drop_in, rest)) = commands::drop_in(&arguments) {
        return (drop_in.run)(rest, terminal);
    }
    match cli::parse(arguments, terminal) {
        Ok(cli) => commands::run(cli, terminal).code(),
        Err(status) => status.code(),
    }
}
