//! `plimsoll init`: what it writes renders, and what is there stays as it is.

use std::collections::BTreeMap;

use crate::support::{Run, TemporaryRepository, files_below};

fn contents(repository: &TemporaryRepository) -> BTreeMap<String, Vec<u8>> {
    let files = files_below(repository.path()).into_iter();
    files.map(|(path, file)| (path, std::fs::read(file).expect("a file"))).collect()
}

#[test]
fn every_example_renders_and_a_second_run_changes_nothing() {
    for (example, resources) in [("plain", 3), ("helm", 3), ("kustomize", 3), ("aws", 6)] {
        let repository = TemporaryRepository::new();
        let run = repository.run(&["init", "--example", example]);
        assert_eq!(run.status, 0, "{example}: {run}");
        assert!(run.stderr.contains("plimsoll render --env dev"), "{example}: {run}");
        repository.commit("begin");
        let rendered = repository.run(&["render", "--env", "dev"]);
        assert_eq!(rendered.status, 0, "{example}: {rendered}");
        let files = files_below(&repository.path().join("environments/dev"));
        // The lock and the page for readers are no resources.
        assert_eq!(files.len() - 2, resources, "{example}: {files:?}");
        let check = repository.run(&["render", "--all", "--check"]);
        assert_eq!(check.status, 0, "{example}: {check}");

        let before = contents(&repository);
        let again = repository.run(&["init", "--example", example]);
        assert_eq!(again.status, 0, "{example}: {again}");
        assert!(again.stderr.starts_with("0 written, "), "{example}: {again}");
        assert_eq!(contents(&repository), before, "{example}");
    }
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
    assert!(run.stderr.ends_with(
        "next:\n  cd envs\n  git add --all && git commit --message 'Begin environments'\n  plimsoll render --env dev\n  git push\n"
    ));
    assert_eq!(std::fs::read_to_string(base.join("service.yaml")).expect("a file"), "# mine\n");
    assert!(folder.path().join("envs/.git/HEAD").is_file());
}
