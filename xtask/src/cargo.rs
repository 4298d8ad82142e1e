//! Runs cargo, shows what it prints as it comes, and counts the tests in it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::outcome::{Outcome, say};

/// The root folder of the repository.
pub(crate) fn repository_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository_root().join("target"), PathBuf::from)
}

/// Runs `cargo` with these arguments in the repository's root.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(repository_root());
    command
}

/// Runs tests and adds up their closing lines. A run that ends badly without naming a failed test, because it did not
/// build or was killed, counts as one failure.
pub(crate) fn run_tests(mut command: Command) -> Result<Outcome> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo could not be started")?;
    let mut outcome = Outcome::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.context("what cargo prints could not be read")?;
            outcome.add(counts_in(&line));
            say(&line);
        }
    }
    let status = child.wait().context("cargo could not be waited for")?;
    if !status.success() && outcome.failed == 0 {
        outcome.add(Outcome::FAILED);
    }
    Ok(outcome)
}

/// The counts in a line such as `test result: ok. 3 passed; 1 failed; 0 ignored; ...`, or `skipped: why`, which tests print
/// for a part that they cannot run.
fn counts_in(line: &str) -> Outcome {
    if line.starts_with("skipped: ") {
        return Outcome::SKIPPED;
    }
    let Some(counts) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
        return Outcome::default();
    };
    let number_before = |word: &str| {
        counts
            .1
            .split("; ")
            .find_map(|part| part.strip_suffix(word).and_then(|number| number.trim().parse().ok()))
            .unwrap_or(0)
    };
    Outcome {
        passed: number_before(" passed"),
        failed: number_before(" failed"),
        skipped: number_before(" ignored"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(counts_in(line), Outcome { passed: 3, failed: 1, skipped: 2 });
        assert_eq!(counts_in("skipped: no gpg"), Outcome::SKIPPED);
        assert_eq!(counts_in("running 3 tests"), Outcome::default());
    }
}
