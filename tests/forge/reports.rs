//! Reports as `plimsoll diff` and `plimsoll check` write them, small.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The newest commit of the pull request of these tests.
pub(crate) const HEAD: &str = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff";

/// A diff of `dev` in which every part of a comment has something to show.
pub(crate) fn diff() -> Value {
    serde_json::from_str(include_str!("reports/diff.json")).expect("diff.json is JSON")
}

/// The same diff at a commit, with no change.
pub(crate) fn unchanged() -> Value {
    let mut report = diff();
    report["verdict"] = json!("unchanged");
    report["groups"] = json!([]);
    for environment in report["environments"].as_array_mut().expect("environments") {
        environment["verdict"] = json!("unchanged");
        environment["layers"] = json!([]);
        without_changes(&mut environment["summary"]);
    }
    without_changes(&mut report["summary"]);
    report
}

fn without_changes(summary: &mut Value) {
    for count in ["added", "removed", "changed", "renamed", "reordered", "risky", "routine", "metadataOnly"] {
        summary[count] = json!(0);
    }
}

/// A check of `dev` that found these deployments changed; incomplete where something was not read.
pub(crate) fn drift(changed: &[&str], unread: &[&str]) -> Value {
    let resources: Vec<Value> = changed
        .iter()
        .map(|name| {
            json!({
                "id": {"platform": "kubernetes", "cluster": "workload", "group": "apps", "kind": "Deployment",
                    "namespace": "langfuse", "name": name},
                "layer": "app", "state": "changed", "severity": "medium", "cause": null,
                "source": {"file": format!("environments/dev/app/langfuse/deployment-{name}.yaml"), "line": 1},
                "fingerprint": format!("fingerprint-of-{name}"),
                "fields": [{"path": "spec.replicas", "change": "changed", "desired": 2, "live": 5, "line": 11,
                    "severity": "medium", "needsReplace": false,
                    "by": {"manager": "kubectl-edit", "operation": "Update", "at": "2026-11-23T10:00:00Z"}}],
            })
        })
        .collect();
    let unreadable: Vec<Value> =
        unread.iter().map(|target| json!({"target": target, "cause": "Forbidden"})).collect();
    let verdict = match (changed.is_empty(), unread.is_empty()) {
        (false, _) => "drift",
        (true, true) => "clean",
        (true, false) => "incomplete",
    };
    json!({
        "apiVersion": "plimsoll.dev/v1alpha1", "kind": "DriftReport", "environment": "dev", "revision": HEAD,
        "verdict": verdict, "complete": unread.is_empty(),
        "summary": {"resources": 30, "inSync": 30 - changed.len(), "changed": changed.len(), "missing": 0, "extra": 0,
            "pending": 0, "unknown": 0, "ignoredFields": 0},
        "resources": resources, "ignored": [], "unreadable": unreadable,
    })
}

/// Writes a report into a folder.
pub(crate) fn write(folder: &Path, name: &str, report: &Value) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, report.to_string()).expect("a report");
    path
}
