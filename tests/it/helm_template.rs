//! `plimsoll template` beside the real programs: `tests/corpus/template/<case>/commands`, one command line each, and what
//! they print, `expected.v3` and `expected.v4`.
//!
//! A case is copied and its commands run there one after the other, so that one may write what the next one finds. Where
//! `PLIMSOLL_PEER_HELM3` and `PLIMSOLL_PEER_HELM4` name the real programs, these must print the same; cases that begin with
//! `refused-` are told in our own words and are not asked of them.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Run, copy, expected, files_below, peer, plimsoll};

const PROFILES: [(&str, &str); 2] = [("v3", "HELM3"), ("v4", "HELM4")];

#[test]
fn every_command_prints_what_the_real_programs_print() {
    let mut wrong = Vec::new();
    for (profile, name) in PROFILES {
        let real = peer(name);
        for case in expected::entries("template") {
            let path = case.join(format!("expected.{profile}"));
            let ours = transcript(&case, |folder| {
                let mut command = plimsoll(folder);
                command.args(["template", "--helm-profile", profile]);
                command
            });
            wrong.extend(expected::compare(&path, &ours));
            let is_ours_alone =
                case.file_name().is_some_and(|name| name.to_string_lossy().starts_with("refused-"));
            if let Some(real) = real.as_ref().filter(|_| !is_ours_alone) {
                let theirs = transcript(&case, |folder| {
                    let mut command = Command::new(real);
                    command.current_dir(folder).arg("template");
                    command
                });
                let wanted = std::fs::read_to_string(&path).unwrap_or_default();
                if theirs != wanted {
                    wrong.push(format!("{name} prints otherwise than {}\n{theirs}", path.display()));
                }
            }
        }
    }
    expected::assert_none(&wrong);
}

/// What the commands of a case print, and the files that they write.
fn transcript(case: &Path, program: impl Fn(&Path) -> Command) -> String {
    let folder = TempDir::new().expect("a temporary folder");
    copy(case, folder.path());
    let before = files_below(folder.path());
    let mut text = String::new();
    for line in std::fs::read_to_string(case.join("commands")).expect("a case has commands").lines() {
        let mut command = program(folder.path());
        command.args(words(line));
        for kind in ["CACHE", "CONFIG", "DATA"] {
            command.env(format!("HELM_{kind}_HOME"), folder.path().join("home"));
        }
        command.env("KUBECONFIG", "/dev/null").env("TZ", "UTC").env_remove("HELM_NAMESPACE");
        let Run { status, stdout, stderr } = Run::of_command(&mut command);
        let _ = write!(text, "$ {line}\n{stdout}");
        for line in stderr.lines() {
            let _ = writeln!(text, "! {}", without_time(line));
        }
        if status != 0 {
            let _ = writeln!(text, "exit status: {status}");
        }
    }
    for (path, file) in files_below(folder.path()) {
        if path.starts_with("home/") || before.iter().any(|(known, _)| *known == path) {
            continue;
        }
        let written = std::fs::read_to_string(file).expect("what is written is text");
        let _ = write!(text, "> {path}\n{written}");
    }
    text.replace(&*folder.path().to_string_lossy(), "[ROOT]")
}

/// The words of a command line: parted by blanks, except in single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in line.split('\'').enumerate() {
        if position % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// A line of a log without the time at its start.
fn without_time(line: &str) -> &str {
    let rest = match line.strip_prefix("time=") {
        Some(rest) => rest.split_once(' '),
        None if line.starts_with("20") && line.as_bytes().get(4) == Some(&b'/') => {
            line.split_once(' ').and_then(|(_, rest)| rest.split_once(' '))
        }
        None => None,
    };
    rest.map_or(line, |(_, rest)| rest)
}
