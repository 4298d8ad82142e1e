//! Findings for programs.

use serde_json::{Value, json};

use super::{Entry, LintReport};
use crate::diagnostic::Severity;

/// The report as a document of kind `LintReport`.
#[must_use]
pub fn value(report: &LintReport) -> Value {
    let environments: Vec<Value> = report
        .environments
        .iter()
        .map(|environment| {
            let allowed: Vec<Value> = environment
                .allowed
                .iter()
                .map(|(found, reason)| {
                    let mut value = entry(found);
                    value["reason"] = reason.as_str().into();
                    value
                })
                .collect();
            json!({
                "name": environment.name,
                "resources": environment.resources,
                "findings": environment.findings.iter().map(entry).collect::<Vec<_>>(),
                "allowed": allowed,
            })
        })
        .collect();
    json!({
        "apiVersion": "plimsoll.dev/v1alpha1",
        "kind": "LintReport",
        "summary": {
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "notes": report.count(Severity::Note),
        },
        "environments": environments,
    })
}

fn entry(entry: &Entry) -> Value {
    let diagnostic = &entry.diagnostic;
    let place = diagnostic.place.as_ref();
    let position = place.and_then(|place| place.position);
    json!({
        "rule": diagnostic.code.name(),
        "severity": diagnostic.severity.word(),
        "message": diagnostic.message,
        "resource": entry.resource,
        "layer": entry.layer,
        "field": diagnostic.field,
        "file": place.map(|place| place.file.as_str()),
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
    })
}
