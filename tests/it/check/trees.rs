//! Which files are compared: those of a commit, of another revision, of the work tree, of a bare repository, with a lock and
//! without; and which part of them.

use serde_json::Value;

use super::recorded_cluster::RecordedCluster;
use crate::support::server::Server;
use crate::support::{Run, TemporaryRepository, files_below};

/// One that is in sync.
const FILE: &str = "environments/dev/app/config-map.yaml";

fn served() -> (TemporaryRepository, Server) {
    RecordedCluster::of_cases(&["silent"]).serve(RecordedCluster::answer)
}

fn verdict(run: &Run) -> (i32, String) {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    (run.status, report["verdict"].as_str().unwrap_or_default().to_owned())
}

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {{a: b}}\n")
}

#[test]
fn a_revision_the_work_tree_and_a_bare_repository() {
    let (repository, _server) = served();
    let check = |more: &[&str]| {
        let arguments = ["check", "--env", "dev", "-o", "json"];
        verdict(&repository.run(&arguments.iter().chain(more).copied().collect::<Vec<_>>()))
    };
    let (clean, drift) = ((0, "clean".to_owned()), (2, "drift".to_owned()));
    assert_eq!(check(&[]), clean);
    repository.write(FILE, &config_map("gone"));
    assert_eq!(check(&[]), clean, "what is not committed is not compared");
    assert_eq!(check(&["--work-tree"]), drift);
    repository.commit("one that does not live");
    assert_eq!(check(&[]), drift);
    assert_eq!(check(&["--revision", "HEAD~1"]), clean);
    repository.git(&["clone", "--quiet", "--bare", ".", "bare.git"]);
    assert_eq!(check(&["--repo", "bare.git"]), drift);
    assert_eq!(check(&["--repo", "bare.git", "--revision", "HEAD~1"]), clean);
}

#[test]
fn with_a_lock_only_its_files_are_compared() {
    let (repository, _server) = served();
    let listed: Vec<String> = files_below(&repository.path().join("environments/dev"))
        .into_iter()
        .map(|(path, _)| format!("\"environments/dev/{path}\": {{sha256: x, source: x}}"))
        .collect();
    let lock = format!(
        "{{apiVersion: plimsoll.dev/v1alpha1, kind: Lock, environment: dev, version: x, profiles: {{}}, inputs: {{digest: x, files: {{}}}}, files: {{{}}}}}\n",
        listed.join(", ")
    );
    repository.write("environments/dev/plimsoll.lock.yaml", &lock);
    repository.write(FILE, &config_map("gone"));
    repository.commit("a file that no render wrote");
    let run = repository.run(&["check", "--env", "dev", "-o", "json"]);
    assert_eq!(verdict(&run), (0, "clean".to_owned()));
    let absent = "environments/dev/app/case-001.yaml";
    repository.git(&["rm", "--quiet", absent]);
    repository.commit("half of a tree");
    let run = repository.run(&["check", "--env", "dev"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run}");
    let message = format!("error[check::incomplete-tree]: `{absent}` is in the lock file and not in Git");
    assert!(run.stderr.starts_with(&message), "{run}");
}

#[test]
fn a_part_of_what_is_declared() {
    let (repository, server) = served();
    let run = repository.run(&["check", "--env", "dev", "--layer", "apps"]);
    run.assert(
        1,
        "",
        "error[check::unknown-layer]: there is no layer `apps`\n  = environment: dev\n  = help: the layers are app, sync\n",
    );
    let before = server.received().len();
    let run = repository.run(&["check", "--env", "dev", "--only", "aws", "-o", "json"]);
    assert_eq!(verdict(&run), (0, "clean".to_owned()), "without an account nothing is declared for one");
    assert_eq!(server.received().len(), before, "the cluster is not asked");
}
