//! The small commands, and what holds for all commands.

use std::path::Path;
use std::process::Stdio;

use crate::support::expected::{package, updates};
use crate::support::{Run, plimsoll};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn version_speaks_to_people_and_to_programs() {
    let version = env!("CARGO_PKG_VERSION");
    let line = format!("plimsoll {version}\n");
    Run::of(here(), ["--version"]).assert(0, &line, "");
    Run::of(here(), ["version"]).assert(0, &line, "");
    let json = Run::of(here(), ["version", "-o", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["version"], version);
    assert_eq!((json.status, json.stderr.as_str()), (0, ""));
}

#[test]
fn wrong_usage_is_told_on_standard_error_with_a_status_of_its_own() {
    Run::of(here(), ["versoin"]).assert(
        64,
        "",
        "error: unrecognized subcommand 'versoin'\n\n  tip: a similar subcommand exists: 'version'\n\n\
         Usage: plimsoll [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n",
    );
    assert_eq!(Run::of::<_, &str>(here(), []).status, 64);
}

#[test]
fn help_teaches_with_examples_and_statuses() {
    let help = Run::of(here(), ["--help"]);
    assert_eq!((help.status, help.stderr.as_str()), (0, ""));
    for part in ["Examples:", "Exit status:", "PLIMSOLL_<FLAG>", "  64  wrong usage"] {
        assert!(help.stdout.contains(part), "no {part:?} in\n{}", help.stdout);
    }
}

#[test]
fn a_flag_can_be_given_by_its_variable() {
    let run = Run::of_command(plimsoll(here()).arg("version").env("PLIMSOLL_OUTPUT", "json"));
    assert!(run.stdout.starts_with('{'), "{run}");
    let run =
        Run::of_command(plimsoll(here()).args(["version", "-o", "text"]).env("PLIMSOLL_OUTPUT", "json"));
    assert!(run.stdout.starts_with("plimsoll "), "{run}");
}

#[test]
fn an_unknown_code_is_answered_with_the_nearest() {
    Run::of(here(), ["explain", "config::unknown-keys"]).assert(
        1,
        "",
        "error[explain::unknown-code]: no diagnostic has the code `config::unknown-keys`\n  \
         = help: did you mean `config::unknown-key`?\n",
    );
}

#[test]
fn color_obeys_no_color_and_the_flag() {
    let unknown = ["explain", "no::such"];
    assert!(!Run::of(here(), unknown).stderr.contains('\u{1b}'));
    let forced = Run::of_command(plimsoll(here()).args(unknown).args(["--color", "always"]));
    assert!(forced.stderr.starts_with("\u{1b}[1;31merror"), "{forced}");
}

#[test]
fn completions_and_manual_pages_are_made_for_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = Run::of(here(), ["completions", shell]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains("explain"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("man1");
    Run::of(here(), ["man", "--to", to.to_str().unwrap()]).assert(0, "", "");
    for page in ["plimsoll.1", "plimsoll-explain.1", "plimsoll-version.1"] {
        assert!(to.join(page).exists(), "no {page}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = plimsoll(here())
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn the_schema_beside_the_overlays_is_the_published_one() {
    let run = Run::of(package(), ["schema", "environment"]);
    assert_eq!(run.status, 0, "{run}");
    let path = package().join("overlays/environment.schema.json");
    if updates() {
        std::fs::write(&path, &run.stdout).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, run.stdout, "UPDATE_EXPECTED=1 cargo test --test it writes it");
    for environment in ["dev", "staging"] {
        let path = package().join(format!("overlays/{environment}/environment.yaml"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(
            text.starts_with("# yaml-language-server: $schema=../environment.schema.json\n"),
            "{environment}"
        );
    }
}
