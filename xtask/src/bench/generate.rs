//! Makes environments repositories of a given size, the same bytes every time.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Writes a repository with one environment `bench` of this many resources of about two kilobytes each, and commits it.
pub(crate) fn environments_repository(folder: &Path, resources: usize) -> Result<()> {
    layered_repository(folder, resources, 1)
}

/// The same, with the resources spread over this many layers.
pub(crate) fn layered_repository(folder: &Path, resources: usize, layers: usize) -> Result<()> {
    let overlay = folder.join("overlays/bench");
    fs::create_dir_all(&overlay)?;
    let mut environment = ENVIRONMENT.to_owned();
    let mut text = String::new();
    for layer in 0..layers.max(1) {
        let base = format!("base/bench-{layer}");
        fs::create_dir_all(folder.join(&base))?;
        let _ = write!(
            environment,
            "    - name: app-{layer}\n      destination: workload\n      namespace: bench\n      sources:\n        - manifests:\n            path: {base}\n"
        );
        let of_layer = (layer * resources / layers.max(1))..((layer + 1) * resources / layers.max(1));
        let end = of_layer.end;
        for index in of_layer {
            push_deployment(&mut text, index);
            if index % 50 == 49 || index + 1 == end {
                fs::write(folder.join(format!("{base}/part-{:04}.yaml", index / 50)), &text)?;
                text.clear();
            }
        }
    }
    fs::write(overlay.join("environment.yaml"), environment)?;
    git(folder, &["init", "--quiet", "--initial-branch", "main"])?;
    git(folder, &["config", "user.name", "Bench"])?;
    git(folder, &["config", "user.email", "bench@example.com"])?;
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message", "inputs"])
}

/// Commits another image for the first resource.
pub(crate) fn change_one_image(folder: &Path) -> Result<()> {
    let first = folder.join("base/bench-0/part-0000.yaml");
    let text = fs::read_to_string(&first)?.replacen(":1.0.0", ":1.0.1", 1);
    fs::write(first, text)?;
    git(folder, &["commit", "--quiet", "--all", "--message", "another image"])
}

/// Commits another image for every second resource, as one value does that half of them share.
pub(crate) fn change_every_second_image(folder: &Path, layers: usize) -> Result<()> {
    for layer in 0..layers.max(1) {
        for file in fs::read_dir(folder.join(format!("base/bench-{layer}")))? {
            let file = file?.path();
            let text = fs::read_to_string(&file)?;
            let changed = text.split_inclusive("---\n").enumerate().map(|(index, resource)| {
                if index % 2 == 1 { resource.replace(":1.0.", ":1.1.") } else { resource.to_owned() }
            });
            fs::write(&file, changed.collect::<String>())?;
        }
    }
    git(folder, &["commit", "--quiet", "--all", "--message", "another image for half of them"])
}

/// Runs git in a folder.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    let status = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .status()
        .context("git could not be started")?;
    ensure!(status.success(), "git {} failed", arguments.join(" "));
    Ok(())
}

const ENVIRONMENT: &str = "\
apiVersion: plimsoll.dev/v1alpha1
kind: Environment
metadata:
  name: bench
spec:
  clusters:
    workload:
      context: bench
  layers:
";

fn push_deployment(text: &mut String, index: usize) {
    let _ = write!(
        text,
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{index:05}\n  labels:\n    app: web-{index:05}\n    team: t{}\nspec:\n  replicas: {}\n  selector:\n    matchLabels:\n      app: web-{index:05}\n  template:\n    metadata:\n      labels:\n        app: web-{index:05}\n    spec:\n      containers:\n",
        index % 17,
        index % 5 + 1,
    );
    for container in ["web", "sidecar"] {
        let _ = write!(
            text,
            "        - name: {container}\n          image: registry.example.com/{container}:1.{}.{}\n          ports:\n            - name: http\n              containerPort: {}\n          resources:\n            requests:\n              cpu: 100m\n              memory: 128Mi\n            limits:\n              memory: 256Mi\n          livenessProbe:\n            httpGet:\n              path: /healthz\n              port: http\n          env:\n",
            index % 9,
            index % 31,
            8000 + index % 1000,
        );
        for variable in 0..9 {
            let _ = write!(
                text,
                "            - name: SETTING_{variable}\n              value: \"value {variable} of {index}\"\n"
            );
        }
    }
}
