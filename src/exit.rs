//! What the program's exit status says, as a type.
//!
//! Drop-in commands exit as their originals do; every other command uses these meanings, which `--help` lists.

/// The outcome of a command, ordered by which of several outcomes is told.
///
/// When several hold, the greatest is told: a failure before a refusal before a difference before incompleteness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExitStatus {
    /// 0: done, and nothing to report.
    Clean,
    /// 3: part could not be read, and nothing else was found.
    Incomplete,
    /// 2: drift, a stale environment, findings of severity error, or differences.
    Different,
    /// 4: refused by policy: a plaintext secret would be written, or a value is random.
    Refused,
    /// 1: could not run.
    Failed,
    /// 64: the command line is wrong; nothing was tried.
    Usage,
}

impl ExitStatus {
    /// The number that the system is given.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Clean => 0,
            ExitStatus::Failed => 1,
            ExitStatus::Different => 2,
            ExitStatus::Incomplete => 3,
            ExitStatus::Refused => 4,
            ExitStatus::Usage => 64,
        }
    }

    /// The status to tell when both hold.
    #[must_use]
    pub fn or(self, other: ExitStatus) -> ExitStatus {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::ExitStatus::{Clean, Different, Failed, Incomplete, Refused};

    #[test]
    fn of_several_outcomes_failure_comes_first_and_incompleteness_last() {
        let by_precedence = [Failed, Refused, Different, Incomplete, Clean];
        for (index, first) in by_precedence.iter().enumerate() {
            for second in &by_precedence[index..] {
                assert_eq!(first.or(*second), *first);
                assert_eq!(second.or(*first), *first);
            }
        }
    }
}
