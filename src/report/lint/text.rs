//! Findings for people: diagnostics with their excerpts, and one line for each environment.

use std::fmt::Write;

use super::LintReport;
use crate::diagnostic::Severity;
use crate::diagnostic::text::print_one;

/// The report.
#[must_use]
pub fn print(report: &LintReport, colored: bool) -> String {
    let mut text = String::new();
    for environment in &report.environments {
        for entry in &environment.findings {
            text.push_str(&print_one(&entry.diagnostic, colored));
            text.push('\n');
        }
        let count = |severity: Severity| {
            environment.findings.iter().filter(|entry| entry.diagnostic.severity == severity).count()
        };
        let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
        let told: Vec<String> = counts
            .into_iter()
            .map(|(severity, word)| (count(severity), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
            .collect();
        let told = if told.is_empty() { "nothing found".to_owned() } else { told.join(", ") };
        let allowed = match environment.allowed.len() {
            0 => String::new(),
            count => format!(", {count} allowed"),
        };
        let _ =
            writeln!(text, "{}: {told}{allowed} in {} resources", environment.name, environment.resources);
    }
    text
}
