//! Makes environments repositories of a given size, the same bytes every time.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Writes a repository with one environment `bench` of this many resources of about two kilobytes each, and commits it.
pub(crate) fn environments_repository(folder: &Path, resources: usize) -> Result<()> {
    let overlay = folder.join("overlays/bench");
    let base = folder.join("base/bench");
    fs::create_dir_all(&overlay)?;
    fs::create_dir_all(&base)?;
    fs::write(overlay.join("environment.yaml"), ENVIRONMENT)?;
    let mut text = String::new();
    for index in 0..resources {
        push_deployment(&mut text, index);
        if index % 50 == 49 || index + 1 == resources {
            fs::write(base.join(format!("part-{:04}.yaml", index / 50)), &text)?;
            text.clear();
        }
    }
    git(folder, &["init", "--quiet", "--initial-branch", "main"])?;
    git(folder, &["config", "user.name", "Bench"])?;
    git(folder, &["config", "user.email", "bench@example.com"])?;
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message", "inputs"])
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
    - name: app
      destination: workload
      namespace: bench
      sources:
        - manifests:
            path: base/bench
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
