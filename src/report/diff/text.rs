//! A diff for people at a terminal: `+`, `-`, `~` and `!` carry what colour would say.

use std::fmt::Write;

use super::lines::{self, Line, Mark};
use super::model::{
    ChangeGroup, Class, DiffReport, EnvironmentDiff, Presence, ResourceDiff, Revision, Side, Summary,
};
use crate::report::printable::printable;

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const ALARM: &str = "\u{1b}[1;31m";

/// Members of a group that are listed; the rest is counted.
const LISTED_MEMBERS: usize = 10;

/// Whether text carries the colours of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coloring {
    /// With the escapes of a terminal.
    Colored,
    /// Without.
    Plain,
}

/// The whole report.
#[must_use]
pub fn print(report: &DiffReport, coloring: Coloring) -> String {
    let mut printer = Printer { text: String::new(), coloring };
    for (index, environment) in report.environments.iter().enumerate() {
        if index > 0 && has_own_lines(&report.environments, index) {
            printer.text.push('\n');
        }
        printer.environment(environment);
    }
    for group in &report.groups {
        printer.text.push('\n');
        printer.group(report, group);
    }
    if !report.environments.is_empty() {
        printer.text.push('\n');
    }
    for environment in &report.environments {
        printer.verdict(&environment.name, &environment.summary, environment.errors.is_empty());
    }
    if report.environments.len() > 1 {
        printer.verdict("all", &report.summary, report.summary.errors == 0);
    }
    printer.text
}

struct Printer {
    text: String,
    coloring: Coloring,
}

impl Printer {
    fn paint(&self, style: &str, text: &str) -> String {
        match self.coloring {
            Coloring::Colored if !text.is_empty() => format!("{style}{text}{RESET}"),
            _ => text.to_owned(),
        }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn environment(&mut self, environment: &EnvironmentDiff) {
        let name = self.paint(BOLD, &printable(&environment.name));
        let what = match environment.presence {
            Presence::Both => "",
            Presence::Added => ", a new environment",
            Presence::Removed => ", which is taken away",
        };
        self.push(&format!(
            "{name}: {} -> {}{what}",
            revision(&environment.base),
            revision(&environment.head)
        ));
        for side in [Side::Base, Side::Head] {
            let errors: Vec<_> = environment.errors.iter().filter(|error| error.side == side).collect();
            if errors.is_empty() {
                continue;
            }
            let word = if side == Side::Base { "base" } else { "head" };
            let heading = if environment.layers.is_empty() {
                format!("the {word} does not render, so that nothing can be compared")
            } else {
                format!("claims of the {word} cannot be expanded, so that what they become is not compared")
            };
            let heading = self.paint(ALARM, &heading);
            self.push(&format!("  {heading}"));
            for error in errors {
                let place = match (&error.file, error.line) {
                    (Some(file), Some(line)) => format!(" ({file}:{line})"),
                    (Some(file), None) => format!(" ({file})"),
                    _ => String::new(),
                };
                let text = printable(&format!("error[{}]: {}{place}", error.code, error.message));
                self.push(&format!("  ! {text}"));
            }
        }
        for layer in &environment.layers {
            let own: Vec<&ResourceDiff> =
                layer.resources.iter().filter(|resource| resource.group.is_none()).collect();
            if own.is_empty() {
                continue;
            }
            let heading = printable(&format!("layer {} (cluster {})", layer.name, layer.destination));
            let heading = self.paint(DIM, &heading);
            self.text.push('\n');
            self.push(&heading);
            for resource in own {
                self.resource(resource);
            }
        }
    }

    fn resource(&mut self, resource: &ResourceDiff) {
        let via =
            resource.via.as_ref().map(|via| printable(&format!("  of {}", via.claim))).unwrap_or_default();
        self.heading(lines::mark_of(resource.change), &lines::title(resource), resource.class, &via);
        self.lines(&lines::risks(resource));
        self.lines(&lines::fields(resource.change, &resource.fields));
    }

    fn heading(&mut self, mark: Mark, title: &str, class: Class, rest: &str) {
        let (title, rest) = (self.paint(BOLD, title), self.paint(DIM, rest));
        let class = match class {
            Class::Risky => format!("  {}", self.paint(ALARM, "[risky]")),
            Class::Routine => format!("  {}", self.paint(DIM, "[routine]")),
            Class::MetadataOnly => format!("  {}", self.paint(DIM, "[metadata only]")),
            Class::Other => String::new(),
        };
        let glyph = self.paint(style_of(mark), &mark.glyph().to_string());
        self.push(&format!("{glyph} {title}{class}{rest}"));
    }

    fn lines(&mut self, lines: &[Line]) {
        for Line { mark, depth, text } in lines {
            let line = format!("{} {text}", mark.glyph());
            let line = self.paint(style_of(*mark), line.trim_end());
            self.push(&format!("    {}{line}", "  ".repeat(*depth)));
        }
    }

    fn group(&mut self, report: &DiffReport, group: &ChangeGroup) {
        let count = group.members.len();
        let title = format!("the same in {count} resources");
        self.heading(lines::mark_of(group.change), &title, group.class, "");
        for member in group.members.iter().take(LISTED_MEMBERS) {
            let name = printable(&format!("{} {}: {}", member.environment, member.layer, member.id));
            self.push(&format!("    {name}"));
        }
        if count > LISTED_MEMBERS {
            self.push(&format!("    and {} more", count - LISTED_MEMBERS));
        }
        if let Some(first) = report.first_of(group) {
            self.lines(&lines::risks(first));
        }
        self.lines(&lines::fields(group.change, &group.fields));
    }

    fn verdict(&mut self, name: &str, summary: &Summary, is_complete: bool) {
        let name = self.paint(BOLD, &printable(name));
        let told =
            if is_complete || summary.has_changes() { counts(summary) } else { "not compared".to_owned() };
        let mut line = format!("{name}: {told}");
        if summary.risky > 0 {
            let _ = write!(line, "; {}", self.paint(ALARM, &format!("{} risky", summary.risky)));
        }
        let rest = [(summary.routine, "routine"), (summary.metadata_only, "metadata only")];
        let mut mark = if summary.risky > 0 { "," } else { ";" };
        for (count, word) in rest.into_iter().filter(|(count, _)| *count > 0) {
            let _ = write!(line, "{mark} {count} {word}");
            mark = ",";
        }
        if !is_complete {
            let _ = write!(line, "; {}", self.paint(ALARM, "incomplete"));
        }
        self.push(&line);
    }
}

/// Whether an environment or the one before it says more than its two revisions.
fn has_own_lines(environments: &[EnvironmentDiff], index: usize) -> bool {
    let around = environments.get(index.saturating_sub(1)..=index).unwrap_or_default();
    around.iter().any(|environment| {
        let mut resources = environment.layers.iter().flat_map(|layer| &layer.resources);
        !environment.errors.is_empty() || resources.any(|resource| resource.group.is_none())
    })
}

/// How many resources change in which way, in words.
#[must_use]
pub fn counts(summary: &Summary) -> String {
    let parts = [
        (summary.added, "added"),
        (summary.changed, "changed"),
        (summary.removed, "removed"),
        (summary.renamed, "renamed"),
        (summary.reordered, "reordered"),
    ];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if told.is_empty() {
        format!("no change, {} resources are the same", summary.unchanged)
    } else {
        format!("{}, {} unchanged", told.join(", "), summary.unchanged)
    }
}

/// A revision as people name it.
#[must_use]
pub fn revision(revision: &Revision) -> String {
    let short = |commit: &String| commit.chars().take(10).collect::<String>();
    let name = printable(&revision.name);
    match &revision.commit {
        None => "the work tree".to_owned(),
        Some(commit) if *commit == revision.name => short(commit),
        Some(commit) if revision.is_merge_base => format!("{} (where it left {name})", short(commit)),
        Some(commit) => format!("{} ({name})", short(commit)),
    }
}

fn style_of(mark: Mark) -> &'static str {
    match mark {
        Mark::Added => GREEN,
        Mark::Removed => RED,
        Mark::Changed => YELLOW,
        Mark::Risk => ALARM,
        Mark::Context => DIM,
    }
}
