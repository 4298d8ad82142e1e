//! The actions at their edges: what is not verified is not run, and what is an answer is no failure.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::double::GitHubDouble;
use crate::runner::{Event, Machine, Ran};

/// A forge whose repository holds our actions.
fn machine() -> Machine {
    let machine = Machine::new(&GitHubDouble::start());
    let from = crate::runner::root().join(".github");
    let copied =
        Command::new("cp").arg("-R").arg(from).arg(machine.path("clone")).status().expect("cp starts");
    assert!(copied.success());
    machine.push(&[], "actions");
    machine
}

/// Runs one of our actions after a checkout, and then a script.
fn run(machine: &Machine, action: &str, inputs: Value, script: &str) -> Ran {
    let document = json!({"jobs": {"one": {"steps": [
        {"uses": "actions/checkout@0"},
        {"id": "ours", "uses": format!("./.github/actions/{action}"), "with": inputs},
        {"name": "then", "run": script, "env": {"STATUS": "${{ steps.ours.outputs.status }}"}},
    ]}}});
    let commit = machine.git(&machine.path("clone"), &["rev-parse", "HEAD"]);
    let event = Event { name: "push", payload: json!({}), commit, branch: "main" };
    machine.run_document("edges.yml", &document, &event)
}

fn set_up(machine: &Machine, version: &str, sum: &str) -> Ran {
    let inputs = json!({"version": version, "sha256": sum, "repository": "o/r"});
    run(machine, "setup-plimsoll", inputs, "plimsoll version\n")
}

/// The version and the sum of a release, and the archive that has it.
fn release(machine: &Machine) -> (String, PathBuf) {
    machine.release("");
    let sum = machine.variables.borrow()["PLIMSOLL_SHA256"].as_str().expect("a sum").to_owned();
    let name = format!("plimsoll-{}-unknown-linux-gnu.tar.gz", std::env::consts::ARCH);
    let kept = machine.path("tools/plimsoll").join(format!("v1.2.3-{sum}")).join(name);
    (sum, kept)
}

#[test]
fn what_the_cache_has_is_used_only_if_its_sum_is_right() {
    let machine = machine();
    let (sum, archive) = release(&machine);
    let right = set_up(&machine, "v1.2.3", &sum);
    assert!(right.is_success && right.printed.starts_with("plimsoll "), "{}", right.printed);
    std::fs::write(&archive, "something else").expect("a file");
    let wrong = set_up(&machine, "v1.2.3", &sum);
    assert!(!wrong.is_success && !wrong.printed.contains("plimsoll 0"), "{}", wrong.printed);
    assert!(!archive.exists(), "what is wrong is not kept");
}

#[test]
fn a_release_is_loaded_once_and_verified_by_attestation_and_sum() {
    let machine = machine();
    let (sum, kept) = release(&machine);
    std::fs::rename(&kept, machine.path("archive")).expect("it can be moved");
    machine.stand_in(
        "curl",
        "echo \"$*\" >>'@FORGE@/curl.log'\n\
         while [ \"$1\" != --output ]; do shift; done\ncp '@FORGE@/archive' \"$2\"\n",
    );
    std::fs::write(machine.path("attestations-are-false"), "").expect("a file");
    let forged = set_up(&machine, "v1.2.3", &sum);
    assert!(!forged.is_success && !kept.exists(), "{}", forged.printed);

    std::fs::remove_file(machine.path("attestations-are-false")).expect("it is there");
    for _ in 0..2 {
        let verified = set_up(&machine, "v1.2.3", &sum);
        assert!(verified.is_success, "{}", verified.printed);
    }
    let loads = machine.file("curl.log");
    assert_eq!(loads.lines().count(), 2, "the second time it is in the cache: {loads}");
    assert!(
        loads.contains("--proto =https")
            && loads.contains("https://github.com/o/r/releases/download/v1.2.3/"),
        "{loads}"
    );
    assert_eq!(machine.file("gh.log").lines().filter(|line| line.contains("attestation verify")).count(), 2);

    let other = set_up(&machine, "v1.2.3", &"0".repeat(64));
    assert!(!other.is_success, "attested, and not what was pinned: {}", other.printed);
}

#[test]
fn no_version_is_the_checkout_of_plimsoll_itself_or_nothing() {
    let machine = machine();
    let nothing = set_up(&machine, "", "");
    assert!(!nothing.is_success, "{}", nothing.printed);
    assert!(
        nothing.printed.contains("::error title=plimsoll::name a release in PLIMSOLL_VERSION"),
        "{}",
        nothing.printed
    );
    machine.push(&[("Cargo.toml", "[package]\nname = \"plimsoll\"\n")], "sources");
    machine.stand_in(
        "cargo",
        "[ \"$*\" = 'build --release --locked --quiet' ]\nmkdir -p target/release\n\
         printf '#!/bin/sh\\necho built\\n' >target/release/plimsoll\nchmod +x target/release/plimsoll\n",
    );
    let built = set_up(&machine, "", "");
    assert!(built.is_success && built.printed == "built\n", "{}", built.printed);
}

#[test]
fn a_release_that_is_not_named_properly_is_refused() {
    let machine = machine();
    let (sum, _) = release(&machine);
    for (version, sum) in
        [("../x", sum.as_str()), ("1.2.3", &sum), ("v1.2.3;id", &sum), ("v1.2.3", ""), ("v1.2.3", "0")]
    {
        let refused = set_up(&machine, version, sum);
        assert!(!refused.is_success, "{version}");
        assert!(refused.printed.starts_with("::error title=plimsoll::"), "{}", refused.printed);
    }
}

#[test]
fn drift_is_an_answer_of_the_check_and_a_failure_is_none() {
    let machine = machine();
    for (status, is_success) in [(0, true), (2, true), (3, true), (1, false), (4, false), (64, false)] {
        machine.stand_in("plimsoll", &format!("echo \"$@\"\nexit {status}\n"));
        let inputs = json!({"environments": "dev staging", "shard": "1/2", "run": "9-1"});
        let ran = run(&machine, "drift-check", inputs, "echo \"status $STATUS\"\n");
        assert_eq!(ran.is_success, is_success, "{status}: {}", ran.printed);
        let mut printed =
            "check --env dev --env staging --shard 1/2 --run 9-1 -o text -o json=drift.json\n".to_owned();
        if is_success {
            printed.push_str(&format!("status {status}\n"));
        }
        assert_eq!(ran.printed, printed);
    }
}

#[test]
fn a_branch_that_others_move_five_times_is_given_up() {
    let machine = machine();
    machine.stand_in(
        "plimsoll",
        "git -c user.name=X -c user.email=x@example.org commit --quiet --allow-empty -m rendered\n",
    );
    machine.stand_in("sleep", "");
    // A server that takes nothing.
    let hook = machine.path("origin.git/hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    machine.stand_in("pre-receive", "exit 1\n");
    std::fs::rename(machine.path("bin/pre-receive"), &hook).expect("it can be moved");
    let ran = run(&machine, "render", json!({"environments": "dev"}), "true\n");
    assert!(!ran.is_success, "{}", ran.printed);
    assert!(
        ran.printed.contains("::error title=plimsoll::the branch was moved by others five times"),
        "{}",
        ran.printed
    );
}
