//! Findings as annotations of a GitHub workflow: `::error file=...,line=...,title=...::message`.

use super::LintReport;
use crate::diagnostic::Severity;
use crate::report::github::workflow::{AnnotationPlace, annotation};

/// One line a finding.
#[must_use]
pub fn print(report: &LintReport) -> String {
    let mut text = String::new();
    for environment in &report.environments {
        for entry in &environment.findings {
            let diagnostic = &entry.diagnostic;
            let level = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            let place = diagnostic.place.as_ref().map(|place| AnnotationPlace {
                file: &place.file,
                line: place.position.map(|position| position.line),
                column: place.position.map(|position| position.column),
            });
            let message = format!("{}: {}", environment.name, diagnostic.message);
            text.push_str(&annotation(level, place, diagnostic.code.name(), &message));
        }
    }
    text
}
