//! Shards: any number of them finds the same, and joining them fails closed.

use serde_json::Value;

use super::recorded_cluster::RecordedCluster;
use crate::support::{Run, TemporaryRepository};

const FOLDERS: [&str; 4] = ["added", "changed", "states", "silent"];

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"))
}

/// Writes a shard's report, and gives its path.
fn shard(repository: &TemporaryRepository, index: u32, of: u32, run: &str) -> String {
    let path = format!("shard-{index}-{of}-{run}.json");
    let part = format!("{index}/{of}");
    let output = format!("json={path}");
    repository.run(&["check", "--env", "dev", "--shard", &part, "--run", run, "-o", &output]);
    path
}

fn merged(repository: &TemporaryRepository, paths: &[String]) -> Run {
    let mut arguments = vec!["report", "merge", "-o", "json"];
    arguments.extend(paths.iter().map(String::as_str));
    repository.run(&arguments)
}

#[test]
fn any_number_of_shards_finds_the_same() {
    let (repository, _server) = RecordedCluster::of_cases(&FOLDERS).serve(RecordedCluster::answer);
    let whole = repository.run(&["check", "--env", "dev", "-o", "json"]);
    assert_eq!(whole.status, 2, "{whole}");
    let again = repository.run(&["check", "--env", "dev", "-o", "json", "--concurrency", "1"]);
    assert_eq!(again, whole, "the same is told again, fingerprints too, however many requests run at once");
    for of in [1, 2, 3, 8] {
        let paths: Vec<String> = (1..=of).map(|index| shard(&repository, index, of, "r")).collect();
        let joined = merged(&repository, &paths);
        assert_eq!((joined.status, report(&joined)), (2, report(&whole)), "{of} shards");
    }
}

#[test]
fn joining_fails_closed() {
    let (repository, _server) = RecordedCluster::of_cases(&["silent"]).serve(RecordedCluster::answer);
    let paths: Vec<String> = (1..=3).map(|index| shard(&repository, index, 3, "r")).collect();
    let of_other_run = shard(&repository, 2, 3, "s");
    let of_other_number = shard(&repository, 2, 4, "r");
    repository.commit("another revision");
    std::fs::rename(repository.path().join(&paths[1]), repository.path().join("kept.json")).expect("a file");
    let of_other_revision = shard(&repository, 2, 3, "r");
    let [first, kept, third] = [paths[0].clone(), "kept.json".to_owned(), paths[2].clone()];
    for (parts, status, cause) in [
        (vec![&first, &kept, &third], 0, None),
        (vec![&first, &third], 3, Some("ShardMissing")),
        (vec![&first, &kept, &kept, &third], 3, Some("ShardDoubled")),
        (vec![&first, &of_other_run, &third], 3, Some("ShardOfAnotherRun")),
        (vec![&first, &of_other_number, &third], 3, Some("ShardOfAnotherNumber")),
        (vec![&first, &of_other_revision, &third], 3, Some("ShardOfAnotherRevision")),
    ] {
        let parts: Vec<String> = parts.into_iter().cloned().collect();
        let joined = merged(&repository, &parts);
        assert_eq!(joined.status, status, "{parts:?}: {joined}");
        let told = report(&joined);
        let unreadable = told["unreadable"].as_array().expect("a list");
        let causes: Vec<&str> = unreadable.iter().filter_map(|one| one["cause"].as_str()).collect();
        match cause {
            Some(cause) => assert!(causes.contains(&cause), "{parts:?}: {causes:?}"),
            None => assert!(causes.is_empty(), "{parts:?}: {causes:?}"),
        }
        assert_eq!(told["complete"], Value::from(cause.is_none()), "{parts:?}");
    }
}
