//! `plimsoll diff` on the command line: which revisions are compared, what is said where that cannot be told.

use std::path::Path;

use crate::support::{TemporaryRepository, expected};

/// A repository whose `main` has the base of a case, and whose checked-out branch `change` the head.
fn branched() -> TemporaryRepository {
    let case = expected::package().join("tests/corpus/diff/only-an-order");
    let repository = TemporaryRepository::with(&case.join("base"));
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    replace(&repository, "base/app/app.yaml", "replicas: 2", "replicas: 3");
    repository.commit("three");
    repository
}

fn replace(repository: &TemporaryRepository, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(repository.path().join(path)).expect("a file");
    assert!(text.contains(from), "{path} has no `{from}`");
    repository.write(path, &text.replace(from, to));
}

#[test]
fn the_base_is_where_the_head_left_the_default_branch() {
    let repository = branched();
    repository.git(&["checkout", "--quiet", "main"]);
    replace(&repository, "base/app/app.yaml", "web:1.4.2", "web:1.4.3");
    repository.commit("of others");
    repository.git(&["checkout", "--quiet", "change"]);
    let run = repository.run(&["diff", "--env", "dev"]);
    assert!(run.stdout.contains("~ spec.replicas: 2 -> 3") && !run.stdout.contains("image"), "{run}");
    assert!(run.stdout.contains("(where it left main)"), "{run}");
    let run = repository.run(&["diff", "--env", "dev", "--base", "main", "--exact-base"]);
    assert!(run.stdout.contains("web:1.4.3 -> registry.example.com/web:1.4.2"), "{run}");
}

#[test]
fn the_work_tree_is_compared_when_it_is_named() {
    let repository = branched();
    replace(&repository, "base/app/app.yaml", "replicas: 3", "replicas: 4");
    let committed = repository.run(&["diff", "--env", "dev"]);
    assert!(committed.stdout.contains("spec.replicas: 2 -> 3"), "{committed}");
    let run = repository.run(&["diff", "--env", "dev", "--head", "WORKTREE", "--exit-code"]);
    assert!(run.stdout.contains("-> the work tree") && run.stdout.contains("2 -> 4"), "{run}");
    assert_eq!(run.status, 2);
    let written = repository.git(&["status", "--short"]);
    assert_eq!(written, " M base/app/app.yaml\n", "something was written");
}

#[test]
fn one_commit_compared_with_itself_is_said_to_be_one() {
    let repository = branched();
    let run = repository.run(&["diff", "--env", "dev", "--base", "HEAD", "--exit-code"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stderr.contains("base and head are one commit"), "{run}");
    assert!(run.stdout.ends_with("dev: no change, 5 resources are the same\n"), "{run}");
}

#[test]
fn without_a_default_branch_a_base_must_be_named() {
    let repository = branched();
    repository.git(&["branch", "--quiet", "-m", "main", "trunk"]);
    repository.run(&["diff", "--env", "dev"]).assert(
        1,
        "",
        "error[diff::no-base]: there is no default branch to compare with\n  = help: name a revision: `--base REF`\n",
    );
    repository.git(&["update-ref", "refs/remotes/origin/trunk", "trunk"]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    let run = repository.run(&["diff", "--env", "dev"]);
    assert!(run.stdout.contains("(origin/trunk)"), "{run}");
}

#[test]
fn histories_that_never_met_are_told() {
    let repository = branched();
    repository.git(&["checkout", "--quiet", "--orphan", "other"]);
    repository.commit("another start");
    repository.run(&["diff", "--env", "dev"]).assert(
        1,
        "",
        "error[diff::no-merge-base]: cannot find where the head left `main`\n  = help: the two have no history in common; `--exact-base` compares them all the same\n",
    );
    let run = repository.run(&["diff", "--env", "dev", "--base", "main", "--exact-base"]);
    assert_eq!(run.status, 0, "{run}");
}

#[test]
fn reports_go_to_files_and_formats_are_checked() {
    let repository = branched();
    let run = repository.run(&["diff", "--env", "dev", "-o", "html=page.html", "-o", "yaml=diff.yaml"]);
    run.assert(0, "", "");
    let page = std::fs::read_to_string(repository.path().join("page.html")).expect("the page");
    assert!(page.starts_with("<!DOCTYPE html>"));
    let report = std::fs::read_to_string(repository.path().join("diff.yaml")).expect("the report");
    assert!(report.starts_with("apiVersion: plimsoll.dev/v1alpha1\n"), "{report}");
    let run = repository.run(&["diff", "--env", "dev", "-o", "junit"]);
    assert_eq!(run.status, 64, "{run}");
    assert!(run.stderr.contains("the formats are text, json, yaml, markdown, github and html"), "{run}");
    let run = repository.run(&["diff", "--env", "dev", "-o", "json=no/such/folder.json"]);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("error[output::write]"), "{run}");
}

/// What a layer reads decides whether it is rendered anew; the report must not depend on that.
#[test]
fn layers_that_are_the_same_change_nothing_of_what_is_told() {
    let repository = TemporaryRepository::new();
    let chart = |version: &str| {
        repository.write("base/chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
        repository.write(
            "base/chart/templates/a.yaml",
            &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: chart}}\ndata: {{v: {version}, x: '{{{{ .Values.x }}}}'}}\n"),
        );
    };
    let write = |path: &str, text: &str| repository.write(path, text);
    write(
        "overlays/dev/environment.yaml",
        "apiVersion: plimsoll.dev/v1alpha1\nkind: Environment\nmetadata: {name: dev}\nspec:\n  clusters: {workload: {context: dev}}\n  layers:\n    - {name: plain, destination: workload, namespace: a, sources: [{manifests: {path: base/both/files}}]}\n    - {name: built, destination: workload, namespace: b, sources: [{kustomize: {path: base/built}}]}\n    - {name: chart, destination: workload, namespace: c, sources: [{helm: {chart: base/chart, release: web}}]}\n",
    );
    let map = |name: &str, value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{v: {value}}}\n")
    };
    write("base/both/files/a.yaml", &map("plain", "one"));
    write("base/built/kustomization.yaml", "resources: [a.yaml, ../both]\n");
    write("base/both/kustomization.yaml", "resources: [files/a.yaml]\n");
    write("base/built/a.yaml", &map("built", "one"));
    write("overlays/dev/chart/values.yaml", "x: one\n");
    chart("one");
    repository.commit("base");
    let told = |message: &str| {
        repository.commit(message);
        let run = repository.run(&["diff", "--env", "dev", "--base", "HEAD~1"]);
        assert_eq!(run.status, 0, "{run}");
        let lines = run.stdout.lines().filter(|line| line.starts_with(['~', '+', '-']));
        lines.map(str::to_owned).collect::<Vec<_>>().join("; ")
    };
    write("base/both/files/a.yaml", &map("plain", "two"));
    assert_eq!(told("a file that another layer reads too"), "~ the same in 2 resources");
    write("overlays/dev/chart/values.yaml", "x: two\n");
    assert_eq!(told("values of a chart"), "~ ConfigMap c/chart");
    chart("two");
    assert_eq!(told("a chart"), "~ ConfigMap c/chart");
    write("base/built/a.yaml", &map("built", "two"));
    assert_eq!(told("a kustomization"), "~ ConfigMap b/built");
    write("base/both/files/b.yaml", &map("new", "one"));
    assert_eq!(told("a new file"), "+ ConfigMap a/new");
    assert!(Path::new(&repository.path().join(".git")).exists());
}
