//! `plimsoll report publish`, as a schedule runs it, check after check.

use serde_json::Value;

use crate::double::{AUTHOR, GitHubDouble, RepositoryState};
use crate::program::{Run, program, run};
use crate::reports;

/// A repository, and checks of it that are published one after the other.
struct Schedule {
    double: GitHubDouble,
    folder: tempfile::TempDir,
}

impl Schedule {
    fn new(state: RepositoryState) -> Schedule {
        let double = GitHubDouble::start();
        double.put("o/r", state);
        Schedule { double, folder: tempfile::tempdir().expect("a folder") }
    }

    fn publish(&self, report: &Value, more: &[&str]) -> Run {
        let path = reports::write(self.folder.path(), "drift.json", report);
        let mut command = program(self.folder.path());
        command.args(["report", "publish", "--repository", "o/r", "--github-api", &self.double.url()]);
        run(command.args(more).arg("--from").arg(path))
    }

    /// The only issue of ours: whether it is open, and how many comments it has.
    fn issue(&self) -> (bool, usize, String) {
        let state = self.double.repository("o/r");
        let own: Vec<_> = state.issues.iter().filter(|issue| issue.author == AUTHOR).collect();
        assert_eq!(own.len(), 1, "{own:#?}");
        let comments = state.comments.iter().filter(|comment| comment.issue == own[0].number).count();
        (own[0].is_open, comments, own[0].body.clone())
    }
}

#[test]
fn the_life_of_an_issue() {
    let schedule = Schedule::new(RepositoryState { last_number: 40, ..RepositoryState::default() });
    let clean = reports::drift(&[], &[]);
    let two = reports::drift(&["web", "worker"], &[]);

    let none = schedule.publish(&clean, &[]);
    assert_eq!(none.status, 0, "{}", none.stderr);
    assert!(schedule.double.repository("o/r").issues.is_empty(), "clean needs no issue");

    schedule.publish(&two, &[]).assert(0, "", "dev: opened https://github.example/issues/41\n");
    let (is_open, comments, body) = schedule.issue();
    assert_eq!((is_open, comments), (true, 0));
    crate::expected::assert("issue.md", &settled(&body));

    // The same set of findings: the text may change, nobody is told again.
    let mut again = two.clone();
    again["resources"][0]["fields"][0]["live"] = Value::from(7);
    assert_eq!(schedule.publish(&again, &[]).status, 0);
    let (_, comments, body) = schedule.issue();
    assert_eq!(comments, 0);
    assert!(body.contains("| `7` |"), "{body}");

    assert_eq!(schedule.publish(&reports::drift(&["worker", "clickhouse"], &[]), &[]).status, 0);
    let (is_open, comments, _) = schedule.issue();
    assert_eq!((is_open, comments), (true, 1));
    let told = schedule.double.repository("o/r").comments[0].body.clone();
    assert!(told.contains("1 new, 1 gone; 2 findings at"), "{told}");

    // Incomplete and nothing found: what is not known is not gone.
    let incomplete = reports::drift(&[], &["kubernetes:workload:apps/deployments"]);
    schedule.publish(&incomplete, &[]).assert(0, "", "dev: updated https://github.example/issues/41\n");
    let (is_open, comments, body) = schedule.issue();
    assert_eq!((is_open, comments), (true, 1));
    assert!(body.contains("2 findings of earlier checks could not be looked at again"), "{body}");

    schedule.publish(&clean, &[]).assert(0, "", "dev: closed https://github.example/issues/41\n");
    let (is_open, comments, _) = schedule.issue();
    assert_eq!((is_open, comments), (false, 2));

    let quiet = schedule.publish(&clean, &[]);
    assert!(quiet.stderr.ends_with("nothing to write\n"), "{}", quiet.stderr);

    schedule.publish(&two, &[]).assert(0, "", "dev: reopened https://github.example/issues/41\n");
    let (is_open, comments, _) = schedule.issue();
    assert_eq!((is_open, comments), (true, 3));
    let told = schedule.double.repository("o/r").comments[2].body.clone();
    assert!(told.contains("Drift is back: 2 findings at"), "{told}");
}

#[test]
fn first_seen_times_stay_in_the_issue() {
    let schedule = Schedule::new(RepositoryState::default());
    assert_eq!(schedule.publish(&reports::drift(&["web"], &[]), &[]).status, 0);
    let (_, _, body) = schedule.issue();
    let first = body.lines().find(|line| line.contains("langfuse/web")).expect("a row").to_owned();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    assert_eq!(schedule.publish(&reports::drift(&["web", "worker"], &[]), &[]).status, 0);
    let (_, _, body) = schedule.issue();
    assert!(body.contains(&first), "{first}\n{body}");
}

#[test]
fn a_pasted_marker_is_not_taken_for_our_issue() {
    let mut state = RepositoryState::default();
    let label = vec!["plimsoll-drift".to_owned()];
    state.add_issue("impostor", "x", "<!-- plimsoll:drift-issue:v1 environment=dev -->\nx", &label);
    let schedule = Schedule::new(state);
    assert_eq!(schedule.publish(&reports::drift(&["web"], &[]), &[]).status, 0);
    assert!(schedule.issue().0);
}

#[test]
fn incomplete_opens_nothing_and_metrics_tell_it() {
    let schedule = Schedule::new(RepositoryState::default());
    let metrics = schedule.folder.path().join("plimsoll.prom");
    let more = ["--metrics", metrics.to_str().expect("UTF-8"), "--started", "1"];
    assert_eq!(schedule.publish(&reports::drift(&[], &["aws:sts"]), &more).status, 0);
    assert!(schedule.double.repository("o/r").issues.is_empty());
    let text = std::fs::read_to_string(&metrics).expect("metrics");
    assert!(text.contains("plimsoll_check_complete{environment=\"dev\"} 0\n"), "{text}");
    assert!(!text.contains("plimsoll_last_complete_check_timestamp_seconds{"), "{text}");
    assert_eq!(schedule.publish(&reports::drift(&["web"], &[]), &more).status, 0);
    let text = std::fs::read_to_string(&metrics).expect("metrics");
    assert!(
        text.contains("plimsoll_drifted_resources{environment=\"dev\",severity=\"medium\"} 1\n"),
        "{text}"
    );
    assert!(text.contains("plimsoll_last_complete_check_timestamp_seconds{environment=\"dev\"} "), "{text}");
    assert!(text.contains("plimsoll_check_duration_seconds{environment=\"dev\"} "), "{text}");
}

#[test]
fn one_shard_is_not_published_as_the_whole() {
    let schedule = Schedule::new(RepositoryState::default());
    let mut shard = reports::drift(&[], &[]);
    shard["shard"] = serde_json::json!({"index": 1, "of": 2, "run": "r"});
    let run = schedule.publish(&shard, &[]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("it is shard 1 of 2 only"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_published_is_a_failure() {
    let schedule = Schedule::new(RepositoryState { refuses_writes: true, ..RepositoryState::default() });
    let run = schedule.publish(&reports::drift(&["web"], &[]), &[]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("could not open the issue: status 403"), "{}", run.stderr);
    let plain = schedule.publish(&reports::drift(&["web"], &[]), &["--webhook", "http://hooks.example/x"]);
    assert_eq!(plain.status, 64);
}

/// The text without what differs from run to run.
fn settled(body: &str) -> String {
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").expect("a pattern");
    time.replace_all(body, "2026-11-24T03:17:00Z").into_owned()
}
