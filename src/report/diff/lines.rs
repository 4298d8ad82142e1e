//! The change of a resource as lines with marks, which every format for people prints in its own way.
//!
//! Invariant: a line has no control character, whatever a manifest holds, so that nothing but our own colours reaches a
//! terminal.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::model::{FieldChange, FieldDiff, ResourceChange, ResourceDiff};
use crate::report::printable::printable;

/// Lines around a changed line of a text.
const CONTEXT: usize = 2;

/// Texts are compared line by line up to this many lines on both sides together.
const COMPARED_LINES: usize = 4000;

/// A value longer than this gets a line of its own.
const LONG: usize = 100;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Something comes.
    Added,
    /// Something goes.
    Removed,
    /// Something is otherwise.
    Changed,
    /// Something is risky.
    Risk,
    /// Neither.
    Context,
}

impl Mark {
    /// The character that says it without colour.
    #[must_use]
    pub fn glyph(self) -> char {
        match self {
            Mark::Added => '+',
            Mark::Removed => '-',
            Mark::Changed => '~',
            Mark::Risk => '!',
            Mark::Context => ' ',
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub mark: Mark,
    /// How far it is indented, in steps.
    pub depth: usize,
    /// The text.
    pub text: String,
}

/// The mark of a resource.
#[must_use]
pub fn mark_of(change: ResourceChange) -> Mark {
    match change {
        ResourceChange::Added => Mark::Added,
        ResourceChange::Removed => Mark::Removed,
        ResourceChange::Changed | ResourceChange::Renamed | ResourceChange::Reordered => Mark::Changed,
    }
}

/// A resource's name, with its former one where it was renamed.
#[must_use]
pub fn title(resource: &ResourceDiff) -> String {
    let mut title = resource.id.to_string();
    if let Some(previous) = &resource.previous {
        if previous.kind == resource.id.kind && previous.group == resource.id.group {
            let name =
                previous.namespace.iter().chain([&previous.name]).cloned().collect::<Vec<_>>().join("/");
            title = format!("{title} (was {name})");
        } else {
            title = format!("{title} (was {previous} of {})", previous.group);
        }
    }
    if let Some(layer) = &resource.previous_layer {
        title = format!("{title} (from layer {layer})");
    }
    printable(&title)
}

/// The risks of a resource.
#[must_use]
pub fn risks(resource: &ResourceDiff) -> Vec<Line> {
    let line = |reason: &super::model::Reason| {
        let at = reason.path.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
        let word = match reason.severity {
            super::model::Severity::Critical => "critical",
            super::model::Severity::High => "high",
            super::model::Severity::Medium => "medium",
        };
        Line { mark: Mark::Risk, depth: 0, text: printable(&format!("{word}: {}{at}", reason.message)) }
    };
    resource.reasons.iter().map(line).collect()
}

/// The fields of a change. Of a resource that goes nothing is told: it is gone.
#[must_use]
pub fn fields(change: ResourceChange, fields: &[FieldDiff]) -> Vec<Line> {
    if change == ResourceChange::Removed {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for field in fields {
        push_field(&mut lines, field);
    }
    lines
}

fn push_field(lines: &mut Vec<Line>, field: &FieldDiff) {
    let mark = match field.change {
        FieldChange::Added => Mark::Added,
        FieldChange::Removed => Mark::Removed,
        FieldChange::Changed | FieldChange::Reordered => Mark::Changed,
    };
    let path = printable(&field.path);
    let anew = if field.needs_replace { "  # made anew" } else { "" };
    let mut push = |text: String| lines.push(Line { mark, depth: 0, text });
    match (field.change, &field.before, &field.after) {
        (FieldChange::Reordered, ..) => push(format!("{path}: only the order changes{anew}")),
        (_, None, None) => push(format!("{path}: (hidden){anew}")),
        (FieldChange::Added, _, Some(value)) | (FieldChange::Removed, Some(value), _) => {
            push_part(lines, mark, &path, value, anew);
        }
        (_, Some(Value::String(old)), Some(Value::String(new)))
            if old.contains('\n') || new.contains('\n') =>
        {
            push(format!("{path}:{anew}"));
            push_text(lines, old, new);
        }
        (_, before, after) => {
            let side = |value: &Option<Value>| value.as_ref().map_or("(hidden)".to_owned(), inline);
            let (before, after) = (side(before), side(after));
            if before.len() + after.len() <= LONG {
                push(format!("{path}: {before} -> {after}{anew}"));
            } else {
                push(format!("{path}:{anew}"));
                lines.push(Line { mark: Mark::Removed, depth: 1, text: before });
                lines.push(Line { mark: Mark::Added, depth: 1, text: after });
            }
        }
    }
}

/// A part that comes or goes: a scalar beside its path, all else below it.
fn push_part(lines: &mut Vec<Line>, mark: Mark, path: &str, value: &Value, anew: &str) {
    let is_block = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::String(text) => text.contains('\n'),
        _ => false,
    };
    if !is_block {
        lines.push(Line { mark, depth: 0, text: format!("{path}: {}{anew}", inline(value)) });
        return;
    }
    lines.push(Line { mark, depth: 0, text: format!("{path}:{anew}") });
    let text = match value {
        Value::String(text) => text.clone(),
        value => plimsoll_yaml::emit_value(value).unwrap_or_else(|_| format!("{value:#}")),
    };
    lines.extend(text.lines().map(|line| Line { mark, depth: 1, text: printable(line) }));
}

/// The lines of a text that differ, with a few around them.
fn push_text(lines: &mut Vec<Line>, old: &str, new: &str) {
    let count = old.lines().count() + new.lines().count();
    if count > COMPARED_LINES {
        let sizes = format!("{} lines -> {} lines", old.lines().count(), new.lines().count());
        lines.push(Line { mark: Mark::Changed, depth: 1, text: sizes });
        return;
    }
    if old == new {
        let text = "what differs is hidden".to_owned();
        lines.push(Line { mark: Mark::Changed, depth: 1, text });
        return;
    }
    let diff = TextDiff::from_lines(old, new);
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push(Line { mark: Mark::Context, depth: 1, text: "...".to_owned() });
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let mark = match change.tag() {
                ChangeTag::Equal => Mark::Context,
                ChangeTag::Delete => Mark::Removed,
                ChangeTag::Insert => Mark::Added,
            };
            let text = printable(change.value().trim_end_matches(['\n', '\r']));
            lines.push(Line { mark, depth: 1, text });
        }
    }
}

/// A value in one line: plain text bare, everything else as JSON.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => printable(text),
        value => printable(&value.to_string()),
    }
}

/// Whether a text can be told from a number, a switch or two values without quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with(['"', '{', '[', '('])
        && !text.contains(" -> ")
        && !text.contains(char::is_control)
        && !matches!(text, "true" | "false" | "null")
        && text.parse::<f64>().is_err()
}
