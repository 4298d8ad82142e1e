//! `cargo xtask fuzz`: the fuzz targets of the engines, each for a while, with the compiler that everything else is built with.
//!
//! Coverage comes from LLVM's own pass, which a released compiler can run too; no sanitizer is needed, since the engines hold no
//! unsafe code: what is looked for is a panic, an overflow, a hang or memory without end. The files of a crate's tests are the
//! first inputs. What was found interesting, and what fails, stays below `target/fuzz` for the next run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo;
use crate::outcome::{Outcome, say};

/// What the compiler does so that the fuzzer sees which branches an input took.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions",
    "-Coverflow-checks",
    "--cfg=fuzzing",
];

/// Seconds after which one input is a hang.
const HANG: u32 = 10;
/// MiB after which one input is a bomb.
const MEMORY: u32 = 2_048;

/// Arguments of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Crates such as `kustomize`, or targets of them such as `kustomize/patches`; all where none is named.
    targets: Vec<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 600)]
    seconds: u32,
}

/// A fuzz target of a crate.
struct Target {
    engine: String,
    name: String,
}

/// Runs the targets one after the other, so that each has the machine to itself.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let targets = all()?;
    let is_asked_for = |target: &Target| {
        let path = format!("{}/{}", target.engine, target.name);
        arguments.targets.is_empty()
            || arguments.targets.iter().any(|asked| *asked == target.engine || *asked == path)
    };
    let chosen: Vec<Target> = targets.into_iter().filter(is_asked_for).collect();
    ensure!(!chosen.is_empty(), "there is no such fuzz target");
    for target in chosen {
        say(&format!("== {}/{}: {} s", target.engine, target.name, arguments.seconds));
        let held = run_target(&target, arguments.seconds)?;
        outcome.add(if held { Outcome { passed: 1, ..Outcome::default() } } else { Outcome::FAILED });
    }
    say(&outcome.to_string());
    Ok(outcome)
}

fn all() -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for engine in names_in(&cargo::repository_root().join("crates"))? {
        let folder = fuzz_folder(&engine).join("fuzz_targets");
        if !folder.is_dir() {
            continue;
        }
        for file in names_in(&folder)? {
            if let Some(name) = file.strip_suffix(".rs") {
                targets.push(Target { engine: engine.clone(), name: name.to_owned() });
            }
        }
    }
    Ok(targets)
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn fuzz_folder(engine: &str) -> PathBuf {
    cargo::repository_root().join("crates").join(engine).join("fuzz")
}

/// Builds and runs one target. Whether it held.
fn run_target(target: &Target, seconds: u32) -> Result<bool> {
    let folder = fuzz_folder(&target.engine);
    let built = cargo::target_folder().join("fuzz").join(&target.engine);
    let triple = host()?;
    // A target of its own keeps the instrumentation out of build scripts.
    let status =
        cargo::command(&["build", "--release", "--quiet", "--bin", &target.name, "--target", &triple])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", &built)
            .env("RUSTFLAGS", INSTRUMENTATION.join(" "))
            .status()?;
    ensure!(status.success(), "the target {}/{} does not build", target.engine, target.name);
    let inputs = built.join("inputs").join(&target.name);
    let failures = built.join("failures").join(&target.name);
    fs::create_dir_all(&inputs)?;
    fs::create_dir_all(&failures)?;
    let mut fuzzer = Command::new(built.join(&triple).join("release").join(&target.name));
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={HANG}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-artifact_prefix={}/", failures.display()))
        .args(["-print_final_stats=1", "-verbosity=1", "-max_len=16384"])
        .arg(&inputs);
    let seeds = cargo::repository_root().join("crates").join(&target.engine).join("tests");
    if seeds.is_dir() {
        fuzzer.arg(seeds);
    }
    Ok(fuzzer.status()?.success())
}

/// The platform that this runs on, as the compiler names it.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}
