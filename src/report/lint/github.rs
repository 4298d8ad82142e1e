//! Findings as annotations of a GitHub workflow: `::error file=...,line=...,title=...::message`.

use std::fmt::Write;

use super::LintReport;
use crate::diagnostic::Severity;

/// One line a finding.
#[must_use]
pub fn print(report: &LintReport) -> String {
    let mut text = String::new();
    for environment in &report.environments {
        for entry in &environment.findings {
            let diagnostic = &entry.diagnostic;
            let command = match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            let mut properties = Vec::new();
            if let Some(place) = &diagnostic.place {
                properties.push(format!("file={}", property(&place.file)));
                if let Some(position) = place.position {
                    properties.push(format!("line={},col={}", position.line, position.column));
                }
            }
            properties.push(format!("title={}", property(diagnostic.code.name())));
            let message = format!("{}: {}", environment.name, diagnostic.message);
            let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&message));
        }
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(property("a,b:c\n%"), "a%2Cb%3Ac%0A%25");
        assert_eq!(data("a::b\r\n"), "a::b%0D%0A");
    }
}
