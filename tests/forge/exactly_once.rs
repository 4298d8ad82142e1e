//! Exactly one comment and one issue, whatever goes wrong: random runs of what the commands do, with a clock that takes no time.

use std::cell::Cell;
use std::time::Duration;

use plimsoll::commands::forge_target::ForgeTarget;
use plimsoll::commands::pr::comment;
use plimsoll::commands::report::publish;
use plimsoll::commands::runner::Runner;
use plimsoll::diagnostic::Diagnostics;
use plimsoll::forge::comments::{CommentPlace, WhenAbsent, Written};
use plimsoll::forge::{Client, Clock, Exchange, GitHub, Method, Request, Response, Unanswered};
use plimsoll::report::diff::model::DiffReport;
use plimsoll::report::drift::model::{DriftReport, Verdict};
use plimsoll::report::github::diff_comment::{self, Surroundings};
use plimsoll::report::github::drift_issue;
use plimsoll::terminal::Terminal;

use crate::double::{AUTHOR, Faults, GitHubDouble, RepositoryState, TOKEN};
use crate::reports::{self, HEAD};

const MARKER: &str = diff_comment::MARKER;

/// A clock that only counts what is waited.
#[derive(Default)]
struct CountingClock(Cell<Duration>);

impl Clock for &CountingClock {
    fn elapsed(&self) -> Duration {
        self.0.get()
    }

    fn unix_seconds(&self) -> u64 {
        900 + self.0.get().as_secs()
    }

    fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + duration);
    }

    fn jitter(&self, bound: Duration) -> Duration {
        bound / 2
    }
}

/// The client, which notes when writes are sent.
struct Watched<'a> {
    client: &'a Client,
    clock: &'a CountingClock,
    last_write: Cell<Option<Duration>>,
}

impl Exchange for Watched<'_> {
    fn exchange(&self, request: &Request) -> Result<Response, Unanswered> {
        if request.method != Method::Get {
            let now = self.clock.elapsed();
            if let Some(last) = self.last_write.replace(Some(now)) {
                assert!(now - last >= Duration::from_secs(1), "two writes within a second");
            }
        }
        self.client.exchange(request)
    }
}

fn github<'a>(client: &'a Client, clock: &'a CountingClock) -> GitHub<Watched<'a>, &'a CountingClock> {
    GitHub::new(Watched { client, clock, last_write: Cell::new(None) }, clock)
}

/// A repository as it is found: others have written, and somebody pasted our markers.
fn inhabited(seed: u64) -> RepositoryState {
    let mut state = RepositoryState::with_pull_request(7, HEAD);
    for number in 0..seed % 8 {
        state.add_comment(7, "somebody", &format!("remark {number}"));
        state.add_issue("somebody", "else", "text", &["plimsoll-drift".to_owned()]);
    }
    state.add_comment(7, "impostor", &format!("{MARKER}\nnot ours"));
    let marker = drift_issue::marker("dev");
    state.add_issue("impostor", "not ours", &format!("{marker}\nnot ours"), &["plimsoll-drift".to_owned()]);
    state
}

/// What one job tells: the pull request what it changes, and the issue of `dev` what drifts.
struct Job {
    diff: DiffReport,
    drift: DriftReport,
}

impl Job {
    /// One of some jobs, by a number.
    fn of(number: u64) -> Job {
        let diff = if number.is_multiple_of(2) { reports::diff() } else { reports::unchanged() };
        let drift = match number / 2 % 4 {
            0 => reports::drift(&[], &[]),
            1 => reports::drift(&["web"], &[]),
            2 => reports::drift(&["web", "worker"], &[]),
            _ => reports::drift(&[], &["aws:sts"]),
        };
        Job {
            diff: serde_json::from_value(diff).expect("a diff report"),
            drift: serde_json::from_value(drift).expect("a drift report"),
        }
    }

    /// What `pr comment` and `report publish` do once they are connected.
    fn run(&self, client: &Client, repository: &str, now: u64) -> Result<(), Diagnostics> {
        let clock = CountingClock::default();
        let github = github(client, &clock);
        let mut terminal = Terminal::of_writers(Box::new(std::io::sink()), Box::new(std::io::sink()));
        let target = || ForgeTarget {
            repository: repository.parse().expect("a name"),
            github_api: None,
            author: None,
        };
        let comment = comment::Arguments {
            target: target(),
            pull_request: Some(7),
            head_sha: None,
            from: Vec::new(),
            details_url: None,
            artifact: None,
            exit_code: false,
            dry_run: false,
        };
        let posted =
            comment::post(&comment, &github, &self.diff, &mut Surroundings::default(), &mut terminal)?;
        assert_ne!(posted.word, "stale");
        let publish = publish::Arguments {
            target: target(),
            from: Vec::new(),
            webhook: None,
            metrics: None,
            started: None,
        };
        let reports = std::slice::from_ref(&self.drift);
        let mut problems = Diagnostics::new();
        publish::publish_issues(
            &publish,
            &github,
            reports,
            now,
            &Runner::default(),
            &mut terminal,
            &mut problems,
        );
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn run_seed(double: &GitHubDouble, client: &Client, seed: u64) {
    let name = format!("random/run-{seed}");
    let mut state = inhabited(seed);
    state.faults = Faults::of_seed(seed, 16, 35);
    double.put(&name, state);
    // Both are there from the first job on, whatever the others say.
    let numbers = [2, seed, seed / 3, seed / 7 + 1];
    for (day, number) in (0..).zip(numbers) {
        let job = Job::of(number);
        // A job that gives up is started again, as people and schedules do.
        let done = (0..5).any(|_| job.run(client, &name, 1_795_490_220 + day * 86_400).is_ok());
        assert!(done, "seed {seed}: five runs gave up");
    }
    let state = double.repository(&name);
    let last = Job::of(numbers[3]);
    let comments = state.own_comments();
    let on_pull_request: Vec<_> = comments.iter().filter(|comment| comment.issue == 7).collect();
    assert_eq!(on_pull_request.len(), 1, "seed {seed}: {:#?}", state.log);
    let expected = if diff_comment::has_news(&last.diff) { "### 3 changed in" } else { "No change in" };
    assert!(on_pull_request[0].body.contains(expected), "seed {seed}: {}", on_pull_request[0].body);

    let marker = drift_issue::marker("dev");
    let issues: Vec<_> = state
        .issues
        .iter()
        .filter(|issue| issue.author == AUTHOR && issue.body.starts_with(&marker))
        .collect();
    assert_eq!(issues.len(), 1, "seed {seed}: {:#?}", state.log);
    let ours_open = state.issues.iter().filter(|issue| issue.author == AUTHOR && issue.is_open).count();
    assert_eq!(ours_open, usize::from(issues[0].is_open), "seed {seed}: a double was left open");
    let is_open = match last.drift.verdict {
        Verdict::Drift => Some(true),
        Verdict::Clean => Some(false),
        // It stays as it was.
        Verdict::Incomplete => None,
    };
    assert!(is_open.is_none_or(|is_open| issues[0].is_open == is_open), "seed {seed}: {:#?}", issues[0]);
    // What was told of changes was told once each.
    let told: Vec<&str> = comments
        .iter()
        .filter(|comment| comment.issue != 7)
        .map(|comment| comment.body.lines().next().unwrap_or_default())
        .collect();
    let once: std::collections::BTreeSet<&&str> = told.iter().collect();
    assert_eq!(once.len(), told.len(), "seed {seed}: {told:#?}");
    let others = state.comments.iter().filter(|comment| comment.body.ends_with("not ours")).count();
    assert_eq!(others, 1, "seed {seed}: what others wrote is left alone");
}

#[test]
fn a_thousand_random_runs_leave_one_comment_and_one_issue_in_each_repository() {
    let double = GitHubDouble::start();
    // GraphQL is asked outside of any repository; this one answers it without faults.
    double.put("a/first", RepositoryState::default());
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let double = &double;
            scope.spawn(move || {
                let client = Client::connect(&double.url(), TOKEN).expect("a client");
                // Of each repository four runs.
                (0..63).for_each(|number| run_seed(double, &client, thread * 63 + number));
            });
        }
    });
}

#[test]
fn what_says_the_same_is_not_written_again() {
    let double = GitHubDouble::start();
    double.put("o/r", inhabited(5));
    let client = Client::connect(&double.url(), TOKEN).expect("a client");
    let repository = "o/r".parse().expect("a name");
    let clock = CountingClock::default();
    let github = github(&client, &clock);
    let author = github.identity(None).expect("an identity");
    let place = CommentPlace { repository: &repository, number: 7, marker: MARKER, author: &author };
    let keep = |text: &str, when_absent| {
        let body = format!("{MARKER}\n{text}");
        github.keep_comment(place, &body, when_absent).expect("no faults").0
    };
    assert_eq!(keep("none", WhenAbsent::Leave), Written::Absent);
    assert_eq!(keep("one", WhenAbsent::Create), Written::Created);
    assert_eq!(keep("one", WhenAbsent::Create), Written::Unchanged);
    assert_eq!(keep("one\r\n", WhenAbsent::Leave), Written::Unchanged);
    assert_eq!(keep("two", WhenAbsent::Leave), Written::Updated);
    let writes = double.repository("o/r").log.iter().filter(|line| !line.starts_with("GET")).count();
    assert_eq!(writes, 3, "the viewer was asked once, two writes were needed");
}

#[test]
fn a_token_without_a_viewer_writes_as_the_workflow() {
    let double = GitHubDouble::start();
    double.put("o/r", RepositoryState { hides_viewer: true, ..RepositoryState::default() });
    let client = Client::connect(&double.url(), TOKEN).expect("a client");
    let clock = CountingClock::default();
    let identity = github(&client, &clock).identity(None).expect("an identity");
    assert_eq!(identity, plimsoll::forge::Identity::named(AUTHOR));
}

#[test]
fn a_wrong_token_is_told_at_once_and_never_shown() {
    let double = GitHubDouble::start();
    let client = Client::connect(&double.url(), "another-token").expect("a client");
    let clock = CountingClock::default();
    let error = github(&client, &clock).identity(None).expect_err("it is refused");
    assert_eq!(error.to_string(), "could not find out whose token it is: status 401, `Bad credentials`");
    assert_eq!(clock.0.get(), Duration::ZERO);
}
