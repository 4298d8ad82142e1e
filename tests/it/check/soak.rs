//! Checks in a row against a server that fails at random: none may call in sync what is not, none may crash, and memory stays
//! flat. `cargo xtask soak` runs two hundred; every test run some.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plimsoll::check::aws::Writers;
use plimsoll::check::desired::{self, Desired, Tree};
use plimsoll::check::run::{self, CheckRequest};
use plimsoll::check::scope::CheckScope;
use plimsoll::config::date::Date;
use plimsoll::config::environment::Platform;
use plimsoll::exit::ExitStatus;
use plimsoll::git::Repository;
use plimsoll::live::kube::ExecPlugins;
use plimsoll::report::drift::model::{DriftReport, Identity, Resource, State, Verdict};

use super::recorded_cluster::RecordedCluster;
use crate::support::TemporaryRepository;
use crate::support::server::{Answer, Received};

/// How many checks there are, where `PLIMSOLL_SOAK_ROUNDS` says nothing.
const ROUNDS: u64 = 8;

/// How long a check of a failing server may take: some never come to an end by themselves.
const TIME: Duration = Duration::from_secs(4);

/// How long the first check may take, however busy the machine is.
const TIME_WITHOUT_FAULTS: Duration = Duration::from_secs(120);

/// From so many rounds on, memory is looked at: other tests of the same process would be in the way.
const ROUNDS_ALONE: u64 = 50;

/// How much more memory the last round may have than those after the first few.
const MOST_GROWTH_KIB: u64 = 8 << 10;

#[test]
fn a_failing_server_never_makes_a_wrong_in_sync() {
    let drifting = ["added", "changed", "removed", "order", "states", "immutable", "rejected", "silent"];
    let rounds = rounds();
    let wrong = [soak(&["silent"], rounds / 2), soak(&drifting, rounds.div_ceil(2))].concat();
    assert!(wrong.is_empty(), "{} round(s) were wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn rounds() -> u64 {
    let asked = std::env::var("PLIMSOLL_SOAK_ROUNDS").ok();
    asked.map_or(ROUNDS, |asked| asked.parse().expect("PLIMSOLL_SOAK_ROUNDS is a number"))
}

/// Gives what is wrong.
fn soak(folders: &[&str], rounds: u64) -> Vec<String> {
    let faults = Arc::new(Mutex::new(Faults { seed: 0, in_hundred: 0 }));
    let count = Arc::new(AtomicU64::new(0));
    let (repository, server) = RecordedCluster::of_cases(folders).serve({
        let (faults, count) = (Arc::clone(&faults), Arc::clone(&count));
        move |cluster, request| {
            let now = *faults.lock().expect("no thread panics with the lock");
            now.disturb(count.fetch_add(1, Ordering::Relaxed), request, || cluster.answer(request))
        }
    });
    let desired = declared(&repository);
    let truth = check(&desired, TIME_WITHOUT_FAULTS);
    assert!(truth.0.complete, "without faults everything is read: {:?}", truth.0.unreadable);
    let mut wrong = Vec::new();
    let mut memory = Vec::new();
    for round in 0..rounds {
        *faults.lock().expect("no thread panics with the lock") =
            Faults { seed: round, in_hundred: 5 + round * 17 % 60 };
        let found = check(&desired, TIME);
        wrong.extend(judge(&truth, &found).into_iter().map(|words| format!("round {round}: {words}")));
        memory.push(resident_kib());
        server.forget();
    }
    if rounds >= ROUNDS_ALONE {
        let early = memory.iter().take(memory.len() / 4).max().copied().unwrap_or_default();
        let late = memory.last().copied().unwrap_or_default();
        if late > early + MOST_GROWTH_KIB {
            wrong.push(format!("memory grew from {early} to {late} KiB"));
        }
    }
    wrong
}

fn declared(repository: &TemporaryRepository) -> Desired {
    let opened = Repository::open(repository.path()).expect("a repository");
    let commit = opened.resolve("HEAD").expect("a commit");
    desired::read(&opened, Tree::Commit(commit), "dev").expect("what is declared can be read")
}

fn check(desired: &Desired, time: Duration) -> (DriftReport, ExitStatus) {
    let request = CheckRequest {
        scope: CheckScope::default(),
        only: vec![Platform::Kubernetes],
        concurrency: 8,
        timeout: time,
        plugins: ExecPlugins::Refused,
        run: String::new(),
        today: Date::today(),
        writers: Writers::NotAsked,
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads to read with");
    let read = runtime.block_on(run::read(desired, &request)).expect("no account is asked");
    run::report(desired, &request, read.outcome)
}

/// What a report of a failing server says that it must not say.
fn judge(truth: &(DriftReport, ExitStatus), found: &(DriftReport, ExitStatus)) -> Vec<String> {
    let mut wrong = Vec::new();
    let by_identity = |report: &DriftReport| -> BTreeMap<Identity, Resource> {
        report.resources.iter().map(|resource| (resource.id.clone(), resource.clone())).collect()
    };
    let (expected, told) = (by_identity(&truth.0), by_identity(&found.0));
    for (id, resource) in &told {
        let is_right = match expected.get(id) {
            Some(expected) => resource == expected || is_less_of(resource, expected),
            None => false,
        };
        if !is_right && resource.state != State::Unknown {
            wrong.push(format!("{id:?} is told as {resource:?}, and is {:?}", expected.get(id)));
        }
    }
    let absent = expected.values().filter(|resource| !told.contains_key(&resource.id));
    for resource in absent {
        if resource.state != State::Extra || found.0.complete {
            wrong.push(format!("{:?} is not told", resource.id));
        }
    }
    let has_drift = found.0.resources.iter().any(|one| !matches!(one.state, State::InSync | State::Unknown));
    let is_status_right = match found.1 {
        ExitStatus::Clean => found.0.verdict == Verdict::Clean && found.0.complete && !has_drift,
        ExitStatus::Different => has_drift,
        ExitStatus::Incomplete => !has_drift && !found.0.complete,
        ExitStatus::Failed => told.values().all(|resource| resource.state == State::Unknown),
        _ => false,
    };
    if !is_status_right {
        wrong.push(format!("{:?} with verdict {:?}", found.1, found.0.verdict));
    }
    wrong
}

/// Of what is extra the values may be missing where only the list could be read.
fn is_less_of(found: &Resource, expected: &Resource) -> bool {
    found.state == State::Extra
        && expected.state == State::Extra
        && found.fields.iter().all(|field| expected.fields.contains(field))
}

/// Which faults there are at a time.
#[derive(Debug, Clone, Copy)]
struct Faults {
    seed: u64,
    in_hundred: u64,
}

impl Faults {
    /// The answer, or what comes instead of it.
    fn disturb(self, number: u64, request: &Received, answer: impl Fn() -> Answer) -> Answer {
        let random = mixed(self.seed.wrapping_mul(1_000_003).wrapping_add(number));
        if random % 100 >= self.in_hundred {
            return answer();
        }
        let status = |code: u16| Answer::of_status(code, r#"{"kind":"Status","status":"Failure"}"#);
        let mut whole = answer();
        match random / 100 % 16 {
            0 => status(429).with("Retry-After", "0"),
            1 => status(429),
            2 => status(500),
            3 => status(502),
            4 => status(503).with("Retry-After", "0"),
            5 => status(504),
            6 => status(403),
            7 if request.target.contains("continue=") => status(410),
            8 => Answer::ok("<html><body>Please log in</body></html>"),
            9 => Answer::ok(""),
            10 => Answer::none(),
            11 => {
                // Said to be longer than it is.
                whole.length = whole.body.len() + 1 + random as usize % 4096;
                whole
            }
            12 => {
                // Cut off, and said to be whole.
                whole.body.truncate(random as usize % whole.body.len().max(1));
                whole.length = whole.body.len();
                whole
            }
            13 => Answer::ok(
                r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","code":500}"#,
            ),
            14 => {
                std::thread::sleep(Duration::from_millis(random % 200));
                whole
            }
            _ => status(401),
        }
    }
}

/// SplitMix64: numbers that look random and are the same in each run.
fn mixed(number: u64) -> u64 {
    let mut value = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// How much memory this process has; 0 where the system does not tell.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
