//! Two revisions of an environments repository and what `plimsoll diff` says of them: `tests/corpus/diff/<case>/base` and
//! `head` beside `expected.txt`, the exit status, standard output and standard error. Where a case has `expected.json`,
//! `expected.md` or `expected.diff`, the reports of those formats are compared too. `arguments` holds other arguments than
//! `--env dev`.

use std::path::Path;

use crate::support::{TemporaryRepository, copy, expected};

/// The formats besides text, with the endings of their files.
const FORMATS: [(&str, &str); 3] = [("json", "json"), ("markdown", "md"), ("github", "diff")];

/// A repository with two commits: the case's base, and its head.
fn repository(case: &Path) -> TemporaryRepository {
    let repository = TemporaryRepository::with(&case.join("base"));
    repository.git(&["rm", "-r", "--quiet", "."]);
    copy(&case.join("head"), repository.path());
    repository.commit("head");
    repository
}

#[test]
fn every_change_is_told_as_expected() {
    let mut wrong = Vec::new();
    for case in expected::entries("diff") {
        let repository = repository(&case);
        let arguments = std::fs::read_to_string(case.join("arguments")).unwrap_or("--env dev".to_owned());
        let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
        if !arguments.contains(&"--base") {
            arguments.extend(["--base", "HEAD~1"]);
        }
        let run = repository.run(&[&["diff"], arguments.as_slice()].concat());
        let got = redact(&repository, &run.to_string());
        wrong.extend(expected::compare(&case.join("expected.txt"), &got));
        assert!(!got.contains("canary-"), "{}: a secret is told", case.display());
        for (format, ending) in FORMATS {
            let path = case.join(format!("expected.{ending}"));
            if path.exists() {
                let run = repository.run(&[&["diff", "-o", format], arguments.as_slice()].concat());
                let got = redact(&repository, &run.stdout);
                assert!(!got.contains("canary-"), "{}: a secret is told", case.display());
                wrong.extend(expected::compare(&path, &got));
            }
        }
    }
    expected::assert_none(&wrong);
}

/// The text without what differs from run to run: commits and the version of the program.
fn redact(repository: &TemporaryRepository, text: &str) -> String {
    let mut text = text.replace(&*repository.path().to_string_lossy(), "[ROOT]");
    for (revision, name) in [("HEAD", "[HEAD]"), ("HEAD~1", "[BASE]")] {
        let commit = repository.git(&["rev-parse", revision]);
        let commit = commit.trim();
        text = text.replace(commit, name).replace(&commit[..10], name);
    }
    text.replace(
        &format!("\"toolVersion\": \"{}\"", env!("CARGO_PKG_VERSION")),
        "\"toolVersion\": \"[VERSION]\"",
    )
}
