//! Temporary Git repositories, with nothing of the surroundings' configuration.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::run::{Run, plimsoll};

/// A repository in a folder of its own, gone with the value.
pub(crate) struct TemporaryRepository {
    folder: TempDir,
}

impl TemporaryRepository {
    /// An empty repository with a name to commit by.
    pub(crate) fn new() -> TemporaryRepository {
        let repository = TemporaryRepository { folder: tempfile::tempdir().expect("a temporary folder") };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.git(&["config", "user.name", "Test"]);
        repository.git(&["config", "user.email", "test@example.org"]);
        repository
    }

    /// A repository with a copy of a folder, committed.
    pub(crate) fn with(files: &Path) -> TemporaryRepository {
        let repository = TemporaryRepository::new();
        copy(files, repository.path());
        repository.commit("inputs");
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders that it lies in.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Runs Git and gives what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs the program here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of_command(self.command().args(arguments))
    }

    /// The program, to be run here.
    pub(crate) fn command(&self) -> Command {
        let mut command = plimsoll(self.path());
        command.env("HOME", self.path()).env("XDG_CONFIG_HOME", self.path());
        command
    }
}

/// Every file below a folder, by path from it, sorted; `.git` aside.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in std::fs::read_dir(&current).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != ".git") {
                    folders.push(path);
                }
            } else {
                let relative = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                files.push((relative, path));
            }
        }
    }
    files.sort();
    files
}

/// Copies every file below a folder; `.git` aside.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (relative, path) in files_below(from) {
        let target = to.join(relative);
        std::fs::create_dir_all(target.parent().expect("a file lies in a folder")).expect("a folder");
        std::fs::copy(path, target).expect("a copy");
    }
}
