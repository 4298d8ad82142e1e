//! A drift report as Markdown, for issues, comments and job summaries.
//!
//! What comes from live systems and from Git is escaped: no value can make a heading, a link, a mention or a table of its own.

use std::fmt::Write;

use super::model::{DriftReport, Resource, RuleStatus};
use super::story::Story;
use super::{remedy, wording};

/// The report as Markdown.
#[must_use]
pub fn print(report: &DriftReport) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "## Drift of {}\n\n{} at {}\n",
        code(&report.environment),
        escaped(&wording::verdict(report)),
        code(&wording::revision(report))
    );
    let story = Story::of(report);
    for (layer, resources) in wording::by_layer(report) {
        let _ = writeln!(text, "### {}\n", code(layer));
        for resource in resources {
            print_resource(&mut text, resource, &story);
        }
    }
    if !report.unreadable.is_empty() {
        let _ = writeln!(text, "### Could not be read\n");
        for unreadable in &report.unreadable {
            let _ = writeln!(text, "- {}: {}", code(&unreadable.target), escaped(&unreadable.cause));
        }
        text.push('\n');
    }
    if !report.ignored.is_empty() {
        let _ = writeln!(text, "### Ignore rules\n");
        for rule in &report.ignored {
            let became = match rule.status {
                RuleStatus::Used => format!("hid {}", rule.fields),
                RuleStatus::Unused => "matched nothing".to_owned(),
                RuleStatus::Expired => "has expired and hides nothing".to_owned(),
            };
            let _ = writeln!(text, "- {}: {became} ({})", code(&rule.rule), escaped(&rule.reason));
        }
    }
    text
}

fn print_resource(text: &mut String, resource: &Resource, story: &Story<'_>) {
    let _ = writeln!(
        text,
        "**{}** {} {} ({})\n",
        wording::severity(resource.severity),
        code(&wording::name(&resource.id)),
        wording::state(resource.state),
        escaped(&wording::place(&resource.id)),
    );
    if let Some(via) = &resource.via {
        let _ = writeln!(text, "declared by {}\n", code(&wording::via(via)));
    }
    if let Some(source) = wording::source(resource) {
        let _ = writeln!(text, "{}\n", code(&source));
    }
    if let Some(cause) = &resource.cause {
        let _ = writeln!(text, "because: {}\n", escaped(cause));
    }
    if let Some(other) = story.other_end(resource) {
        let _ = writeln!(text, "{}\n", escaped(&other));
    }
    if !resource.fields.is_empty() {
        text.push_str("| field | | Git | live | by | severity |\n|---|---|---|---|---|---|\n");
        for field in &resource.fields {
            let shown = |value: Option<&serde_json::Value>| match value {
                Some(value) => code(&wording::value(Some(value))),
                None => String::new(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                code(&field.path),
                wording::change(field.change),
                shown(field.desired.as_ref()),
                shown(field.live.as_ref()),
                wording::writer(field, &resource.id).map(|writer| escaped(&writer)).unwrap_or_default(),
                wording::severity(Some(field.severity)),
            );
        }
        text.push('\n');
    }
    for remedy in remedy::remedies(resource) {
        let _ = writeln!(text, "- {}", escaped(&remedy));
    }
    text.push('\n');
}

/// Text as code: in enough backticks, on one line, and with no bar that a table would take for its own.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let padding = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// Text in which nothing is markup. A mention gets an invisible character that breaks it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '@' => escaped.push_str("@\u{200b}"),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code("a|b\nc"), "`a\\|b c`");
        assert_eq!(escaped("@all <b> [x](y)"), "@\u{200b}all &lt;b> \\[x\\](y)");
    }
}
