//! Claims expanded by the thousand, and, where the recorded cases are at hand, renders and validations beside what the real
//! programs took on two cores when they were recorded.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{Cost, median, median_of_verdicts};
use crate::cargo;
use crate::outcome::say;

/// How many claims are expanded; each becomes 30 managed resources of this repository's network layer, 18 of the recorded one.
const CLAIMS: usize = 1_000;
/// How many files of one resource each are validated.
const FILES: usize = 60;

/// What the real program took, in milliseconds, and its memory in megabytes, and what is asked of ours.
struct Recorded {
    milliseconds: f64,
    megabytes: f64,
    asked: &'static str,
}

const EXPANSION: &str = "17,000 in under 2 s";
const SMALL_RENDER: Recorded =
    Recorded { milliseconds: 59.0, megabytes: 57.7, asked: "at least 10 times as fast" };
const NETWORK_RENDER: Recorded = Recorded { milliseconds: 76.0, megabytes: 60.8, asked: "under 8 ms" };
const VALIDATION: Recorded = Recorded {
    milliseconds: 804.0,
    megabytes: 137.4,
    asked: "at least 20 times as fast, at most a third of its memory",
};

/// Measures and prints.
pub(super) fn run(corpus: Option<&Path>) -> Result<()> {
    let status = cargo::command(&["build", "--release", "--quiet", "--bin", "plimsoll"]).status()?;
    ensure!(status.success(), "plimsoll does not build");
    let plimsoll = cargo::target_folder().join("release/plimsoll");
    let folder = tempfile::tempdir()?;
    own_expansion(&plimsoll, folder.path())?;
    match corpus {
        Some(corpus) => recorded(&plimsoll, &corpus.join("corpus/crossplane"), folder.path()),
        None => {
            say("skipped: renders and validations beside the recorded ones: no corpus is given");
            Ok(())
        }
    }
}

/// This repository's own platform, and its network claim under many names.
fn own_expansion(plimsoll: &Path, folder: &Path) -> Result<()> {
    let own = cargo::repository_root().join("environments/dev");
    let claims = manifests(&own.join("network"))?;
    let claim = claims
        .iter()
        .find_map(|path| fs::read_to_string(path).ok().filter(|text| text.contains("\nkind: Network\n")));
    let claim = claim.context("the network claim of dev")?;
    expansion(plimsoll, &folder.join("own"), &manifests(&own.join("platform"))?, &claim)
}

/// The recorded network layer under many names.
fn recorded_expansion(plimsoll: &Path, case: &Path, folder: &Path) -> Result<()> {
    let platform = ["xrd.yaml", "composition.yaml", "functions.yaml"].map(|file| case.join(file));
    let claim = fs::read_to_string(case.join("xr.yaml"))?;
    // Resources of an environment have no identity yet.
    let claim: String =
        claim.lines().filter(|line| !line.starts_with("  uid:")).map(|line| format!("{line}\n")).collect();
    expansion(plimsoll, &folder.join("recorded"), &platform, &claim)
}

/// A claim that is called `langfuse-dev` under many other names.
fn expansion(plimsoll: &Path, repository: &Path, platform: &[PathBuf], claim: &str) -> Result<()> {
    for folder in ["overlays/bench", "platform", "claims"] {
        fs::create_dir_all(repository.join(folder))?;
    }
    let status = Command::new("git").args(["init", "--quiet"]).current_dir(repository).status()?;
    ensure!(status.success(), "git init failed");
    for (index, path) in platform.iter().enumerate() {
        fs::copy(path, repository.join(format!("platform/{index}.yaml")))?;
    }
    for index in 0..CLAIMS {
        let text = claim.replace("langfuse-dev", &format!("network-{index}"));
        fs::write(repository.join(format!("claims/claim-{index}.yaml")), text)?;
    }
    let environment = "apiVersion: plimsoll.dev/v1alpha1\nkind: Environment\nmetadata: {name: bench}\nspec:\n  clusters: {management: {}}\n  \
                       layers:\n    - {name: platform, destination: management, sources: [{manifests: {path: platform}}]}\n    \
                       - {name: network, destination: management, dependsOn: [platform], sources: [{manifests: {path: claims}}]}\n";
    fs::write(repository.join("overlays/bench/environment.yaml"), environment)?;
    let output = format!("yaml={}", repository.join("expansion.yaml").display());
    let cost = median(5, || {
        let mut command = Command::new(plimsoll);
        command.args(["crossplane", "expand", "--env", "bench", "-o", &output]).current_dir(repository);
        Ok(command)
    })?;
    let expansion = fs::read_to_string(repository.join("expansion.yaml"))?;
    let managed = expansion.lines().filter(|line| *line == "---").count();
    say(&format!("{CLAIMS} claims into {managed} managed resources: {cost}; asked: {EXPANSION}"));
    Ok(())
}

fn recorded(plimsoll: &Path, corpus: &Path, folder: &Path) -> Result<()> {
    recorded_expansion(plimsoll, &corpus.join("render/real-network-v2-ready"), folder)?;
    for (case, theirs) in
        [("xr-v2-namespaced-no-uid", SMALL_RENDER), ("real-network-v2-ready", NETWORK_RENDER)]
    {
        let cost = median(31, || {
            let mut command = Command::new(plimsoll);
            command.args(["crossplane", "render", "xr.yaml", "composition.yaml", "functions.yaml"]);
            command.current_dir(corpus.join("render").join(case));
            Ok(command)
        })?;
        beside(&format!("render {case}"), cost, &theirs);
    }
    let definitions = corpus.join("crds/aws");
    let resources = folder.join("resources");
    fs::create_dir_all(&resources)?;
    let kinds = manifests(&definitions)?;
    for index in 0..FILES {
        let definition = kinds.get(index % kinds.len()).context("definitions")?;
        let (api_version, kind) = identity(&fs::read_to_string(definition)?).context("a definition")?;
        let text = format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: one-{index}, namespace: team}}\nspec: {{forProvider: {{region: eu-central-1}}}}\n"
        );
        fs::write(resources.join(format!("resource-{index}.yaml")), text)?;
    }
    let arguments: [OsString; 4] =
        ["crossplane".into(), "validate".into(), definitions.into(), resources.into()];
    // A resource that is not valid makes the status 1.
    let cost = median_of_verdicts(21, &[0, 1], || {
        let mut command = Command::new(plimsoll);
        command.args(&arguments);
        Ok(command)
    })?;
    beside(&format!("validate {FILES} files against {} definitions", kinds.len()), cost, &VALIDATION);
    Ok(())
}

fn beside(title: &str, ours: Cost, theirs: &Recorded) {
    let times = theirs.milliseconds / (ours.wall.as_secs_f64() * 1000.0);
    let memory = ours.peak_memory as f64 / 1e6 / theirs.megabytes;
    say(&format!(
        "{title}: {ours}; the real program was recorded with {:.0} ms, {:.0} MB: {times:.1} times as fast, {memory:.2} of its memory; \
         asked: {}",
        theirs.milliseconds, theirs.megabytes, theirs.asked
    ));
}

/// API version and kind that a definition defines, without reading all of it.
fn identity(text: &str) -> Option<(String, String)> {
    let after = |marker: &str| text.lines().find_map(|line| line.strip_prefix(marker)).map(str::to_owned);
    let version = text.lines().filter_map(|line| line.strip_prefix("    name: ")).next_back()?;
    Some((format!("{}/{version}", after("  group: ")?), after("    kind: ")?))
}

fn manifests(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
