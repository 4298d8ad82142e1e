//! `plimsoll crossplane expand`: `tests/corpus/expand/in`, and what each command line prints about it in the files beside it.

use crate::support::{TemporaryRepository, expected};

#[test]
fn claims_are_shown_as_what_they_become() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/expand");
    let repository = TemporaryRepository::with(&folder.join("in"));
    let mut wrong = Vec::new();
    for (file, arguments) in [
        ("tree.expected", &["-o", "tree"][..]),
        ("sources.expected", &["--sources", "cluster/green"]),
        ("document.expected", &["-o", "json", "blue"]),
        ("unknown-name.expected", &["-o", "tree", "geen"]),
    ] {
        let run = repository.run(&[&["crossplane", "expand", "--env", "dev"], arguments].concat());
        let got = format!("exit status: {}\n{}{}", run.status, run.stdout, run.stderr);
        wrong.extend(expected::compare(&folder.join(file), &got));
    }
    expected::assert_none(&wrong);
}

/// `tests/corpus/supplied/in`: a pipeline with a function that Plimsoll does not have.
#[test]
fn what_is_supplied_stands_in_for_functions_and_the_cluster() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/supplied");
    let repository = TemporaryRepository::with(&folder.join("in"));
    let mut wrong = Vec::new();
    for (file, arguments) in [
        ("error-unknown-function.expected", &["--env", "dev"][..]),
        ("error-wrong-file.expected", &["--env", "dev", "--function-output", "live/wrong.yaml"]),
        ("error-no-file.expected", &["--env", "dev", "--function-output", "live/none.yaml"]),
        ("flag.expected", &["--env", "dev", "--function-output", "live/answer.yaml"]),
        ("overlay.expected", &["--env", "prod"]),
        ("observed.expected", &["--env", "prod", "--observed", "live/vpc.yaml"]),
    ] {
        let run = repository.run(&[&["crossplane", "expand"], arguments].concat());
        let got = format!("exit status: {}\n{}{}", run.status, run.stdout, run.stderr);
        wrong.extend(expected::compare(&folder.join(file), &got));
    }
    expected::assert_none(&wrong);
}

/// `tests/corpus/expand-refused/in`: a Composition whose VPC has no region.
#[test]
fn what_the_server_would_refuse_is_shown_and_told_by_render() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/expand-refused");
    let repository = TemporaryRepository::with(&folder.join("in"));
    let mut wrong = Vec::new();
    for (file, arguments) in [
        ("expand.expected", &["crossplane", "expand"][..]),
        ("error-render.expected", &["render", "--dry-run"]),
    ] {
        let run = repository.run(&[arguments, &["--env", "dev"]].concat());
        let got = format!("exit status: {}\n{}{}", run.status, run.stdout, run.stderr);
        wrong.extend(expected::compare(&folder.join(file), &got));
    }
    expected::assert_none(&wrong);
}
