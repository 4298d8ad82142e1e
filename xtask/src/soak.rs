//! `cargo xtask soak`: many checks in a row against a server that fails at random.
//!
//! The rounds are those of the test `soak` of the program, which runs some of them each time; here it runs alone, so that its
//! memory is looked at too.

use anyhow::Result;

use crate::cargo;
use crate::outcome::Outcome;

/// Arguments of `cargo xtask soak`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many checks.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
}

/// Runs the rounds.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut tests = cargo::command(&["test", "-p", "plimsoll", "--test", "it", "--", "soak", "--nocapture"]);
    tests.env("PLIMSOLL_SOAK_ROUNDS", arguments.rounds.to_string());
    cargo::run_tests(tests)
}
