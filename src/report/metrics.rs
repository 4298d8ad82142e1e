//! Drift reports as metrics in Prometheus' text format, for a textfile collector or a push gateway.
//!
//! The time of the last complete check outlives a check that is not complete: it is taken over from the file of the last run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::drift::model::{DriftReport, Severity, State};

const LAST_COMPLETE: &str = "plimsoll_last_complete_check_timestamp_seconds";

/// When the checks were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// When they ended, in seconds since 1970.
    pub ended: u64,
    /// How long they took, in seconds; none where that is not known.
    pub duration: Option<u64>,
}

/// The metrics of the reports. `previous` is the file of the last run.
#[must_use]
pub fn print(reports: &[DriftReport], timing: Timing, previous: Option<&str>) -> String {
    let mut complete = previous.map(last_complete).unwrap_or_default();
    for report in reports.iter().filter(|report| report.complete) {
        complete.insert(label(&report.environment), timing.ended);
    }
    let each = |value: &dyn Fn(&DriftReport) -> u64| {
        reports
            .iter()
            .map(|report| (format!("environment=\"{}\"", label(&report.environment)), value(report)))
            .collect::<Vec<_>>()
    };
    let mut text = String::new();
    let drifted = reports.iter().flat_map(|report| {
        let words = [
            (Severity::Critical, "critical"),
            (Severity::High, "high"),
            (Severity::Medium, "medium"),
            (Severity::Low, "low"),
        ];
        words.map(|(severity, word)| {
            let labels = format!("environment=\"{}\",severity=\"{word}\"", label(&report.environment));
            (labels, drifted(report, severity))
        })
    });
    push(
        &mut text,
        "plimsoll_drifted_resources",
        "Resources that are not as the repository says.",
        drifted.collect(),
    );
    push(
        &mut text,
        "plimsoll_unknown_resources",
        "Resources that could not be read or compared.",
        each(&|report| report.summary.unknown),
    );
    push(
        &mut text,
        "plimsoll_unreadable_targets",
        "Targets that could not be read.",
        each(&|report| report.unreadable.len() as u64),
    );
    push(
        &mut text,
        "plimsoll_checked_resources",
        "Resources that were looked at.",
        each(&|report| report.summary.resources),
    );
    push(
        &mut text,
        "plimsoll_check_complete",
        "Whether the last check could read everything.",
        each(&|report| u64::from(report.complete)),
    );
    let times =
        complete.into_iter().map(|(environment, time)| (format!("environment=\"{environment}\""), time));
    push(&mut text, LAST_COMPLETE, "When the last complete check ended.", times.collect());
    push(
        &mut text,
        "plimsoll_last_check_timestamp_seconds",
        "When the last check ended.",
        each(&|_| timing.ended),
    );
    if let Some(duration) = timing.duration {
        push(
            &mut text,
            "plimsoll_check_duration_seconds",
            "How long the last check took.",
            each(&|_| duration),
        );
    }
    text
}

fn drifted(report: &DriftReport, severity: Severity) -> u64 {
    let findings = report.resources.iter().filter(|resource| match resource.state {
        State::InSync | State::Unknown => false,
        State::Pending => !resource.settles,
        State::Changed | State::Missing | State::Extra => true,
    });
    findings.filter(|resource| resource.severity.unwrap_or(Severity::Medium) == severity).count() as u64
}

fn push(text: &mut String, name: &str, help: &str, samples: Vec<(String, u64)>) {
    if samples.is_empty() {
        return;
    }
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{{{labels}}} {value}");
    }
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn last_complete(previous: &str) -> BTreeMap<String, u64> {
    let lines = previous.lines().filter_map(|line| {
        let rest = line.strip_prefix(LAST_COMPLETE)?.strip_prefix("{environment=\"")?;
        let (environment, value) = rest.rsplit_once("\"} ")?;
        Some((environment.to_owned(), value.trim().parse().ok()?))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drift::assembly::{Heading, of_parts};
    use crate::report::drift::model::Unreadable;

    fn report(environment: &str, unreadable: Vec<Unreadable>) -> DriftReport {
        let heading = Heading { environment: environment.to_owned(), revision: None, shard: None };
        of_parts(heading, Vec::new(), Vec::new(), unreadable)
    }

    #[test]
    fn the_last_complete_check_outlives_one_that_is_not() {
        let first = print(&[report("a\"b", Vec::new())], Timing { ended: 100, duration: Some(7) }, None);
        assert!(first.contains("plimsoll_check_duration_seconds{environment=\"a\\\"b\"} 7\n"), "{first}");
        let broken = Unreadable { target: "x".to_owned(), cause: "y".to_owned() };
        let timing = Timing { ended: 200, duration: None };
        let second = print(&[report("a\"b", vec![broken])], timing, Some(&first));
        assert!(second.contains("plimsoll_check_complete{environment=\"a\\\"b\"} 0\n"), "{second}");
        assert!(second.contains(&format!("{LAST_COMPLETE}{{environment=\"a\\\"b\"}} 100\n")), "{second}");
        assert!(
            second.contains("plimsoll_last_check_timestamp_seconds{environment=\"a\\\"b\"} 200\n"),
            "{second}"
        );
        assert!(!second.contains("duration"), "{second}");
    }
}
