//! README's terminal sessions, run as they stand there on a copy of this repository's environments.
//!
//! A session is a `console` block; its lines that begin with `$ ` are run by a shell, and what follows each must be what it
//! prints. Times and commit ids are different on every run and count as equal.

use std::fmt::Write as _;
use std::process::Command;

use crate::support::expected::package;
use crate::support::{TemporaryRepository, copy};

/// A command with the output that README shows below it.
struct Step {
    command: String,
    output: String,
}

fn readme() -> String {
    std::fs::read_to_string(package().join("README.md")).expect("README.md can be read")
}

fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block.to_owned())
        .collect()
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks(&readme(), "console").iter().flat_map(|block| block.lines()) {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command: command.to_owned(), output: String::new() }),
            (None, Some(step)) => {
                let _ = writeln!(step.output, "{line}");
            }
            (None, None) => panic!("README shows output before any command: {line}"),
        }
    }
    steps
}

/// The text without what differs from run to run.
fn settled(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let bare = word.trim_end();
        let is_time = bare.parse::<f64>().is_ok() && bare.contains('.');
        let is_commit = bare.len() == 10 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_time || is_commit { "*".to_owned() + &word[bare.len()..] } else { word.to_owned() }
    });
    let mut settled: String = words.collect();
    while settled.contains("  ") {
        settled = settled.replace("  ", " ");
    }
    settled
}

#[test]
fn the_terminal_sessions_are_true() {
    let repository = TemporaryRepository::new();
    for folder in ["base", "overlays", "environments"] {
        copy(&package().join(folder), &repository.path().join(folder));
    }
    repository.commit("inputs and environments");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_plimsoll"));
    let folder = program.parent().expect("a program lies in a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let mut wrong = String::new();
    for step in steps() {
        let output = Command::new("sh")
            .args(["-c", &format!("{{ {} ; }} 2>&1", step.command)])
            .current_dir(repository.path())
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("a shell starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        if settled(&printed) != settled(&step.output) {
            let _ = writeln!(wrong, "$ {}\n--- README\n{}--- printed\n{printed}", step.command, step.output);
        }
    }
    assert!(wrong.is_empty(), "README is not true any more:\n{wrong}");
}

#[test]
fn the_two_commands_are_what_they_say() {
    let commands: Vec<String> = blocks(&readme(), "sh").iter().map(|block| block.trim().to_owned()).collect();
    assert_eq!(commands, ["cargo run --release -- render --env dev", "cargo xtask test"]);
    let repository = TemporaryRepository::new();
    for folder in ["base", "overlays", "environments"] {
        copy(&package().join(folder), &repository.path().join(folder));
    }
    repository.commit("inputs and environments");
    let run = repository.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stderr.contains("nothing to do"), "{run}");
}
