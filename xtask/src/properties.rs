//! `cargo xtask properties`: random kustomizations, built by ours and by the real program, byte for byte.
//!
//! Cases come from a grammar and a seed, so that a run can be repeated. What differs is made smaller, part by part, as long as it
//! still differs, and is left as a folder that can be moved to `crates/kustomize/tests/cases`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::outcome::{Outcome, say};
use crate::provision::Provisioned;
use crate::{cargo, peers, provision};

mod case;
mod grammar;
mod random;

use case::Case;

/// How many cases the tests of every change build.
pub(crate) const CASES_OF_TESTS: u64 = 200;

/// Arguments of `cargo xtask properties`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many cases; 2,000 every night, 200 in `cargo xtask test`.
    #[arg(long, default_value_t = 2_000)]
    cases: u64,
    /// The seed of the first case; each further case has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compare what is printed about errors and warnings too.
    #[arg(long)]
    messages: bool,
}

/// Compares and prints.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let compared = if arguments.messages { Compared::BytesAndMessages } else { Compared::Bytes };
    let outcome = compare(arguments.seed, arguments.cases, compared)?;
    ensure!(outcome.skipped == 0, "there is nothing to compare with");
    say(&outcome.to_string());
    Ok(outcome)
}

/// What has to be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Standard output, and whether there is any.
    Bytes,
    /// What is printed to standard error too.
    BytesAndMessages,
}

/// Compares cases from a seed on.
pub(crate) fn compare(seed: u64, cases: u64, compared: Compared) -> Result<Outcome> {
    let peer =
        peers::all()?.into_iter().find(|peer| peer.name == "kustomize").context("kustomize is a peer")?;
    let original = match provision::provision(&peer)? {
        Provisioned::Ready(path) => path,
        Provisioned::Unavailable(why) => {
            say(&format!("skipped: random kustomizations beside the real kustomize: {why}"));
            return Ok(Outcome::SKIPPED);
        }
    };
    let status = cargo::command(&["build", "--quiet", "--bin", "plimsoll"]).status()?;
    ensure!(status.success(), "plimsoll does not build");
    let folder = tempfile::tempdir()?;
    let pair = Pair {
        ours: cargo::target_folder().join("debug/plimsoll"),
        original,
        folder: folder.path(),
        compared,
    };
    let mut outcome = Outcome::default();
    let mut built = 0_u64;
    for seed in seed..seed.saturating_add(cases) {
        let case = grammar::case(seed);
        let (ours, theirs) = pair.build(&case)?;
        built += u64::from(theirs.output.is_some());
        if ours == theirs {
            outcome.add(Outcome::PASSED);
            continue;
        }
        let small = shrink(case, &pair)?;
        let kept = cargo::target_folder().join("properties").join(format!("kustomize-{seed}"));
        small.write(&kept)?;
        say(&format!("FAIL: seed {seed} differs; what is left of it: {}", kept.display()));
        outcome.add(Outcome::FAILED);
    }
    say(&format!("random kustomizations: {cases} cases, of which kustomize builds {built}"));
    Ok(outcome)
}

/// The two programs, and where cases are written for them.
struct Pair<'a> {
    ours: PathBuf,
    original: PathBuf,
    folder: &'a Path,
    compared: Compared,
}

/// What a program prints.
#[derive(PartialEq, Eq)]
struct Built {
    /// Nothing where it fails.
    output: Option<Vec<u8>>,
    /// Empty where messages are not compared.
    messages: String,
}

/// Messages without what is another on every run: addresses in memory, and the time of a warning.
fn without_chance(messages: &[u8]) -> String {
    let text = String::from_utf8_lossy(messages);
    let mut parts = text.split("0x");
    let mut settled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        settled.push_str("0x0");
        settled.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_hexdigit()));
    }
    let lines = settled.lines().map(|line| match line.get(..20) {
        Some(time)
            if time.chars().all(|character| character.is_ascii_digit() || "/: ".contains(character)) =>
        {
            line.get(20..).unwrap_or_default()
        }
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Pair<'_> {
    fn build(&self, case: &Case) -> Result<(Built, Built)> {
        case.write(self.folder)?;
        let run = |program: &Path| -> Result<Built> {
            let output = Command::new(program).arg("build").arg(self.folder.join("overlay")).output()?;
            let messages = match self.compared {
                Compared::Bytes => String::new(),
                Compared::BytesAndMessages => without_chance(&output.stderr),
            };
            Ok(Built { output: output.status.success().then_some(output.stdout), messages })
        };
        Ok((run(&self.ours)?, run(&self.original)?))
    }
}

/// Takes parts away as long as the programs still differ.
fn shrink(mut case: Case, pair: &Pair<'_>) -> Result<Case> {
    let mut part = case.len();
    while let Some(candidate) = part.checked_sub(1) {
        part = candidate;
        let smaller = case.without(part);
        let (ours, theirs) = pair.build(&smaller)?;
        if ours != theirs {
            case = smaller;
            part = case.len().min(part + 1);
        }
    }
    Ok(case)
}
