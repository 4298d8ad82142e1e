//! Shards on many machines, as processes: their reports meet in S3, and what is missing there is never clean.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Account, account, outline, recorder, steps};
use crate::support::server::{Received, Server};
use crate::support::{Run, TemporaryRepository, expected};

const SHARDS: u32 = 8;

/// The shard that is killed while its report is on the way.
const KILLED: &str = "shard-3-of-8";

#[test]
fn eight_shards_meet_in_a_bucket_and_one_that_was_killed_is_missed_until_it_is_tried_again() {
    let Some(mut account) = account() else { return };
    let corpus = expected::package().join("tests/corpus/drift-aws");
    account.empty();
    account.take(&steps(&corpus.join("account.yaml")));
    account.take(&steps(&corpus.join("cases/bucket-opened.yaml")));
    account.take(&steps(&corpus.join("reports.yaml")));
    let arrived = Arc::new(AtomicBool::new(false));
    let killed = Arc::new(AtomicBool::new(false));
    let (is_here, is_gone) = (Arc::clone(&arrived), Arc::clone(&killed));
    let recorder = recorder::start(account.port(), move |request| {
        let is_it = request.method == "PUT" && request.target.contains(KILLED);
        if !is_it || is_gone.load(Ordering::SeqCst) {
            return true;
        }
        is_here.store(true, Ordering::SeqCst);
        wait_for(&is_gone);
        false
    });
    let repository = TemporaryRepository::with(&corpus.join("repository"));
    let lab = Lab { account: &account, address: recorder.address(), repository: &repository };

    let mut shards: Vec<Child> =
        (1..=SHARDS).map(|index| lab.shard(index).spawn().expect("it starts")).collect();
    wait_for(&arrived);
    shards[2].kill().expect("it runs");
    killed.store(true, Ordering::SeqCst);
    for shard in &mut shards {
        shard.wait().expect("it ends");
    }
    let merged = lab.run(&["report", "merge", "s3://reports/lab/4711", "-o", "json"]);
    let report: Value = serde_json::from_str(&merged.stdout).expect("a report is JSON");
    assert_eq!(report["complete"], false, "{merged}");
    assert_eq!(
        report["unreadable"],
        serde_json::json!([{"target": "shard 3/8", "cause": "ShardMissing"}]),
        "{merged}"
    );

    assert!(matches!(lab.shard(3).status().expect("it starts").code(), Some(0 | 2)));
    let merged = lab.run(&["report", "merge", "s3://reports/lab/4711", "-o", "json"]);
    let whole = lab.run(&["check", "--env", "lab", "--only", "aws", "-o", "json"]);
    let read = |run: &Run| outline::of(&serde_json::from_str(&run.stdout).expect("a report is JSON"));
    assert_eq!((merged.status, read(&merged)), (whole.status, read(&whole)), "{merged}");
    assert_eq!(merged.status, 2, "{merged}");

    // Once more: what is there is written over, and only if nobody else has written meanwhile.
    lab.shard(1).status().expect("it starts");
    let written = puts(&recorder);
    assert_eq!(written.len(), 10, "{written:?}");
    for (name, request) in &written {
        assert_eq!(request.header("x-amz-server-side-encryption"), Some("AES256"), "{name}");
        assert!(request.header("x-amz-checksum-sha256").is_some(), "{name}: {:?}", request.headers);
        let conditions = (request.header("if-none-match"), request.header("if-match"));
        assert!(matches!(conditions, (Some("*"), None) | (None, Some(_))), "{name}: {conditions:?}");
    }
    assert!(written.last().is_some_and(|(_, request)| request.header("if-match").is_some()));
}

#[test]
fn a_report_that_cannot_go_where_it_should_is_a_failure() {
    let Some(mut account) = account() else { return };
    account.empty();
    let corpus = expected::package().join("tests/corpus/drift-aws");
    account.take(&steps(&corpus.join("reports.yaml")));
    let repository = TemporaryRepository::with(&corpus.join("repository"));
    let lab = Lab { account: &account, address: account.url(), repository: &repository };
    let mut told = String::new();
    for arguments in [
        &["check", "--env", "lab", "--only", "aws", "-o", "json=s3://nowhere/lab"][..],
        &["check", "--env", "lab", "--only", "aws", "--shard", "1/8", "-o", "json=s3://reports/lab"],
        &["report", "merge", "s3://reports/empty"],
        &["report", "merge", "s3://reports/lab/drift.json"],
        &["report", "publish", "--repository", "owner/name", "--from", "s3://nowhere/lab"],
        &["check", "--env", "lab", "--from-snapshot", "s3://reports/lab/snapshot.json"],
    ] {
        told.push_str(&format!("$ plimsoll {}\n{}\n", arguments.join(" "), lab.run(arguments)));
    }
    let wrong: Vec<String> =
        expected::compare(&corpus.join("failing-stores.txt"), &told).into_iter().collect();
    expected::assert_none(&wrong);
}

struct Lab<'a> {
    account: &'a Account,
    address: String,
    repository: &'a TemporaryRepository,
}

impl Lab<'_> {
    fn command(&self) -> Command {
        let mut command = self.repository.command();
        self.account.show_to(&mut command);
        command.env("AWS_ENDPOINT_URL", &self.address);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of_command(self.command().args(arguments))
    }

    fn shard(&self, index: u32) -> Command {
        let mut command = self.command();
        command
            .args(["check", "--env", "lab", "--only", "aws", "--run", "4711", "--shard"])
            .arg(format!("{index}/{SHARDS}"))
            .args(["-o", "json=s3://reports/lab/4711"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

fn puts(recorder: &Server) -> Vec<(String, Received)> {
    let requests = recorder.received().into_iter();
    let puts = requests.filter(|request| request.method == "PUT" && request.target.contains("-of-8.json"));
    puts.map(|request| (request.target.clone(), request)).collect()
}

fn wait_for(flag: &AtomicBool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !flag.load(Ordering::SeqCst) {
        assert!(Instant::now() < end, "nothing happened");
        std::thread::sleep(Duration::from_millis(20));
    }
}
