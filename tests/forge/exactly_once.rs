//! Exactly one comment and one issue, whatever goes wrong: random runs of the library, with a clock that takes no time.

use std::cell::Cell;
use std::time::Duration;

use plimsoll::forge::comments::{CommentPlace, WhenAbsent, Written};
use plimsoll::forge::issues::{IssueSeries, IssueText};
use plimsoll::forge::{Client, Clock, Exchange, ForgeError, GitHub, Method, Request, Response, Unanswered};

use crate::double::{AUTHOR, Faults, GitHubDouble, RepositoryState, TOKEN};

const MARKER: &str = "<!-- plimsoll:test:v1 -->";

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
    let mut state = RepositoryState::with_pull_request(7, "c0ffee");
    for number in 0..seed % 8 {
        state.add_comment(7, "somebody", &format!("remark {number}"));
        state.add_issue("somebody", "else", "text", &["plimsoll-drift".to_owned()]);
    }
    state.add_comment(7, "impostor", &format!("{MARKER}\nnot ours"));
    state.add_issue("impostor", "not ours", &format!("{MARKER}\nnot ours"), &["plimsoll-drift".to_owned()]);
    state
}

/// One run of a job: a comment and an issue, each brought to say the given text.
fn job(github: &GitHub<Watched<'_>, &CountingClock>, repository: &str, text: &str) -> Result<(), ForgeError> {
    let repository = repository.parse().expect("a name");
    let author = github.identity(None)?;
    let place = CommentPlace { repository: &repository, number: 7, marker: MARKER, author: &author };
    let body = format!("{MARKER}\n{text}");
    github.keep_comment(place, &body, WhenAbsent::Create)?;
    let series = IssueSeries { repository: &repository, label: "plimsoll-drift", author: &author };
    let issue = IssueText { title: "Drift".to_owned(), body, is_open: true };
    let known = github.issues(series)?;
    match GitHub::<Watched<'_>, &CountingClock>::find_issue(&known, MARKER) {
        Some(found) => github.keep_issue(&repository, found, &issue).map(drop),
        None => github.open_issue(series, &issue, MARKER).map(drop),
    }
}

fn run_seed(double: &GitHubDouble, client: &Client, seed: u64) {
    let name = format!("random/run-{seed}");
    let mut state = inhabited(seed);
    state.faults = Faults::of_seed(seed, 12, 35);
    double.put(&name, state);
    for text in ["first", "second"] {
        // A job that gives up is started again, as people and schedules do.
        let done = (0..5).any(|_| job(&github(client, &CountingClock::default()), &name, text).is_ok());
        assert!(done, "seed {seed}: five runs gave up");
    }
    let state = double.repository(&name);
    let body = format!("{MARKER}\nsecond");
    let comments: Vec<&str> = state.own_comments().iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(comments, [body.as_str()], "seed {seed}: {:#?}", state.log);
    let issues: Vec<&str> = state
        .issues
        .iter()
        .filter(|issue| issue.author == AUTHOR && issue.is_open)
        .map(|issue| issue.body.as_str())
        .collect();
    assert_eq!(issues, [body.as_str()], "seed {seed}: {:#?}", state.log);
    assert!(state.comments.iter().any(|comment| comment.body.ends_with("not ours")), "seed {seed}");
}

#[test]
fn a_thousand_random_runs_leave_one_comment_and_one_issue() {
    let double = GitHubDouble::start();
    // GraphQL is asked outside of any repository; this one answers it without faults.
    double.put("a/first", RepositoryState::default());
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let double = &double;
            scope.spawn(move || {
                let client = Client::connect(&double.url(), TOKEN).expect("a client");
                (0..250).for_each(|number| run_seed(double, &client, thread * 250 + number));
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
