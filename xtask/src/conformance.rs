//! `cargo xtask conformance`: our drop-in commands beside the real programs, over a folder of recorded cases.
//!
//! The cases and the runners that judge them are not part of this repository; a folder that holds them is given by
//! `--corpus` or `PLIMSOLL_SHARED`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::outcome::{Outcome, say};
use crate::provision::{self, Provisioned};
use crate::{cargo, peers};

/// Arguments of `cargo xtask conformance`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which engines to compare; all where none is named.
    engines: Vec<Engine>,
    /// Folder with the corpora and their runners.
    #[arg(long, env = "PLIMSOLL_SHARED")]
    corpus: PathBuf,
}

/// An engine that has a corpus.
#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    Helm,
    Snippets,
    Kustomize,
    Crossplane,
    DriftKubernetes,
    DriftAws,
}

/// Compares the engines named.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let engines = if arguments.engines.is_empty() { Engine::value_variants() } else { &arguments.engines };
    let outcome = compare(engines, &arguments.corpus)?;
    say(&outcome.to_string());
    Ok(outcome)
}

/// Compares all engines.
pub(crate) fn run_all(corpus: &Path) -> Result<Outcome> {
    compare(Engine::value_variants(), corpus)
}

fn compare(engines: &[Engine], corpus: &Path) -> Result<Outcome> {
    let corpus =
        std::fs::canonicalize(corpus).with_context(|| format!("corpus folder {}", corpus.display()))?;
    let status = cargo::command(&["build", "--release", "--quiet", "--bin", "plimsoll"]).status()?;
    anyhow::ensure!(status.success(), "plimsoll does not build");
    let plimsoll = cargo::target_folder().join("release/plimsoll");
    let mut outcome = Outcome::default();
    for engine in engines {
        for (title, command) in engine.commands(&corpus, &plimsoll)? {
            say(&format!("conformance: {title}"));
            match command {
                Some(command) => outcome.add(judge_twice(command)?),
                None => {
                    say(&format!("skipped: {title}: the real program cannot be had here"));
                    outcome.add(Outcome::SKIPPED);
                }
            }
        }
    }
    Ok(outcome)
}

/// A run of a judge under its title; no command where the real program that it needs is missing.
type Judgement = (String, Option<Command>);

impl Engine {
    fn commands(self, corpus: &Path, plimsoll: &Path) -> Result<Vec<Judgement>> {
        let plimsoll = plimsoll.display();
        let mut judgements = Vec::new();
        match self {
            Engine::Helm => {
                for (profile, peer) in [("v3", "helm3"), ("v4", "helm4")] {
                    let ours = format!("{plimsoll} template --helm-profile {profile}");
                    let command = peer_path(peer)?.map(|helm| {
                        let mut command = python(corpus, "run_helm_corpus.py");
                        command
                            .arg(corpus.join("corpus/helm"))
                            .arg("--helm")
                            .arg(helm)
                            .args(["--command", &ours]);
                        command
                    });
                    judgements.push((format!("helm charts, profile {profile}"), command));
                }
            }
            Engine::Snippets => {
                for side in ["v3", "v4"] {
                    let ours = format!("{plimsoll} template --helm-profile {side}");
                    let mut command = python(corpus, "run_snippets.py");
                    command.arg(corpus.join("corpus/gotemplate/snippets.jsonl"));
                    command.args(["--side", side, "--command", &ours]);
                    judgements.push((format!("template snippets, profile {side}"), Some(command)));
                }
            }
            Engine::Kustomize => {
                let mut command = python(corpus, "run_kustomize_corpus.py");
                command
                    .arg(corpus.join("corpus/kustomize/build"))
                    .arg(format!("{plimsoll} build {{dir}} {{flags}}"));
                judgements.push(("kustomize builds".to_owned(), Some(command)));
            }
            Engine::Crossplane => {
                let mut command = python(corpus, "run_crossplane_corpus.py");
                let cases = corpus.join("corpus/crossplane");
                let ours =
                    format!("{plimsoll} crossplane render {{xr}} {{composition}} {{functions}} {{args}}");
                command.arg(&cases).arg(cases.join("crds")).args([
                    "--render",
                    &ours,
                    "--exact-exit",
                    "--strict-bytes",
                ]);
                judgements.push(("crossplane renders".to_owned(), Some(command)));
                let mut command =
                    cargo::command(&["test", "--quiet", "--package", "plimsoll-crossplane", "--lib"]);
                command.args(["upstream_tables", "--", "--nocapture"]).env("PLIMSOLL_SHARED", corpus);
                judgements.push(("crossplane, tables of upstream's tests".to_owned(), Some(command)));
                for (title, option, profile, flavour) in [
                    ("v2.2", "--validate", "", "v22"),
                    ("v2.5", "--validate", "--crossplane-profile v2.5", "v25"),
                    ("v2.5 as JSON", "--validate-json", "--crossplane-profile v2.5 -o json", "v25"),
                ] {
                    let mut command = python(corpus, "run_crossplane_corpus.py");
                    let ours = format!(
                        "{plimsoll} crossplane validate {profile} {{extensions}} {{resources}} {{args}}"
                    );
                    command.arg(&cases).arg(cases.join("crds")).args([option, &ours]);
                    command.args(["--flavour", flavour, "--exact-exit", "--strict-bytes"]);
                    judgements.push((format!("crossplane validations, {title}"), Some(command)));
                }
            }
            Engine::DriftKubernetes => {
                let command = cluster_programs()?.map(|programs| {
                    let mut command = python(corpus, "run_drift_kubernetes.py");
                    let ours = format!("{plimsoll} check --env lab -o json");
                    command.arg(corpus.join("corpus/drift-kubernetes")).arg("--bin-dir").arg(programs);
                    command.args(["--checker", &ours]);
                    command
                });
                judgements.push(("drift of Kubernetes".to_owned(), command));
            }
            Engine::DriftAws => {
                let command = lab().then(|| {
                    let mut command = python(corpus, "run_drift_aws.py");
                    let ours = format!("{plimsoll} check --env lab --only aws -o json");
                    command.arg(corpus.join("corpus/drift-aws")).args(["--checker", &ours]);
                    command
                });
                judgements.push(("drift of AWS, on moto".to_owned(), command));
            }
        }
        Ok(judgements)
    }
}

/// A folder of links to the programs of a cluster, as its judge wants them; none where one is missing.
fn cluster_programs() -> Result<Option<PathBuf>> {
    let folder = provision::cache_folder()?.join("cluster");
    std::fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"] {
        let Some(program) = peer_path(name)? else { return Ok(None) };
        let link = folder.join(name);
        if std::fs::read_link(&link).ok().as_ref() != Some(&program) {
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(&program, &link)
                .with_context(|| format!("linking {}", link.display()))?;
        }
    }
    Ok(Some(folder))
}

fn peer_path(name: &str) -> Result<Option<PathBuf>> {
    let peer = peers::all()?.into_iter().find(|peer| peer.name == name).context("a peer of this name")?;
    Ok(match provision::provision(&peer)? {
        Provisioned::Ready(path) => Some(path),
        Provisioned::Unavailable(_) => None,
    })
}

/// Whether the judge of drift on AWS finds what it needs, or may hope to install it.
fn lab() -> bool {
    Command::new("python3")
        .args(["-m", "venv", "--help"])
        .output()
        .is_ok_and(|output| output.status.success())
}

fn python(corpus: &Path, runner: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(corpus.join("tools").join(runner));
    command
}

/// Runs a judge of charts again, with fresh output of the real program, on what failed: Helm gives another output now and
/// then in a few cases that nobody marked as random, and only what fails twice is ours.
fn judge_twice(command: Command) -> Result<Outcome> {
    const MOST: usize = 5;
    let retry: Vec<OsString> = command.get_args().map(ToOwned::to_owned).collect();
    let (mut outcome, failed) = judge(command)?;
    let is_retried = retry.iter().any(|argument| argument == "--helm") && failed.len() <= MOST;
    for name in failed.iter().filter(|_| is_retried) {
        let mut command = Command::new("python3");
        command.args(&retry).args(["--fresh", "--only", name]);
        let (again, _) = judge(command)?;
        if again.failed == 0 && again.passed > 0 {
            outcome.failed -= 1;
            outcome.passed += 1;
        }
    }
    Ok(outcome)
}

/// Runs a judge, whose last line is `N passed, M failed`, and gives the names of what failed: `FAIL NAME: why`.
fn judge(mut command: Command) -> Result<(Outcome, Vec<String>)> {
    let output = command.output().context("a judge could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    for line in &lines[lines.len().saturating_sub(30)..] {
        say(line);
    }
    let counts = lines.iter().rev().find_map(|line| {
        let (passed, failed) = line.split_once(" passed, ")?;
        let passed = passed.rsplit(' ').next()?.parse().ok()?;
        let failed = failed.split(' ').next()?.parse().ok()?;
        Some(Outcome { passed, failed, skipped: 0 })
    });
    let failed = lines.iter().filter_map(|line| line.strip_prefix("FAIL ")?.split_once(':'));
    let failed = failed.map(|(name, _)| name.to_owned()).collect();
    match counts {
        Some(outcome) => Ok((outcome, failed)),
        None => {
            say(String::from_utf8_lossy(&output.stderr).trim_end());
            Ok((Outcome::FAILED, Vec::new()))
        }
    }
}
