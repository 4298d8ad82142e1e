//! `plimsoll template` beside the real Helm 3: charts made for the purpose, and every case of a corpus where one is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::charts;
use super::measure::{Cost, median, ratio, wall};
use crate::outcome::say;
use crate::provision::Provisioned;
use crate::{cargo, peers, provision};

/// How often a chart of our own is rendered.
const RUNS: usize = 11;
/// How many of the corpus' largest charts are told one by one.
const TOLD: usize = 8;

/// A case of the corpus, as far as it matters here.
#[derive(Deserialize)]
struct Case {
    name: String,
    chart: String,
    #[serde(default)]
    release: Option<String>,
    args: Vec<String>,
    values: Vec<String>,
    v3: String,
    random: bool,
}

/// Measures and prints.
pub(super) fn run(corpus: Option<&Path>) -> Result<()> {
    let status = cargo::command(&["build", "--release", "--quiet", "--bin", "plimsoll"]).status()?;
    ensure!(status.success(), "plimsoll does not build");
    let peer = peers::all()?.into_iter().find(|peer| peer.name == "helm3").context("helm3 is a peer")?;
    let original = match provision::provision(&peer)? {
        Provisioned::Ready(path) => Some(path),
        Provisioned::Unavailable(why) => {
            say(&format!("skipped: the real Helm: {why}"));
            None
        }
    };
    let home = tempfile::tempdir()?;
    let programs =
        Programs { plimsoll: cargo::target_folder().join("release/plimsoll"), original, home: home.path() };
    let folder = tempfile::tempdir()?;
    for (title, chart) in charts::write_all(folder.path())? {
        programs.compare(&title, folder.path(), &["bench".to_owned(), chart.display().to_string()])?;
    }
    match corpus {
        Some(corpus) => programs.compare_corpus(&corpus.join("corpus/helm")),
        None => {
            say("skipped: the corpus, which --corpus or PLIMSOLL_SHARED would name");
            Ok(())
        }
    }
}

struct Programs<'h> {
    plimsoll: PathBuf,
    original: Option<PathBuf>,
    /// Where Helm keeps what it has: nothing.
    home: &'h Path,
}

impl Programs<'_> {
    fn ours(&self, folder: &Path, arguments: &[String]) -> Command {
        let mut command = self.command(&self.plimsoll, folder);
        command.args(["template", "--helm-profile", "v3"]).args(arguments);
        command
    }

    fn theirs(&self, original: &Path, folder: &Path, arguments: &[String]) -> Command {
        let mut command = self.command(original, folder);
        command.arg("template").args(arguments);
        command
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").env("TZ", "UTC");
        command.env("HOME", self.home).env("KUBECONFIG", "/dev/null");
        for kind in ["CACHE", "CONFIG", "DATA"] {
            command.env(format!("HELM_{kind}_HOME"), self.home.join(kind));
        }
        command
    }

    /// One chart, several times each.
    fn compare(&self, title: &str, folder: &Path, arguments: &[String]) -> Result<()> {
        let ours = cost(|| self.ours(folder, arguments))?;
        let Some(original) = &self.original else {
            say(&format!("{title}: {ours}"));
            return Ok(());
        };
        let theirs = cost(|| self.theirs(original, folder, arguments))?;
        let memory = ours.peak_memory as f64 / (theirs.peak_memory as f64).max(1.0);
        say(&format!(
            "{title}: {ours}; Helm {theirs}; {:.1} times as fast, {memory:.2} of its memory",
            ratio(theirs, ours)
        ));
        Ok(())
    }

    /// Every case that both render and that is the same on every run, once each in turn.
    fn compare_corpus(&self, corpus: &Path) -> Result<()> {
        let Some(original) = &self.original else { return Ok(()) };
        let lines = fs::read_to_string(corpus.join("cases.jsonl"))
            .with_context(|| format!("cases of {}", corpus.display()))?;
        let mut timed = Vec::new();
        for line in lines.lines() {
            let case: Case = serde_json::from_str(line).context("a case")?;
            if case.random || case.v3 != "ok" {
                continue;
            }
            let arguments = case.arguments();
            let theirs = wall(&mut self.theirs(original, corpus, &arguments))?;
            let ours = wall(&mut self.ours(corpus, &arguments))?;
            timed.push(Timed { ours, theirs, case });
        }
        ensure!(!timed.is_empty(), "the corpus has no case that can be timed");
        let logarithms: f64 = timed.iter().map(|timed| timed.ratio().ln()).sum();
        say(&format!(
            "{} cases: geometric mean {:.1} times as fast",
            timed.len(),
            (logarithms / timed.len() as f64).exp()
        ));
        timed.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
        for timed in timed.iter().take(TOLD) {
            say(&format!("  least: {timed}"));
        }
        timed.sort_by_key(|timed| std::cmp::Reverse(timed.theirs));
        let mut told: Vec<&Timed> = Vec::new();
        for one in &timed {
            if told.len() < TOLD && told.iter().all(|other| other.case.chart != one.case.chart) {
                told.push(one);
            }
        }
        let told: Vec<(String, Vec<String>)> =
            told.iter().map(|timed| (timed.case.name.clone(), timed.case.arguments())).collect();
        for (name, arguments) in told {
            self.compare(&format!("  large: {name}"), corpus, &arguments)?;
        }
        Ok(())
    }
}

impl Case {
    fn arguments(&self) -> Vec<String> {
        let mut arguments =
            vec![self.release.clone().unwrap_or_else(|| "rel".to_owned()), self.chart.clone()];
        arguments.extend(self.args.iter().cloned());
        for values in &self.values {
            arguments.extend(["--values".to_owned(), values.clone()]);
        }
        arguments
    }
}

struct Timed {
    case: Case,
    ours: Duration,
    theirs: Duration,
}

impl Timed {
    fn ratio(&self) -> f64 {
        self.theirs.as_secs_f64() / self.ours.as_secs_f64().max(1e-9)
    }
}

impl std::fmt::Display for Timed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |wall: Duration| wall.as_secs_f64() * 1000.0;
        write!(
            formatter,
            "{}: {:.1} ms, Helm {:.1} ms, {:.1} times",
            self.case.name,
            milliseconds(self.ours),
            milliseconds(self.theirs),
            self.ratio()
        )
    }
}

/// The median wall time of runs that nothing watches, and the memory of one that is watched.
fn cost(command: impl Fn() -> Command) -> Result<Cost> {
    let mut walls = (0..RUNS).map(|_| wall(&mut command())).collect::<Result<Vec<_>>>()?;
    walls.sort_unstable();
    let watched = median(3, || Ok(command()))?;
    Ok(Cost { wall: walls.get(RUNS / 2).copied().unwrap_or(watched.wall), ..watched })
}
