//! Any bytes are read as a patch, strategic merge or JSON 6902, and applied or refused.
//!
//! `cargo xtask fuzz kustomize/patches`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_kustomize::{BuildOptions, Sources, TreeFiles, build};
use plimsoll_resource::FileTree;

const RESOURCES: &[u8] = b"\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: example/web:1, env: [{name: A, value: a}], ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {key: value}
";

fuzz_target!(|bytes: &[u8]| {
    let mut tree = FileTree::new();
    for (path, content) in [("resources.yaml", RESOURCES), ("kustomization.yaml", b"resources: [resources.yaml]\npatches:\n- path: patch.yaml\n- {path: patch.yaml, target: {kind: Deployment}}\n".as_slice()), ("patch.yaml", bytes)] {
        let _ = tree.insert(path, content);
    }
    let files = TreeFiles::new(tree);
    let sources = Sources { files: &files, remote: None, charts: None };
    if let Ok(build) = build(sources, "/", &BuildOptions::default(), &mut |_| {}) {
        let _ = build.to_yaml();
    }
});
