//! `plimsoll pr comment`, as a workflow runs it.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::double::{AUTHOR, Faults, GitHubDouble, RepositoryState};
use crate::program::{program, run};
use crate::reports::{self, HEAD};

fn comment(double: &GitHubDouble, folder: &Path, report: &Path) -> Command {
    let mut command = program(folder);
    command
        .args(["pr", "comment", "--repository", "o/r", "--pull-request", "7", "--github-api", &double.url()])
        .arg("--from")
        .arg(report);
    command
}

#[test]
fn one_comment_is_written_edited_and_left_alone() {
    let double = GitHubDouble::start();
    let mut state = RepositoryState::with_pull_request(7, HEAD);
    state.add_comment(7, "somebody", "<!-- plimsoll:diff-comment:v1 -->\nnot ours");
    double.put("o/r", state);
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());

    let first = run(&mut comment(&double, folder.path(), &report));
    first.assert(0, "", "comment created: https://github.example/pull/7#issuecomment-1002\n");
    let body = double.repository("o/r").own_comments()[0].body.clone();
    crate::expected::assert("comment.md", &body);

    let second = run(&mut comment(&double, folder.path(), &report));
    second.assert(0, "", "comment unchanged: https://github.example/pull/7#issuecomment-1002\n");

    let report = reports::write(folder.path(), "diff.json", &reports::unchanged());
    let third = run(&mut comment(&double, folder.path(), &report));
    third.assert(0, "", "comment updated: https://github.example/pull/7#issuecomment-1002\n");
    let state = double.repository("o/r");
    assert_eq!(state.own_comments().len(), 1);
    assert!(state.own_comments()[0].body.contains("No change in 2 environments"));
    assert!(state.comments[0].body.ends_with("not ours"));
}

#[test]
fn where_nothing_changes_nothing_is_written() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::with_pull_request(7, HEAD));
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::unchanged());
    run(&mut comment(&double, folder.path(), &report)).assert(0, "", "comment absent\n");
}

#[test]
fn a_report_about_an_older_commit_is_not_told() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::with_pull_request(7, &"1".repeat(40)));
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    let stderr =
        format!("the report is about `{HEAD}`, the pull request is at `{}`\ncomment stale\n", "1".repeat(40));
    run(&mut comment(&double, folder.path(), &report)).assert(0, "", &stderr);
    assert!(double.repository("o/r").comments.is_empty());
}

#[test]
fn a_comment_that_fails_is_told_and_changes_no_verdict() {
    let double = GitHubDouble::start();
    double
        .put("o/r", RepositoryState { refuses_writes: true, ..RepositoryState::with_pull_request(7, HEAD) });
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    let stderr = "comment failed\n\
        error[forge::refused]: could not write the comment: status 403, `Resource not accessible by integration`\n  \
        = help: the token needs `pull-requests: write` for comments and `issues: write` for issues\n";
    run(&mut comment(&double, folder.path(), &report)).assert(0, "", stderr);
    run(comment(&double, folder.path(), &report).arg("--exit-code")).assert(2, "", stderr);
}

#[test]
fn the_runner_gets_summary_outputs_and_annotations() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::with_pull_request(7, HEAD));
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    let (output, summary) = (folder.path().join("output"), folder.path().join("summary"));
    let mut command = comment(&double, folder.path(), &report);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_OUTPUT", &output)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_SERVER_URL", "https://github.example")
        .env("GITHUB_REPOSITORY", "o/r")
        .env("GITHUB_RUN_ID", "42");
    run(&mut command).assert(
        0,
        "::warning file=environments/dev/app/langfuse/deployment-langfuse-worker.yaml,\
         title=dev%3A Deployment langfuse/langfuse-worker::nothing runs any more\n",
        "comment created: https://github.example/pull/7#issuecomment-1001\n",
    );
    let outputs = std::fs::read_to_string(output).expect("outputs");
    assert_eq!(
        outputs,
        "verdict=changed\nchanged=true\nresources-added=0\nresources-changed=3\nresources-removed=0\nrisky=1\n\
         comment=created\ncomment-url=https://github.example/pull/7#issuecomment-1001\n"
    );
    let summary = std::fs::read_to_string(summary).expect("a summary");
    assert!(summary.contains("[run](https://github.example/o/r/actions/runs/42)"), "{summary}");
}

#[test]
fn the_pull_request_of_a_stranger_is_found_by_its_commit_alone() {
    let double = GitHubDouble::start();
    let mut state = RepositoryState::default();
    for number in 1..=9 {
        let head = if number == 8 { HEAD.to_owned() } else { format!("{number:040}") };
        state.pull_requests.push((number, head, number != 3));
    }
    double.put("o/r", state);
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    let mut command = program(folder.path());
    command.args(["pr", "comment", "--repository", "o/r", "--head-sha", HEAD, "--github-api", &double.url()]);
    command.arg("--from").arg(&report);
    run(&mut command).assert(0, "", "comment created: https://github.example/pull/8#issuecomment-1\n");
    assert_eq!(double.repository("o/r").comments[0].issue, 8);
}

#[test]
fn the_table_tells_the_last_known_drift() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::with_pull_request(7, HEAD));
    let folder = tempfile::tempdir().expect("a folder");
    let drift = reports::write(folder.path(), "drift.json", &reports::drift(&["web", "worker"], &[]));
    let mut publish = program(folder.path());
    publish
        .args(["report", "publish", "--repository", "o/r", "--github-api", &double.url()])
        .arg("--from")
        .arg(drift);
    assert_eq!(run(&mut publish).status, 0);
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    assert_eq!(run(&mut comment(&double, folder.path(), &report)).status, 0);
    let body = double.repository("o/r").own_comments()[0].body.clone();
    let row = body.lines().find(|line| line.starts_with("| `dev`")).expect("a row");
    assert!(row.contains("| **2** since `20") && row.ends_with("(#1001) |"), "{row}");
}

#[test]
fn hostile_artifacts_are_refused_whole() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState::with_pull_request(7, HEAD));
    let folder = tempfile::tempdir().expect("a folder");
    let mut more = reports::diff();
    more["pullRequest"] = json!(1);
    let report = reports::write(folder.path(), "more.json", &more);
    let more = run(&mut comment(&double, folder.path(), &report));
    assert_eq!(more.status, 1, "{}", more.stderr);
    assert!(
        more.stderr.contains("error[report::invalid]") && more.stderr.contains("unknown field"),
        "{}",
        more.stderr
    );

    let huge = folder.path().join("huge.json");
    std::fs::File::create(&huge).and_then(|file| file.set_len(33 * 1024 * 1024)).expect("a large file");
    let huge = run(&mut comment(&double, folder.path(), &huge));
    assert_eq!(huge.status, 1);
    assert!(huge.stderr.contains("larger than 32 MiB"), "{}", huge.stderr);

    let link = folder.path().join("link.json");
    std::os::unix::fs::symlink("/etc/passwd", &link).expect("a link");
    let link = run(&mut comment(&double, folder.path(), &link));
    assert_eq!(link.status, 1);
    assert!(link.stderr.contains("it is no file") && !link.stderr.contains("root:"), "{}", link.stderr);
    assert!(double.repository("o/r").log.is_empty(), "nothing was asked");
}

#[test]
fn without_a_token_nothing_is_tried_and_the_verdict_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    let comment = |more: &[&str]| {
        let mut command = program(folder.path());
        command.env_remove("GITHUB_TOKEN").env("GITHUB_OUTPUT", folder.path().join("output"));
        command.args(["pr", "comment", "--repository", "o/r", "--pull-request", "7"]).args(more);
        run(command.arg("--from").arg(&report))
    };
    let stderr = "comment failed\n\
        error[forge::token]: `GITHUB_TOKEN` is not set\n  \
        = help: in a workflow: `env: {GITHUB_TOKEN: ${{ github.token }}}`\n";
    comment(&[]).assert(0, "", stderr);
    comment(&["--exit-code"]).assert(2, "", stderr);
    let outputs = std::fs::read_to_string(folder.path().join("output")).expect("outputs");
    assert!(outputs.contains("verdict=changed\n") && outputs.contains("comment=failed\n"), "{outputs}");
}

#[test]
fn the_program_itself_lives_through_faults() {
    let double = GitHubDouble::start();
    let folder = tempfile::tempdir().expect("a folder");
    let report = reports::write(folder.path(), "diff.json", &reports::diff());
    let mut state = RepositoryState::with_pull_request(7, HEAD);
    state.faults = Faults::dropping_writes(1);
    double.put("o/r", state);
    let run = run(&mut comment(&double, folder.path(), &report));
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let comments = double.repository("o/r");
    assert_eq!(comments.own_comments().len(), 1);
    assert_eq!(comments.own_comments()[0].author, AUTHOR);
}
