//! `plimsoll build` beside the real kustomize: a trivial build, many resources, and large definitions.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{Cost, median, ratio};
use crate::outcome::say;
use crate::provision::Provisioned;
use crate::{cargo, peers, provision};

/// How many resources are built; the cost of each is compared with that of half as many.
const SIZES: [usize; 5] = [500, 1_000, 2_000, 4_000, 8_000];
/// The size at which the original is measured too; at twice this it takes minutes.
const COMPARED: usize = 4_000;
/// The bytes of definitions.
const DEFINITIONS: usize = 3_300_000;

/// Measures and prints.
pub(super) fn run() -> Result<()> {
    let status = cargo::command(&["build", "--release", "--quiet", "--bin", "plimsoll"]).status()?;
    ensure!(status.success(), "plimsoll does not build");
    let plimsoll = cargo::target_folder().join("release/plimsoll");
    let peer =
        peers::all()?.into_iter().find(|peer| peer.name == "kustomize").context("kustomize is a peer")?;
    let original = match provision::provision(&peer)? {
        Provisioned::Ready(path) => Some(path),
        Provisioned::Unavailable(why) => {
            say(&format!("skipped: the real kustomize: {why}"));
            None
        }
    };
    let folder = tempfile::tempdir()?;
    let build = |program: &Path, runs: usize| {
        median(runs, || {
            let mut command = Command::new(program);
            command.arg("build").arg(folder.path());
            Ok(command)
        })
    };
    let beside = |title: &str, ours: Cost, runs: usize| -> Result<()> {
        say(&format!("{title}: {ours}"));
        if let Some(original) = &original {
            let theirs = build(original, runs)?;
            let memory = theirs.peak_memory as f64 / (ours.peak_memory as f64).max(1.0);
            say(&format!(
                "{title}, kustomize: {theirs}; {:.1} times as fast, {memory:.1} times less memory",
                ratio(theirs, ours)
            ));
        }
        Ok(())
    };

    write_resources(folder.path(), 1)?;
    beside("a trivial build", build(&plimsoll, 21)?, 11)?;
    let mut before: Option<Cost> = None;
    for size in SIZES {
        write_resources(folder.path(), size)?;
        let ours = build(&plimsoll, 5)?;
        let title = format!("{size} resources");
        if size == COMPARED {
            beside(&title, ours, 1)?;
        } else {
            say(&format!("{title}: {ours}"));
        }
        if let Some(half) = before {
            say(&format!("{title}: {:.2} times the time of half as many", ratio(ours, half)));
        }
        before = Some(ours);
    }
    write_definitions(folder.path(), DEFINITIONS)?;
    beside("3.3 MB of definitions", build(&plimsoll, 5)?, 3)
}

/// A kustomization with everything that costs: a prefix, labels, images, a patch for each tenth, generated references.
fn write_resources(folder: &Path, count: usize) -> Result<()> {
    let mut resources = String::new();
    let mut kustomization = "resources: [resources.yaml]\nnamePrefix: bench-\nlabels:\n- {pairs: {team: bench}, includeSelectors: true}\n\
                             images:\n- {name: example/web, newTag: \"2\"}\nconfigMapGenerator:\n"
        .to_owned();
    let maps = count.div_ceil(50);
    for index in 0..maps {
        let _ = writeln!(kustomization, "- {{name: settings-{index}, literals: [index={index}]}}");
    }
    kustomization.push_str("patches:\n");
    for index in 0..count {
        let _ = write!(
            resources,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{index}\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      \
             app: web-{index}\n  template:\n    metadata:\n      labels:\n        app: web-{index}\n    spec:\n      containers:\n      - name: web\n        \
             image: example/web:1\n        envFrom:\n        - configMapRef:\n            name: settings-{}\n",
            index % maps
        );
        if index % 10 == 0 {
            let _ = writeln!(
                kustomization,
                "- patch: '{{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {{\"name\": \"web-{index}\"}}, \"spec\": {{\"replicas\": 2}}}}'"
            );
        }
    }
    fs::write(folder.join("resources.yaml"), resources)?;
    fs::write(folder.join("kustomization.yaml"), kustomization)?;
    Ok(())
}

/// Custom resource definitions of about this many bytes, as controllers bring them.
fn write_definitions(folder: &Path, bytes: usize) -> Result<()> {
    let mut text = String::new();
    let mut index = 0;
    while text.len() < bytes {
        let _ = write!(
            text,
            "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things{index}.example.com\nspec:\n  \
             group: example.com\n  names: {{kind: Thing{index}, plural: things{index}}}\n  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    \
             storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            \
             properties:\n"
        );
        for field in 0..200 {
            let _ = write!(
                text,
                "              field{field}:\n                description: |-\n                  What field {field} of the thing says, in a sentence that is as\n                  \
                 long as such sentences are.\n                type: object\n                properties:\n                  name:\n                    type: string\n"
            );
        }
        index += 1;
    }
    fs::write(folder.join("resources.yaml"), text)?;
    fs::write(folder.join("kustomization.yaml"), "resources: [resources.yaml]\nnamePrefix: bench-\n")?;
    Ok(())
}
