//! `plimsoll lint`: `tests/corpus/lint-command/in`, and what is printed about it in each format in the files beside it.

use crate::support::{TemporaryRepository, expected};

#[test]
fn findings_are_told_in_every_format() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/lint-command");
    let repository = TemporaryRepository::with(&folder.join("in"));
    let mut wrong = Vec::new();
    for format in ["text", "json", "sarif", "github"] {
        let run = repository.run(&["lint", "--env", "dev", "-o", format]);
        let stdout = run.stdout.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        let stderr = if format == "text" { run.stderr.as_str() } else { "" };
        let got = format!("exit status: {}\n{stdout}{stderr}", run.status);
        wrong.extend(expected::compare(&folder.join(format!("{format}.expected")), &got));
    }
    expected::assert_none(&wrong);
}

#[test]
fn a_rule_that_there_is_not_is_not_allowed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/lint-command");
    let repository = TemporaryRepository::with(&folder.join("in"));
    let path = repository.path().join("overlays/dev/environment.yaml");
    let text = std::fs::read_to_string(&path).unwrap().replace("rule: zones", "rule: zone");
    std::fs::write(&path, text).unwrap();
    let run = repository.run(&["lint", "--env", "dev"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run}");
    assert!(run.stderr.contains("there is no rule `zone`") && run.stderr.contains("`zones`"), "{run}");
}

#[test]
fn a_rule_is_explained() {
    let run = crate::support::Run::of(expected::package(), ["explain", "lint::trust-subject"]);
    assert_eq!(run.status, 0);
    for part in ["(error)", "To mend it, ", "Example of what is found:", "langfuse-web"] {
        assert!(run.stdout.contains(part), "{run}");
    }
}
