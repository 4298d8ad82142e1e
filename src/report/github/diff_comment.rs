//! A diff as the comment of a pull request, and as a job summary: the same text within another limit.
//!
//! Order: headline, table of the environments, alerts for what is risky, what does not render, images, changes that several
//! resources share, then one fold for each environment with one for each resource.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::document::{Block, Document, Fitted, Rank, Section};
use super::inert;
use crate::report::diff::github::fenced_lines;
use crate::report::diff::lines;
use crate::report::diff::model::{
    ChangeGroup, Class, DiffReport, EnvironmentDiff, FieldDiff, Presence, ResourceChange, ResourceDiff,
    Severity, SideError, Summary, Verdict,
};

/// The first line of the comment, by which it is found again.
pub const MARKER: &str = "<!-- plimsoll:diff-comment:v1 -->";

/// What stands in the comment beside the report itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// What the last scheduled check of each environment said.
    pub drift: BTreeMap<String, LastDrift>,
    /// Where the rest is, as an address.
    pub details: Option<String>,
    /// The name of the artifact that holds the rest.
    pub artifact: Option<String>,
}

/// What the last scheduled check of an environment said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastDrift {
    /// How many findings there were.
    pub findings: u64,
    /// When the oldest of them was first seen.
    pub since: Option<String>,
    /// The number of the issue that tells them.
    pub issue: u64,
}

/// The comment, or the job summary, within a limit in bytes.
#[must_use]
pub fn text(report: &DiffReport, surroundings: &Surroundings, limit: usize) -> Fitted {
    let document = Document {
        head: format!("{MARKER}\n{}\n", headline(report)),
        sections: sections(report, surroundings),
        foot: foot(report, surroundings),
    };
    document.fit(limit, |omitted| note(omitted, surroundings))
}

/// Whether there is anything to say where nothing was said before.
#[must_use]
pub fn has_news(report: &DiffReport) -> bool {
    report.verdict != Verdict::Unchanged
}

fn headline(report: &DiffReport) -> String {
    let all = report.environments.len();
    let environments = plural(all, "environment");
    let failed = report.environments.iter().filter(|one| one.verdict == Verdict::Incomplete).count();
    if failed > 0 {
        return format!("### :x: {failed} of {environments} cannot be rendered\n");
    }
    if !report.summary.has_changes() {
        return format!("### :white_check_mark: No change in {environments}\n");
    }
    let changed = report.environments.iter().filter(|one| one.verdict == Verdict::Changed).count();
    let risky = match report.summary.risky {
        0 => String::new(),
        count => format!(", :warning: {count} risky"),
    };
    format!("### {} in {changed} of {environments}{risky}\n", counts(&report.summary))
}

/// `1 added, 2 changed`: what is not zero.
fn counts(summary: &Summary) -> String {
    let parts = [
        (summary.added, "added"),
        (summary.changed, "changed"),
        (summary.renamed, "renamed"),
        (summary.reordered, "reordered"),
        (summary.removed, "removed"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if parts.is_empty() { "no change".to_owned() } else { parts.join(", ") }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}

fn sections(report: &DiffReport, surroundings: &Surroundings) -> Vec<Section> {
    let mut sections = vec![overview(report, surroundings)];
    sections.extend(alerts(report));
    sections.push(failures(report));
    sections.push(images(report));
    sections.push(groups(&report.groups));
    sections.extend(report.environments.iter().map(|environment| details(environment, &report.groups)));
    sections
}

fn overview(report: &DiffReport, surroundings: &Surroundings) -> Section {
    // Where not all fit, those that change are worth more.
    let (quiet, loud): (Vec<_>, Vec<_>) =
        report.environments.iter().partition(|environment| environment.verdict == Verdict::Unchanged);
    let rows = loud.into_iter().chain(quiet).map(|environment| {
        let is_policy =
            |error: &&SideError| ["secrets::", "random::"].iter().any(|area| error.code.starts_with(area));
        let policy = environment.errors.iter().filter(is_policy).count();
        let summary = &environment.summary;
        let presence = match environment.presence {
            Presence::Both => "",
            Presence::Added => " (new)",
            Presence::Removed => " (removed)",
        };
        let compared = |count: u32| match environment.verdict {
            Verdict::Incomplete => "?".to_owned(),
            _ => count.to_string(),
        };
        let changed = summary.changed.saturating_add(summary.renamed).saturating_add(summary.reordered);
        format!(
            "| {}{presence} | {} | {} | {} | {} | {policy} | {} |\n",
            inert::cell(&environment.name),
            compared(summary.added),
            compared(changed),
            compared(summary.removed),
            environment.errors.len() - policy,
            last_drift(surroundings.drift.get(&environment.name)),
        )
    });
    let open = "| environment | added | changed | removed | errors | policy | last known drift |\n\
                |---|--:|--:|--:|--:|--:|---|\n";
    Section::ranked(open.to_owned(), rows.collect(), "\n".to_owned(), Rank::Overview)
}

fn last_drift(drift: Option<&LastDrift>) -> String {
    match drift {
        None => "not known".to_owned(),
        Some(LastDrift { findings: 0, issue, .. }) => format!("none (#{issue})"),
        Some(LastDrift { findings, since, issue }) => {
            let since =
                since.as_deref().map(|since| format!(" since {}", inert::cell(since))).unwrap_or_default();
            format!("**{findings}**{since} (#{issue})")
        }
    }
}

/// One alert for what is critical, one for what is high, one for the rest.
fn alerts(report: &DiffReport) -> Vec<Section> {
    let words =
        [(Severity::Critical, "CAUTION"), (Severity::High, "WARNING"), (Severity::Medium, "IMPORTANT")];
    let mut sections = Vec::new();
    for (rank, (severity, word)) in words.into_iter().enumerate() {
        let mut lines = Vec::new();
        for (environment, resource) in resources(report) {
            for reason in resource.reasons.iter().filter(|reason| reason.severity == severity) {
                let path =
                    reason.path.as_deref().map(|path| format!(", {}", inert::code(path))).unwrap_or_default();
                lines.push(format!(
                    "> - {} {}{path}: {}\n",
                    inert::code(&environment.name),
                    inert::code(&resource.id.to_string()),
                    inert::code(&reason.message),
                ));
            }
        }
        let of_rank: fn(usize) -> Rank = match rank {
            0 => |index| Rank::Alert(index),
            1 => |index| Rank::Alert(10_000_usize.saturating_add(index)),
            _ => |index| Rank::Alert(20_000_usize.saturating_add(index)),
        };
        sections.push(Section::ranked(format!("> [!{word}]\n"), lines, "\n".to_owned(), of_rank));
    }
    sections
}

fn failures(report: &DiffReport) -> Section {
    let mut lines = Vec::new();
    for environment in &report.environments {
        for error in &environment.errors {
            let place = match (&error.file, error.line) {
                (Some(file), Some(line)) => format!(" at {}", inert::code(&format!("{file}:{line}"))),
                (Some(file), None) => format!(" at {}", inert::code(file)),
                (None, _) => String::new(),
            };
            let mut line = format!(
                "- {} {}: {}{place}",
                inert::code(&environment.name),
                inert::code(&error.code),
                inert::code(&error.message)
            );
            if let Some(help) = &error.help {
                let _ = write!(line, "; {}", inert::code(help));
            }
            line.push('\n');
            lines.push(line);
        }
    }
    Section::ranked("#### Does not render\n\n".to_owned(), lines, "\n".to_owned(), Rank::Alert)
}

fn images(report: &DiffReport) -> Section {
    let mut changes: BTreeMap<(Option<&str>, Option<&str>), Vec<String>> = BTreeMap::new();
    for (environment, resource) in resources(report) {
        for image in &resource.images {
            let places = changes.entry((image.before.as_deref(), image.after.as_deref())).or_default();
            places.push(format!("{} {}", environment.name, resource.id));
        }
    }
    let shown = |image: Option<&str>| image.map_or_else(|| "none".to_owned(), inert::cell);
    let rows = changes.into_iter().map(|((before, after), mut places)| {
        places.sort();
        places.dedup();
        let more = match places.len().saturating_sub(3) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let places: Vec<String> = places.iter().take(3).map(|place| inert::cell(place)).collect();
        format!("| {} | {} | {}{more} |\n", shown(before), shown(after), places.join(", "))
    });
    let open = "#### Images\n\n| before | after | where |\n|---|---|---|\n";
    Section::ranked(open.to_owned(), rows.collect(), "\n".to_owned(), Rank::Table)
}

fn groups(groups: &[ChangeGroup]) -> Section {
    let blocks = groups.iter().map(|group| {
        let mut members: Vec<String> =
            group.members.iter().map(|member| format!("{} {}", member.environment, member.id)).collect();
        members.sort();
        let mut environments: Vec<&str> =
            group.members.iter().map(|member| member.environment.as_str()).collect();
        environments.sort_unstable();
        environments.dedup();
        let summary = format!(
            "the same in {} of {}: {}{}",
            plural(group.members.len(), "resource"),
            plural(environments.len(), "environment"),
            change_word(group.change),
            class_words(group.class),
        );
        let mut text = format!("<details><summary>{summary}</summary>\n\n");
        text.push_str(&diff_block(group.change, &group.fields));
        text.push('\n');
        for member in members {
            let _ = writeln!(text, "- {}", inert::code(&member));
        }
        text.push_str("\n</details>\n\n");
        Block { text, rank: Rank::Detail }
    });
    Section { open: "#### Shared changes\n\n".to_owned(), blocks: blocks.collect(), close: String::new() }
}

fn details(environment: &EnvironmentDiff, groups: &[ChangeGroup]) -> Section {
    let is_shared = |resource: &ResourceDiff| {
        resource.group.and_then(|index| groups.get(usize::try_from(index).ok()?)).is_some()
    };
    let own = environment.layers.iter().flat_map(|layer| layer.resources.iter().map(move |one| (layer, one)));
    let blocks = own.filter(|(_, resource)| !is_shared(resource)).map(|(layer, resource)| {
        let mut text = format!(
            "<details><summary>{} {}{} in layer {}</summary>\n\n",
            inert::html_code(&lines::title(resource)),
            change_word(resource.change),
            class_words(resource.class),
            inert::html_code(&layer.name),
        );
        if let Some(via) = &resource.via {
            let _ = writeln!(text, "Composed for {}.\n", inert::code(&via.claim));
        }
        text.push_str(&diff_block(resource.change, &resource.fields));
        let _ = writeln!(text, "\n{}\n\n</details>\n", inert::code(&resource.source.file));
        Block { text, rank: Rank::Detail }
    });
    Section {
        open: format!(
            "<details><summary><b>{}: {}</b></summary>\n\n",
            inert::html_code(&environment.name),
            counts(&environment.summary)
        ),
        blocks: blocks.collect(),
        close: "</details>\n\n".to_owned(),
    }
}

/// The fields in GitHub's colours; nothing where none is told.
fn diff_block(change: ResourceChange, fields: &[FieldDiff]) -> String {
    let told = fenced_lines(&lines::fields(change, fields));
    let told: Vec<String> = told.lines().map(str::to_owned).collect();
    if told.is_empty() { String::new() } else { inert::fenced("diff", &told) }
}

fn resources(report: &DiffReport) -> impl Iterator<Item = (&EnvironmentDiff, &ResourceDiff)> {
    report.environments.iter().flat_map(|environment| {
        environment
            .layers
            .iter()
            .flat_map(move |layer| layer.resources.iter().map(move |one| (environment, one)))
    })
}

fn change_word(change: ResourceChange) -> &'static str {
    match change {
        ResourceChange::Added => "added",
        ResourceChange::Removed => "removed",
        ResourceChange::Changed => "changed",
        ResourceChange::Renamed => "renamed",
        ResourceChange::Reordered => "reordered",
    }
}

fn class_words(class: Class) -> &'static str {
    match class {
        Class::MetadataOnly => " (metadata only)",
        Class::Routine => " (routine)",
        Class::Other => "",
        Class::Risky => " (risky)",
    }
}

/// Where the rest is. It stands outside of every fold.
fn note(omitted: usize, surroundings: &Surroundings) -> String {
    if omitted == 0 {
        return String::new();
    }
    let rest = match (surroundings.details.as_deref().and_then(inert::address), &surroundings.artifact) {
        (Some(address), Some(artifact)) => {
            format!("[the run]({address}) has it in the artifact {}", inert::code(artifact))
        }
        (Some(address), None) => format!("[the run]({address}) has all of it"),
        (None, Some(artifact)) => format!("the artifact {} has all of it", inert::code(artifact)),
        (None, None) => "`plimsoll diff` shows all of it".to_owned(),
    };
    format!("**{} left out for length**: {rest}.\n\n", plural(omitted, "part"))
}

fn foot(report: &DiffReport, surroundings: &Surroundings) -> String {
    let mut pairs: Vec<String> = report
        .environments
        .iter()
        .map(|environment| {
            let name = |commit: &Option<String>| match commit {
                Some(commit) => inert::code(&commit.chars().take(10).collect::<String>()),
                None => "the work tree".to_owned(),
            };
            format!("{} against {}", name(&environment.head.commit), name(&environment.base.commit))
        })
        .collect();
    pairs.dedup();
    pairs.truncate(3);
    let run = match surroundings.details.as_deref().and_then(inert::address) {
        Some(address) => format!(" · [run]({address})"),
        None => String::new(),
    };
    format!("<sub>{} · plimsoll {}{run}</sub>\n", pairs.join(", "), inert::code(&report.tool_version))
}
