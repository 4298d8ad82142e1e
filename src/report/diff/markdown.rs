//! A diff as a page of GitHub's Markdown: a table of environments, alerts for what is risky, images, and a fold a resource.
//!
//! Invariant: no name and no value breaks out of its place. Names stand in code spans whose fence is longer than any run of
//! backticks in them, values in fences chosen the same way, cells have no bar and no newline.

use std::fmt::Write;

use super::github::{fenced_lines, resource_diff};
use super::lines;
use super::model::{Class, DiffReport, EnvironmentDiff, ImageDiff, ResourceDiff, Severity, Verdict};
use super::text::{counts, revision};
use crate::report::printable::printable;

/// Members of a group that are listed; the rest is counted.
const LISTED_MEMBERS: usize = 50;

/// The whole report.
#[must_use]
pub fn print(report: &DiffReport) -> String {
    let mut text = String::new();
    let headline = match report.verdict {
        Verdict::Unchanged => "Nothing changes".to_owned(),
        Verdict::Changed => format!("What changes: {}", counts(&report.summary)),
        Verdict::Incomplete => "Incomplete: a side does not render".to_owned(),
    };
    let _ = writeln!(text, "# {headline}\n");
    push_table(&mut text, report);
    push_alerts(&mut text, report);
    push_images(&mut text, report);
    for group in &report.groups {
        let summary = format!("The same in {} resources{}", group.members.len(), class_word(group.class));
        let mut body = String::new();
        for member in group.members.iter().take(LISTED_MEMBERS) {
            let name = format!("{} {}: {}", member.environment, member.layer, member.id);
            let _ = writeln!(body, "- {}", code(&name));
        }
        if group.members.len() > LISTED_MEMBERS {
            let _ = writeln!(body, "- and {} more", group.members.len() - LISTED_MEMBERS);
        }
        let mut told = report.first_of(group).map(lines::risks).unwrap_or_default();
        told.extend(lines::fields(group.change, &group.fields));
        let _ = write!(body, "\n{}", fence(&fenced_lines(&told)));
        push_fold(&mut text, &summary, &body);
    }
    for environment in &report.environments {
        push_environment(&mut text, environment);
    }
    text
}

fn push_table(text: &mut String, report: &DiffReport) {
    text.push_str("| environment | base | head | added | changed | removed | renamed | risky | errors |\n");
    text.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|\n");
    for environment in &report.environments {
        let summary = &environment.summary;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&code(&environment.name)),
            cell(&code(&revision(&environment.base))),
            cell(&code(&revision(&environment.head))),
            summary.added,
            summary.changed + summary.reordered,
            summary.removed,
            summary.renamed,
            summary.risky,
            summary.errors,
        );
    }
    text.push('\n');
}

fn push_alerts(text: &mut String, report: &DiffReport) {
    let mut alerts: Vec<(Severity, String)> = Vec::new();
    for (environment, layer, resource) in report.resources() {
        for reason in &resource.reasons {
            let name = code(&format!("{environment} {layer}: {}", lines::title(resource)));
            alerts.push((reason.severity, format!("{name}: {}", escape(&reason.message))));
        }
    }
    for (severities, kind) in
        [(&[Severity::Critical][..], "CAUTION"), (&[Severity::High, Severity::Medium][..], "WARNING")]
    {
        let told: Vec<&String> = alerts
            .iter()
            .filter(|(severity, _)| severities.contains(severity))
            .map(|(_, line)| line)
            .collect();
        if told.is_empty() {
            continue;
        }
        let _ = writeln!(text, "> [!{kind}]");
        for line in told {
            let _ = writeln!(text, "> - {line}");
        }
        text.push('\n');
    }
}

fn push_images(text: &mut String, report: &DiffReport) {
    let images: Vec<(String, &ImageDiff)> = report
        .resources()
        .flat_map(|(environment, _, resource)| {
            let name = format!("{environment}: {}", resource.id);
            resource.images.iter().map(move |image| (name.clone(), image))
        })
        .collect();
    if images.is_empty() {
        return;
    }
    text.push_str("| image of | before | after |\n|---|---|---|\n");
    for (name, image) in images {
        let side = |image: &Option<String>| image.as_deref().map(code).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            cell(&code(&name)),
            cell(&side(&image.before)),
            cell(&side(&image.after))
        );
    }
    text.push('\n');
}

fn push_environment(text: &mut String, environment: &EnvironmentDiff) {
    let _ = writeln!(text, "## {}\n", escape(&environment.name));
    for error in &environment.errors {
        let _ = writeln!(text, "> [!CAUTION]\n> {}: {}\n", code(&error.code), escape(&error.message));
    }
    if environment.errors.is_empty() || environment.summary.has_changes() {
        let _ = writeln!(text, "{}\n", counts(&environment.summary));
    }
    for layer in &environment.layers {
        let own: Vec<&ResourceDiff> =
            layer.resources.iter().filter(|resource| resource.group.is_none()).collect();
        if own.is_empty() {
            continue;
        }
        let _ = writeln!(text, "### {}\n", escape(&layer.name));
        for resource in own {
            let glyph = lines::mark_of(resource.change).glyph();
            let via = resource.via.as_ref().map(|via| format!(" of {}", via.claim)).unwrap_or_default();
            let summary = format!("{glyph} {}{}{via}", lines::title(resource), class_word(resource.class));
            push_fold(text, &summary, &fence(&resource_diff(resource, &printable(&layer.name))));
        }
    }
}

fn class_word(class: Class) -> &'static str {
    match class {
        Class::Risky => " (risky)",
        Class::Routine => " (routine)",
        Class::MetadataOnly => " (metadata only)",
        Class::Other => "",
    }
}

fn push_fold(text: &mut String, summary: &str, body: &str) {
    let _ = writeln!(text, "<details><summary>{}</summary>\n\n{body}\n</details>\n", escape(summary));
}

/// Text that no Markdown and no HTML is made of.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '-' | '!' | '|' | '~'
            | '$' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out
}

/// A code span: nothing in it is Markdown.
fn code(text: &str) -> String {
    let text = printable(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A `diff` fence that its content cannot close.
fn fence(text: &str) -> String {
    let ticks = "`".repeat((longest_run(text) + 1).max(3));
    format!("{ticks}diff\n{text}{ticks}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// A bar would end the cell, even within a code span.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::{code, escape, fence};

    #[test]
    fn nothing_breaks_out() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(fence("```\nx\n"), "````diff\n```\nx\n````\n");
        assert_eq!(
            escape("@org </details> [x](http://y)"),
            "&#64;org &lt;/details&gt; &#91;x&#93;&#40;http&#58;//y&#41;"
        );
    }
}
