//! Environments and what they render to: `tests/corpus/render/<case>/in` beside `expected/`, the files of `environments/`, or
//! `expected.err`, the exit status and all of standard error.
//!
//! The lock is compared where the case has one; elsewhere it would only repeat the digests of everything else.

use std::fmt::Write;
use std::path::Path;

use crate::support::{TemporaryRepository, expected, files_below};

#[test]
fn every_environment_renders_to_what_is_expected() {
    let mut wrong = Vec::new();
    for case in expected::entries("render") {
        let repository = TemporaryRepository::with(&case.join("in"));
        let run = repository.run(&["render", "--env", "dev", "--no-commit"]);
        let error = case.join("expected.err");
        if run.status == 0 {
            wrong.extend(error.exists().then(|| format!("{} renders, but should not", case.display())));
            wrong.extend(compare_files(&case, &repository));
        } else {
            let stderr = run.stderr.replace(&*repository.path().to_string_lossy(), "[ROOT]");
            let got = format!("exit status: {}\n{stderr}", run.status);
            wrong.extend(expected::compare(&error, &got));
            let written = repository.path().join("environments").exists();
            wrong.extend(written.then(|| format!("{}: something was written", case.display())));
            assert_eq!(run.stdout, "", "{}", case.display());
        }
    }
    expected::assert_none(&wrong);
}

fn compare_files(case: &Path, repository: &TemporaryRepository) -> Vec<String> {
    let expected_folder = case.join("expected");
    let is_lock = |path: &str| path.ends_with("plimsoll.lock.yaml");
    let compares_lock = files_below(&expected_folder).iter().any(|(path, _)| is_lock(path));
    let got = files_below(&repository.path().join("environments"));
    let mut wrong: Vec<String> = got
        .iter()
        .filter(|(path, _)| compares_lock || !is_lock(path))
        .filter_map(|(path, file)| {
            let text = std::fs::read_to_string(file).expect("rendered files are text");
            expected::compare(&expected_folder.join(path), &text)
        })
        .collect();
    for (path, file) in files_below(&expected_folder) {
        if got.iter().all(|(other, _)| *other != path) {
            if expected::updates() {
                std::fs::remove_file(&file).expect("the corpus can be written");
            } else {
                let mut line = String::new();
                let _ = write!(line, "{} is not rendered", file.display());
                wrong.push(line);
            }
        }
    }
    wrong
}
