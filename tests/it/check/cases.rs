//! `plimsoll check` on a real API server, case by case: objects are deployed, changed by kubectl, and the report is compared.
//!
//! A case is a file of kubectl commands beside the expected text report; `as USER` says who checks. No output of any format may
//! show a value of a Secret, whatever was changed.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::lab::Cluster;
use crate::support::expected::{assert_none, compare, entries, package};
use crate::support::{Run, TemporaryRepository};

const KINDS: &str = "deployment,service,configmap,secret,networkpolicy";

const FORMATS: [&str; 5] = ["text", "json", "yaml", "markdown", "junit"];

#[test]
fn a_check_tells_what_differs_and_shows_no_secret() {
    let Some(cluster) = Cluster::start() else { return };
    let files = package().join("tests/corpus/check/repository");
    let mut wrong = Vec::new();
    for steps in
        entries("check/cases").into_iter().filter(|path| path.extension().is_some_and(|end| end == "steps"))
    {
        let repository = TemporaryRepository::with(&files);
        deploy(&cluster, repository.path());
        let user = take_steps(&cluster, &steps);
        point_at(&repository, &cluster, user);
        let run = repository.run(&["check", "--env", "dev", "--timeout", "60s"]);
        wrong.extend(compare(&steps.with_extension("expected"), &without_times(&run)));
        wrong.extend(of_snapshot(&repository, &run, &steps));
        for format in FORMATS {
            let output = repository.run(&["check", "--env", "dev", "-o", format, "-vv"]);
            for mark in marks(&output) {
                wrong.push(format!("{} as {format}: the output shows {mark}", steps.display()));
            }
        }
    }
    assert_none(&wrong);
}

/// A check of a snapshot says what a check of the cluster says, and the snapshot holds no value of a Secret.
pub(super) fn of_snapshot(repository: &TemporaryRepository, live: &Run, steps: &Path) -> Vec<String> {
    let taken = repository.run(&["snapshot", "--env", "dev", "--to", "live.json"]);
    let run = repository.run(&["check", "--env", "dev", "--from-snapshot", "live.json"]);
    let text = std::fs::read_to_string(repository.path().join("live.json")).unwrap_or_default();
    let mut wrong = Vec::new();
    if (run.status, &run.stdout) != (live.status, &live.stdout) {
        wrong.push(format!(
            "{}: of the snapshot\n{run}\nof the cluster\n{live}\ntaken\n{taken}",
            steps.display()
        ));
    }
    let held = Run { status: 0, stdout: text, stderr: taken.stderr };
    for mark in marks(&held) {
        wrong.push(format!("{}: the snapshot shows {mark}", steps.display()));
    }
    wrong
}

/// Brings the cluster to what the repository says, as a GitOps tool does.
fn deploy(cluster: &Cluster, folder: &Path) {
    let manifests = folder.join("environments").display().to_string();
    cluster.kubectl(&["delete", KINDS, "--all", "-n", "shop", "--ignore-not-found", "--wait=false"]);
    let namespace = folder.join("environments/dev/app/_cluster").display().to_string();
    for path in [namespace, manifests] {
        let apply = [
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=kustomize-controller",
            "-R",
            "-f",
        ];
        let arguments: Vec<&str> = apply.into_iter().chain([path.as_str()]).collect();
        cluster.kubectl(&arguments);
    }
}

pub(super) fn take_steps(cluster: &Cluster, steps: &Path) -> &'static str {
    let text = std::fs::read_to_string(steps).expect("the corpus can be read");
    let mut user = "reader";
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line {
            "as nobody" => user = "nobody",
            line => {
                cluster.kubectl(&line.split(' ').collect::<Vec<_>>());
            }
        }
    }
    user
}

pub(super) fn point_at(repository: &TemporaryRepository, cluster: &Cluster, user: &str) {
    let path = "overlays/dev/environment.yaml";
    let text = std::fs::read_to_string(repository.path().join(path)).expect("the environment");
    repository.write(path, &text.replace("@KUBECONFIG@", &cluster.kubeconfig(user).display().to_string()));
    repository.commit("the cluster");
}

pub(super) fn without_times(run: &Run) -> String {
    let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").expect("well-formed");
    let revision = Regex::new(r" at [0-9a-f]{10}:").expect("well-formed");
    let text = run.to_string();
    let text = time.replace_all(&text, "TIME");
    revision.replace_all(&text, " at REVISION:").into_owned()
}

/// The marked values that an output shows, plain or in base64.
fn marks(run: &Run) -> Vec<&'static str> {
    let all = format!("{}{}", run.stdout, run.stderr);
    ["canary-declared-key", "canary-changed-key", "canary-added-key", "canary-extra-key"]
        .into_iter()
        .filter(|mark| all.contains(mark) || all.contains(&STANDARD.encode(mark)))
        .collect()
}
