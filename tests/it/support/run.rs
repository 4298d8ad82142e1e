//! One run of the program, with all that came out of it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, to be run in a folder, with nothing of the surroundings that could change what it says.
pub(crate) fn plimsoll(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("PLIMSOLL_") || name.starts_with("GIT_") {
            command.env_remove(name.as_ref());
        }
    }
    for name in ["XDG_CACHE_HOME", "DOCKER_CONFIG", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command
}

impl Run {
    /// Runs the program in a folder.
    pub(crate) fn of<I, S>(folder: &Path, arguments: I) -> Run
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        Run::of_command(plimsoll(folder).args(arguments))
    }

    /// Runs a prepared command.
    pub(crate) fn of_command(command: &mut Command) -> Run {
        let output = command.output().expect("the program starts");
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails unless status, standard output and standard error are all as expected; shows all three.
    #[track_caller]
    pub(crate) fn assert(&self, status: i32, stdout: &str, stderr: &str) {
        let expected = Run { status, stdout: stdout.to_owned(), stderr: stderr.to_owned() };
        assert!(*self == expected, "expected\n{expected}\ngot\n{self}");
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "status {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}
