//! Start-up, and rendering 5,000 resources: time, memory, and the commit beside `git add && git commit`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::generate;
use super::measure::{median, ratio};
use crate::cargo;
use crate::outcome::say;

const RESOURCES: usize = 5_000;

/// Measures and prints.
pub(super) fn run() -> Result<()> {
    let status = cargo::command(&["build", "--release", "--quiet", "--bin", "plimsoll"]).status()?;
    ensure!(status.success(), "plimsoll does not build");
    let plimsoll = cargo::target_folder().join("release/plimsoll");
    let folder = tempfile::tempdir()?;

    let start = median(21, || Ok(arguments(&plimsoll, folder.path(), &["--version"])))?;
    say(&format!("plimsoll --version: {start}"));
    let root = cargo::repository_root();
    if root.join("environments/dev/plimsoll.lock.yaml").exists() {
        let check = median(11, || Ok(arguments(&plimsoll, &root, &["render", "--env", "dev", "--check"])))?;
        say(&format!("plimsoll render --env dev --check: {check}"));
    }

    let inputs = folder.path().join("inputs");
    fs::create_dir(&inputs)?;
    generate::environments_repository(&inputs, RESOURCES)?;
    let mut repositories = Repositories { folder: folder.path().to_owned(), made: 0 };
    let mut repository = inputs.clone();
    let render = ["render", "--env", "bench"];
    let first = median(5, || {
        repository = renew(&inputs, &mut repositories)?;
        Ok(arguments(&plimsoll, &repository, &render))
    })?;
    say(&format!("render and commit {RESOURCES} resources, {}: {first}", size(&repository)?));
    let rendered = folder.path().join("rendered");
    copy(&repository.join("environments"), &rendered)?;
    let again = median(5, || Ok(arguments(&plimsoll, &repository, &render)))?;
    say(&format!("render with nothing to do: {again}"));
    let dry = median(5, || {
        let repository = renew(&inputs, &mut repositories)?;
        Ok(arguments(&plimsoll, &repository, &["render", "--env", "bench", "--dry-run"]))
    })?;
    say(&format!("the same without the commit (--dry-run): {dry}"));

    let yardstick = median(5, || {
        let repository = renew(&inputs, &mut repositories)?;
        copy(&rendered, &repository.join("environments"))?;
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "git add environments && git commit --quiet --message rendered"])
            .current_dir(&repository);
        Ok(shell)
    })?;
    say(&format!("git add && git commit of the same files: {yardstick}"));
    let branch = median(5, || {
        let repository = renew(&inputs, &mut repositories)?;
        Ok(arguments(&plimsoll, &repository, &["render", "--env", "bench", "--branch", "rendered"]))
    })?;
    say(&format!("render and commit to a branch, so that no files are written: {branch}"));
    let files = median(5, || {
        let repository = renew(&inputs, &mut repositories)?;
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(&rendered).arg(repository.join("environments"));
        Ok(copy)
    })?;
    say(&format!("cp -r of the same files, which the file system alone needs: {files}"));
    let commit = branch.wall.saturating_sub(dry.wall);
    let commit_ratio = yardstick.wall.as_secs_f64() / commit.as_secs_f64().max(1e-9);
    let milliseconds = commit.as_secs_f64() * 1000.0;
    say(&format!("commit part: {milliseconds:.0} ms, {commit_ratio:.1} times as fast as git"));
    say(&format!(
        "rendering and committing beside git's commit alone: {:.1} times as fast",
        ratio(yardstick, branch)
    ));
    Ok(())
}

fn arguments(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command
}

/// A repository with the inputs alone, in a folder that was never there: file systems are slow to give away again what was
/// just deleted.
fn renew(inputs: &Path, repositories: &mut Repositories) -> Result<PathBuf> {
    repositories.made += 1;
    let repository = repositories.folder.join(format!("repository-{}", repositories.made));
    copy(inputs, &repository)?;
    Ok(repository)
}

/// Where repositories are made, and how many there are.
struct Repositories {
    folder: PathBuf,
    made: usize,
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The size of what was rendered.
fn size(repository: &Path) -> Result<String> {
    let mut bytes = 0;
    let mut folders = vec![repository.join("environments")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(format!("{:.1} MB", bytes as f64 / 1e6))
}
