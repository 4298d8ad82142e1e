//! A drift report as JUnit XML: a suite a layer, a test case a resource.
//!
//! Drift is a failure, what could not be read is an error, so that no dashboard takes unknown for passed.

use std::fmt::Write;

use super::model::{DriftReport, Resource, State};
use super::wording;

/// The report as JUnit XML.
#[must_use]
pub fn print(report: &DriftReport) -> String {
    print_all(std::slice::from_ref(report))
}

/// Several reports as one document of JUnit XML.
#[must_use]
pub fn print_all(reports: &[DriftReport]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let count = |of: fn(&DriftReport) -> u64| reports.iter().map(of).sum::<u64>();
    let names: Vec<&str> = reports.iter().map(|report| report.environment.as_str()).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        escaped(&format!("drift of {}", names.join(", "))),
        count(|report| report.summary.resources + report.unreadable.len() as u64),
        count(|report| {
            let summary = report.summary;
            summary.changed + summary.missing + summary.extra + summary.pending
        }),
        count(|report| report.summary.unknown + report.unreadable.len() as u64),
    );
    for report in reports {
        print_suites(&mut text, report);
    }
    text.push_str("</testsuites>\n");
    text
}

fn print_suites(text: &mut String, report: &DriftReport) {
    let mut layers: Vec<(&str, Vec<&Resource>)> = Vec::new();
    for resource in &report.resources {
        match layers.iter_mut().find(|(layer, _)| *layer == resource.layer) {
            Some((_, resources)) => resources.push(resource),
            None => layers.push((&resource.layer, vec![resource])),
        }
    }
    let unreadable = report.unreadable.len();
    for (layer, resources) in layers {
        let errors = resources.iter().filter(|resource| resource.state == State::Unknown).count();
        let failures = resources
            .iter()
            .filter(|resource| !matches!(resource.state, State::Unknown | State::InSync))
            .count();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
            escaped(&format!("{} {layer}", report.environment)),
            resources.len(),
        );
        for resource in resources {
            print_case(text, layer, resource);
        }
        text.push_str("  </testsuite>\n");
    }
    if unreadable > 0 {
        let _ = writeln!(
            text,
            "  <testsuite name=\"could not be read\" tests=\"{unreadable}\" failures=\"0\" errors=\"{unreadable}\">"
        );
        for target in &report.unreadable {
            let _ = writeln!(
                text,
                "    <testcase classname=\"unreadable\" name=\"{}\"><error message=\"{}\"/></testcase>",
                escaped(&target.target),
                escaped(&target.cause),
            );
        }
        text.push_str("  </testsuite>\n");
    }
}

fn print_case(text: &mut String, layer: &str, resource: &Resource) {
    let name = format!("{} ({})", wording::name(&resource.id), wording::place(&resource.id));
    let file = resource
        .source
        .as_ref()
        .map(|source| format!(" file=\"{}\" line=\"{}\"", escaped(&source.file), source.line));
    let _ = write!(
        text,
        "    <testcase classname=\"{}\" name=\"{}\"{}",
        escaped(layer),
        escaped(&name),
        file.unwrap_or_default()
    );
    if resource.state == State::InSync {
        text.push_str("/>\n");
        return;
    }
    let element = if resource.state == State::Unknown { "error" } else { "failure" };
    let cause = resource.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
    let _ = write!(
        text,
        "><{element} type=\"{}\" message=\"{}\">",
        wording::severity(resource.severity),
        escaped(&format!("{}{cause}", wording::state(resource.state))),
    );
    for field in &resource.fields {
        let writer =
            wording::writer(field, &resource.id).map(|writer| format!(" {writer}")).unwrap_or_default();
        let line = format!(
            "{} {}: Git {}, live {}{writer}\n",
            field.path,
            wording::change(field.change),
            wording::value(field.desired.as_ref()),
            wording::value(field.live.as_ref()),
        );
        text.push_str(&escaped(&line));
    }
    let _ = writeln!(text, "</{element}></testcase>");
}

/// Text as XML has it; characters that XML cannot hold are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
