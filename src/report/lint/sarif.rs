//! Findings as SARIF 2.1.0, for code scanning. What is allowed is listed as suppressed, with its reason.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::{Entry, LintReport};
use crate::diagnostic::{Severity, explain};
use crate::lint::rule;

/// The report as a SARIF log.
#[must_use]
pub fn value(report: &LintReport, version: &str) -> Value {
    let entries = || {
        report.environments.iter().flat_map(|environment| {
            let stands = environment.findings.iter().map(move |entry| (environment, entry, None));
            let allowed =
                environment.allowed.iter().map(move |(entry, reason)| (environment, entry, Some(reason)));
            stands.chain(allowed)
        })
    };
    let codes: BTreeSet<&str> = entries().map(|(_, entry, _)| entry.diagnostic.code.name()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let results: Vec<Value> = entries()
        .map(|(environment, entry, reason)| {
            let index = codes.iter().position(|code| *code == entry.diagnostic.code.name());
            let mut result = result(entry, index.unwrap_or_default());
            result["properties"] =
                json!({"environment": environment.name, "layer": entry.layer, "resource": entry.resource});
            if let Some(reason) = reason {
                result["suppressions"] = json!([{"kind": "external", "justification": reason}]);
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "plimsoll",
                "version": version,
                "rules": codes.iter().map(|code| described(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(entry: &Entry, index: usize) -> Value {
    let diagnostic = &entry.diagnostic;
    let mut result = json!({
        "ruleId": diagnostic.code.name(),
        "ruleIndex": index,
        "level": level(diagnostic.severity),
        "message": {"text": diagnostic.message},
        "locations": [],
        "partialFingerprints": {
            "finding/v1": format!(
                "{} {} {}",
                diagnostic.code.name(),
                entry.resource.as_deref().unwrap_or_default(),
                diagnostic.field.as_deref().unwrap_or_default()
            ),
        },
    });
    if let Some(place) = &diagnostic.place {
        let mut physical = json!({"artifactLocation": {"uri": uri(&place.file), "uriBaseId": "%SRCROOT%"}});
        if let Some(position) = place.position {
            physical["region"] = json!({"startLine": position.line, "startColumn": position.column});
        }
        result["locations"] = json!([{"physicalLocation": physical}]);
    }
    result
}

fn described(code: &str) -> Value {
    let Some(rule) = rule(code) else {
        let text = explain::explanation(code).unwrap_or(code);
        return json!({"id": code, "shortDescription": {"text": code}, "fullDescription": {"text": text}});
    };
    json!({
        "id": code,
        "name": code.trim_start_matches("lint::"),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": format!("To mend it, {}", rule.mend)},
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
