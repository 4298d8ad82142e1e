//! A program that runs beside a test, with what it says in a file; it ends with its value.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::lab::Cluster;

/// How much of the end of a log tells what went wrong.
const LAST_LINES: usize = 20;

/// A running program.
pub(super) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program of a cluster, in whose folder its log is and everything that it writes for itself.
    pub(super) fn start(name: &str, cluster: &Cluster, command: &mut Command) -> Process {
        let log = cluster.folder().join(format!("{name}.log"));
        let file = std::fs::File::create(&log).expect("the folder is ours");
        command.env("HOME", cluster.folder()).env("TMPDIR", cluster.folder());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn();
        Process { child: child.unwrap_or_else(|error| panic!("{name} does not start: {error}")), log }
    }

    /// Sends it a signal, by its name.
    pub(super) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "the program runs");
    }

    /// The last that it said.
    pub(super) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
