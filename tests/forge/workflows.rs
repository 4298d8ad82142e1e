//! Our actions and workflows, and those that `plimsoll init` writes: linted, checked against the published schemas of both
//! formats, and held to our own rules.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::runner::{read, root};

/// Every action and workflow, with what it says.
pub(crate) fn documents() -> Vec<(String, String, Value)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(root().join(".github/workflows")).expect("workflows").flatten() {
        paths.push(entry.path());
    }
    for entry in std::fs::read_dir(root().join(".github/actions")).expect("actions").flatten() {
        paths.push(entry.path().join("action.yml"));
    }
    paths.sort();
    let read = paths.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).expect("a file of ours");
        let value = read(&path);
        (path.strip_prefix(root()).expect("below").display().to_string(), text, value)
    });
    read.collect()
}

/// The steps of an action, or of all jobs of a workflow.
pub(crate) fn steps(document: &Value) -> Vec<&Value> {
    let of_jobs =
        document["jobs"].as_object().into_iter().flat_map(|jobs| jobs.values()).map(|job| &job["steps"]);
    let all = of_jobs.chain([&document["runs"]["steps"]]);
    all.filter_map(Value::as_array).flatten().collect()
}

#[test]
fn scripts_get_inputs_by_variables_and_actions_are_pinned() {
    let pinned = regex::Regex::new(r"^[A-Za-z0-9_./-]+@[0-9a-f]{40}$").expect("a pattern");
    let mut broken = Vec::new();
    for (path, text, document) in documents() {
        if path.contains("workflows") {
            if document["permissions"] != serde_json::json!({}) {
                broken.push(format!("{path}: permissions are not empty at the top"));
            }
            for (name, job) in document["jobs"].as_object().expect("jobs") {
                if !job["permissions"].is_object() || !job["timeout-minutes"].is_number() {
                    broken.push(format!("{path}: {name} has no permissions or no limit of time"));
                }
            }
            if document["concurrency"].is_null() {
                broken.push(format!("{path}: no concurrency group"));
            }
        }
        for step in steps(&document) {
            if let Some(script) = step["run"].as_str() {
                if script.contains("${{") {
                    broken.push(format!("{path}: an expression in a script: {script}"));
                }
                if script.trim_end().contains('\n') && !script.starts_with("set -euo pipefail\n") {
                    broken.push(format!("{path}: a script that does not stop at errors: {script}"));
                }
            }
            if let Some(used) = step["uses"].as_str() {
                if !used.starts_with("./") && !pinned.is_match(used) {
                    broken.push(format!("{path}: `{used}` is not pinned"));
                }
                if used.starts_with("actions/checkout@")
                    && step["with"]["persist-credentials"] != Value::Bool(false)
                {
                    broken.push(format!("{path}: a checkout keeps its credentials"));
                }
            }
        }
        if text.contains("pull_request_target") {
            broken.push(format!("{path}: pull_request_target"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[expect(clippy::print_stderr, reason = "what is skipped is told loudly")]
fn peer(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        eprintln!("skipped: {variable} is not set, workflows are not linted by it");
    }
    path
}

/// This repository, and one that `plimsoll init` has just begun.
fn repositories() -> (tempfile::TempDir, [PathBuf; 2]) {
    let folder = tempfile::tempdir().expect("a folder");
    let begun = folder.path().join("begun");
    let output =
        Command::new(env!("CARGO_BIN_EXE_plimsoll")).arg("init").arg(&begun).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (folder, [root().to_owned(), begun])
}

fn passes(command: &mut Command, repository: &Path) {
    let output = command.current_dir(repository).output().expect("it starts");
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", repository.display(), String::from_utf8_lossy(&told));
}

#[test]
fn actionlint_finds_nothing() {
    let Some(actionlint) = peer("PLIMSOLL_PEER_ACTIONLINT") else { return };
    let (_folder, repositories) = repositories();
    for repository in &repositories {
        passes(Command::new(&actionlint).arg("-no-color"), repository);
    }
}

#[test]
fn zizmor_finds_nothing() {
    let Some(zizmor) = peer("PLIMSOLL_PEER_ZIZMOR") else { return };
    let (_folder, repositories) = repositories();
    for repository in &repositories {
        passes(Command::new(&zizmor).args(["--offline", "--no-progress", "--quiet", ".github"]), repository);
    }
}

#[test]
fn the_schemas_of_workflows_and_actions_are_kept() {
    let Some(check) = peer("PLIMSOLL_PEER_CHECK_JSONSCHEMA") else { return };
    let (_folder, repositories) = repositories();
    for repository in &repositories {
        for (schema, folder, depth) in [("workflows", "workflows", 1), ("actions", "actions", 2)] {
            let files = files(&repository.join(".github").join(folder), depth);
            assert!(files.len() >= 4, "{files:?}");
            passes(
                Command::new(&check)
                    .arg("--builtin-schema")
                    .arg(format!("vendor.github-{schema}"))
                    .args(files),
                repository,
            );
        }
    }
}

/// The files so deep below a folder.
fn files(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    match depth {
        1 => entries.filter(|path| path.is_file()).collect(),
        _ => entries.filter(|path| path.is_dir()).flat_map(|path| files(&path, depth - 1)).collect(),
    }
}
