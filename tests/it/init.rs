//! `plimsoll init`: what it writes renders, and what is there stays as it is.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Run, TemporaryRepository, files_below};

fn contents(repository: &TemporaryRepository) -> BTreeMap<String, Vec<u8>> {
    let files = files_below(repository.path()).into_iter();
    files.map(|(path, file)| (path, std::fs::read(file).expect("a file"))).collect()
}

#[test]
fn every_example_renders_without_a_finding_and_a_second_run_changes_nothing() {
    for (example, resources) in [("plain", 3), ("helm", 3), ("kustomize", 3), ("aws", 6)] {
        let repository = TemporaryRepository::new();
        let run = repository.run(&["init", "--example", example]);
        assert_eq!(run.status, 0, "{example}: {run}");
        assert!(run.stderr.contains("  plimsoll render --all\n"), "{example}: {run}");
        repository.commit("begin");
        let rendered = repository.run(&["render", "--all"]);
        assert_eq!(rendered.status, 0, "{example}: {rendered}");
        let files = files_below(&repository.path().join("environments/dev"));
        // The lock and the page for readers are no resources.
        assert_eq!(files.len() - 2, resources, "{example}: {files:?}");
        let check = repository.run(&["render", "--all", "--check"]);
        assert_eq!(check.status, 0, "{example}: {check}");
        let lint = repository.run(&["lint", "--all", "-o", "json"]);
        let report: serde_json::Value = serde_json::from_str(&lint.stdout).expect("a report is JSON");
        assert_eq!(report["environments"][0]["findings"], serde_json::json!([]), "{example}: {lint}");

        let rights = |file: &str| std::fs::read_to_string(repository.path().join("policies").join(file)).ok();
        let printed = repository.run(&["check", "--env", "dev", "--print-policy"]).stdout;
        let clusters = rights("dev-clusters.yaml").expect("rights in clusters");
        let (_, clusters) = clusters.split_once("---\n").expect("a document");
        assert!(printed.ends_with(clusters), "{example}: {printed}");
        let of_account = repository.run(&["check", "--env", "dev", "--print-policy", "--only", "aws"]).stdout;
        assert_eq!(rights("dev-aws.json").unwrap_or_default(), of_account, "{example}");

        let before = contents(&repository);
        let again = repository.run(&["init", "--example", example]);
        assert_eq!(again.status, 0, "{example}: {again}");
        assert!(again.stderr.starts_with("0 written, "), "{example}: {again}");
        assert!(again.stderr.contains(", 0 kept although they say something else\n"), "{example}: {again}");
        assert_eq!(contents(&repository), before, "{example}");
    }
}

#[test]
fn what_was_edited_is_kept_and_told_and_what_is_gone_comes_back() {
    let repository = TemporaryRepository::new();
    assert_eq!(repository.run(&["init"]).status, 0);
    repository.write(".github/workflows/render.yml", "# mine\n");
    repository.write("base/app/service.yaml", "# mine too\n");
    std::fs::remove_file(repository.path().join(".github/workflows/diff.yml")).expect("it is there");
    let run = repository.run(&["init"]);
    assert!(run.stdout.contains("kept  .github/workflows/render.yml\n"), "{run}");
    assert!(run.stdout.contains("kept  base/app/service.yaml\n"), "{run}");
    assert!(run.stdout.contains("wrote .github/workflows/diff.yml\n"), "{run}");
    assert!(run.stderr.starts_with("1 written, "), "{run}");
    assert!(run.stderr.contains(", 2 kept although they say something else\n"), "{run}");
}

#[test]
fn no_example_is_strewn_over_an_environment_of_ones_own() {
    let repository = TemporaryRepository::new();
    assert_eq!(repository.run(&["init", "--example", "plain"]).status, 0);
    let before = contents(&repository);
    let run = repository.run(&["init", "--example", "helm"]);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(contents(&repository), before);
    assert!(
        run.stderr.contains(
            "`overlays/dev/environment.yaml` is not that of the example, so the example was left out\n"
        ),
        "{run}"
    );
}

#[test]
fn nothing_is_written_through_a_link() {
    let repository = TemporaryRepository::new();
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(elsewhere.path(), repository.path().join("base")).expect("a link");
    let run = repository.run(&["init"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stdout.contains("kept  base/app/deployment.yaml\n"), "{run}");
    assert!(files_below(elsewhere.path()).is_empty());
}

/// What `plimsoll init` says to a person who answers so; nothing where there is no `script` to make a terminal with.
fn answered(folder: &Path, answer: &str) -> Option<String> {
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command"])
        .arg(format!("'{}' init", env!("CARGO_BIN_EXE_plimsoll")))
        .arg("/dev/null")
        .current_dir(folder)
        .env("TERM", "dumb")
        .env_remove("PLIMSOLL_EXAMPLE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().expect("it has an input").write_all(answer.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    Some(String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

#[test]
fn a_person_at_a_terminal_is_asked_for_the_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(told) = answered(folder.path(), "docker\n3\n") else {
        eprintln!("skipped: there is no `script`, nobody is asked at a terminal");
        return;
    };
    assert!(told.contains("Which example shall it begin with?\n  1  plain      Plain manifests\n"), "{told}");
    assert!(told.contains("a number, or a name of the list\n"), "{told}");
    assert!(folder.path().join("overlays/dev/app/kustomization.yaml").is_file(), "{told}");
    let again = answered(folder.path(), "").expect("it was there");
    assert!(!again.contains("Which example"), "there is nothing left to ask: {again}");
}

#[test]
fn the_claim_of_the_aws_example_becomes_a_private_bucket() {
    let repository = TemporaryRepository::new();
    assert_eq!(repository.run(&["init", "--example", "aws"]).status, 0);
    repository.commit("begin");
    assert_eq!(repository.run(&["render", "--env", "dev"]).status, 0);
    let expanded = repository.run(&["crossplane", "expand", "--env", "dev"]);
    assert_eq!(expanded.status, 0, "{expanded}");
    for kind in ["kind: Bucket\n", "kind: BucketPublicAccessBlock\n"] {
        assert!(expanded.stdout.contains(kind), "{expanded}");
    }
    assert!(
        expanded.stdout.contains("crossplane.io/external-name: change-me-111122223333-dev"),
        "{expanded}"
    );
}

#[test]
fn a_folder_that_is_no_repository_becomes_one_and_files_of_others_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("envs/base/app");
    std::fs::create_dir_all(&base).expect("a folder");
    std::fs::write(base.join("service.yaml"), "# mine\n").expect("a file");
    let run = Run::of(folder.path(), ["init", "envs"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stdout.contains("kept  base/app/service.yaml\n"), "{run}");
    assert!(run.stderr.starts_with("made a Git repository in `envs`\n"), "{run}");
    assert!(
        run.stderr.ends_with(
            "next:\n  cd envs && git add --all && git commit --message 'Begin environments'\n  plimsoll render --all\n  \
             git remote add origin URL && git push --set-upstream origin HEAD\n"
        ),
        "{run}"
    );
    assert_eq!(std::fs::read_to_string(base.join("service.yaml")).expect("a file"), "# mine\n");
    assert!(folder.path().join("envs/.git/HEAD").is_file());
}
