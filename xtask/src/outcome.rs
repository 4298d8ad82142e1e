//! What a task counted, and how it is told.

use std::io::Write;
use std::process::ExitCode;

/// Tests that passed, failed and could not be run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Outcome {
    /// One part of a task that succeeded.
    pub(crate) const PASSED: Outcome = Outcome { passed: 1, failed: 0, skipped: 0 };
    /// One part of a task that failed.
    pub(crate) const FAILED: Outcome = Outcome { passed: 0, failed: 1, skipped: 0 };
    /// One part of a task that could not be run.
    pub(crate) const SKIPPED: Outcome = Outcome { passed: 0, failed: 0, skipped: 1 };

    /// Adds what another part counted.
    pub(crate) fn add(&mut self, other: Outcome) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Failure as soon as anything failed.
    pub(crate) fn exit_code(self) -> ExitCode {
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// Prints a line. A closed output is no reason to stop a test run.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
