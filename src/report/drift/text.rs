//! A drift report for people: grouped by layer, the worst first, with both values, who, when, where and what to do.

use std::fmt::Write;

use super::model::{DriftReport, Resource, RuleStatus, Severity, State};
use super::story::Story;
use super::{remedy, wording};

/// The report as text, coloured where that is wanted.
#[must_use]
pub fn print(report: &DriftReport, color: Color) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{} at {}: {}",
        color.bold(&report.environment),
        wording::revision(report),
        wording::verdict(report)
    );
    let story = Story::of(report);
    for (layer, resources) in wording::by_layer(report) {
        let _ = writeln!(text, "\n{}", color.bold(layer));
        for resource in resources {
            print_resource(&mut text, resource, &story, color);
        }
    }
    if !report.unreadable.is_empty() {
        let _ = writeln!(text, "\n{}", color.bold("could not be read"));
        for unreadable in &report.unreadable {
            let _ = writeln!(text, "  {}: {}", unreadable.target, unreadable.cause);
        }
    }
    if !report.ignored.is_empty() {
        let _ = writeln!(text, "\n{}", color.bold("ignore rules"));
        for rule in &report.ignored {
            let became = match rule.status {
                RuleStatus::Used => format!("hid {}", rule.fields),
                RuleStatus::Unused => "matched nothing: take it away".to_owned(),
                RuleStatus::Expired => "has expired and hides nothing".to_owned(),
            };
            let expires = rule.expires.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
            let _ = writeln!(text, "  {}: {became} ({}{expires})", rule.rule, rule.reason);
        }
    }
    text
}

fn print_resource(text: &mut String, resource: &Resource, story: &Story<'_>, color: Color) {
    let severity = wording::severity(resource.severity);
    let _ = writeln!(
        text,
        "  {} {} {}  ({})",
        color.severity(resource.severity, &format!("{severity:8}")),
        wording::name(&resource.id),
        color.bold(wording::state(resource.state)),
        wording::place(&resource.id),
    );
    if let Some(via) = &resource.via {
        let _ = writeln!(text, "           declared by {}", wording::via(via));
    }
    if let Some(source) = wording::source(resource) {
        let _ = writeln!(text, "           {source}");
    }
    if let Some(cause) = &resource.cause {
        let _ = writeln!(text, "           because: {cause}");
    }
    if let Some(other) = story.other_end(resource) {
        let _ = writeln!(text, "           {other}");
    }
    for field in &resource.fields {
        let line = field.line.map(|line| format!("  line {line}")).unwrap_or_default();
        let replace = if field.needs_replace { "  needs a new object" } else { "" };
        let _ = writeln!(
            text,
            "           {} {} {}{line}{replace}",
            color.severity(Some(field.severity), wording::severity(Some(field.severity))),
            field.path,
            wording::change(field.change),
        );
        if field.desired.is_some() {
            let _ = writeln!(text, "               Git   {}", wording::value(field.desired.as_ref()));
        }
        if field.live.is_some() {
            let _ = writeln!(text, "               live  {}", wording::value(field.live.as_ref()));
        }
        if let Some(writer) = wording::writer(field, &resource.id) {
            let _ = writeln!(text, "               {writer}");
        }
    }
    if resource.state != State::Unknown {
        for remedy in remedy::remedies(resource) {
            let _ = writeln!(text, "           {}", color.faint(&remedy));
        }
    }
}

/// Whether text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Color {
    fn styled(self, codes: &str, text: &str) -> String {
        match self {
            Color::On => format!("\x1b[{codes}m{text}\x1b[0m"),
            Color::Off => text.to_owned(),
        }
    }

    fn bold(self, text: &str) -> String {
        self.styled("1", text)
    }

    fn faint(self, text: &str) -> String {
        self.styled("2", text)
    }

    fn severity(self, severity: Option<Severity>, text: &str) -> String {
        match severity {
            Some(Severity::Critical) => self.styled("1;31", text),
            Some(Severity::High) => self.styled("31", text),
            Some(Severity::Medium) => self.styled("33", text),
            Some(Severity::Low) | None => text.to_owned(),
        }
    }
}
