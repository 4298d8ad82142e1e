//! The words that every format shares: what a resource, a value, a writer and a summary are called.

use serde_json::Value;

use super::model::{Change, DriftReport, Field, Identity, Resource, Severity, State, Verdict, Via};

/// The longest value that is shown whole to people.
const LONGEST_VALUE: usize = 120;

/// What a resource is called: `Deployment.apps langfuse/web`, `ec2.SecurityGroup sg-0123`.
#[must_use]
pub fn name(id: &Identity) -> String {
    match id {
        Identity::Kubernetes(id) => {
            let group = if id.group.is_empty() { String::new() } else { format!(".{}", id.group) };
            let namespace =
                id.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
            format!("{}{group} {namespace}{}", id.kind, id.name)
        }
        Identity::Aws(id) => format!("{} {}", id.kind, id.name),
    }
}

/// Where a resource lives: `cluster workload`, `account 111122223333, eu-central-1`.
#[must_use]
pub fn place(id: &Identity) -> String {
    match id {
        Identity::Kubernetes(id) => format!("cluster {}", id.cluster),
        Identity::Aws(id) => match &id.region {
            Some(region) => format!("account {}, {region}", id.account),
            None => format!("account {}", id.account),
        },
    }
}

/// The word for a state.
#[must_use]
pub fn state(state: State) -> &'static str {
    match state {
        State::InSync => "in sync",
        State::Changed => "changed",
        State::Missing => "missing",
        State::Extra => "extra",
        State::Pending => "pending",
        State::Unknown => "unknown",
    }
}

/// The word for a severity.
#[must_use]
pub fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Critical) => "critical",
        Some(Severity::High) => "high",
        Some(Severity::Medium) => "medium",
        Some(Severity::Low) => "low",
        None => "none",
    }
}

/// The word for how a field differs.
#[must_use]
pub fn change(change: Change) -> &'static str {
    match change {
        Change::Changed => "changed",
        Change::Removed => "removed",
        Change::Added => "added",
        Change::Reordered => "reordered",
        Change::Rejected => "rejected by the server",
    }
}

/// A value in one line.
#[must_use]
pub fn value(value: Option<&Value>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    let text = value.to_string();
    if text.chars().count() <= LONGEST_VALUE {
        return text;
    }
    let kept: String = text.chars().take(LONGEST_VALUE).collect();
    format!("{kept}...")
}

/// Who made a change and when, where that is known: `by kubectl-edit (Update), 2026-11-23T10:00:00Z or before`.
#[must_use]
pub fn writer(field: &Field, id: &Identity) -> Option<String> {
    let by = field.by.as_ref()?;
    let operation = by.operation.as_ref().map(|operation| format!(" ({operation})")).unwrap_or_default();
    let or_before = if matches!(id, Identity::Kubernetes(_)) { " or before" } else { "" };
    let at = by.at.as_ref().map(|at| format!(", {at}{or_before}")).unwrap_or_default();
    Some(format!("by {}{operation}{at}", by.manager))
}

/// What a resource is declared by: `Database langfuse/langfuse-db > SecurityGroup langfuse/rds`.
#[must_use]
pub fn via(via: &Via) -> String {
    let parts: Vec<&str> = [&via.claim, &via.managed_resource, &via.compared]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    parts.join(" > ")
}

/// Where a finding is declared: `file:line`.
#[must_use]
pub fn source(resource: &Resource) -> Option<String> {
    resource.source.as_ref().map(|source| format!("{}:{}", source.file, source.line))
}

/// The revision in a few letters.
#[must_use]
pub fn revision(report: &DriftReport) -> String {
    match &report.revision {
        Some(commit) => commit.chars().take(10).collect(),
        None => "the work tree".to_owned(),
    }
}

/// The verdict in one line: `drift: 2 changed, 1 missing, 38 in sync`.
#[must_use]
pub fn verdict(report: &DriftReport) -> String {
    let word = match report.verdict {
        Verdict::Clean => "clean",
        Verdict::Drift => "drift",
        Verdict::Incomplete => "incomplete",
    };
    let summary = report.summary;
    let counts = [
        (summary.changed, "changed"),
        (summary.missing, "missing"),
        (summary.extra, "extra"),
        (summary.pending, "pending"),
        (summary.unknown, "unknown"),
        (summary.in_sync, "in sync"),
        (summary.ignored_fields, "ignored by rules"),
    ];
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let told = if told.is_empty() { "nothing to compare".to_owned() } else { told.join(", ") };
    let incomplete = if report.complete || report.verdict == Verdict::Incomplete {
        ""
    } else {
        "; not everything could be read"
    };
    format!("{word}: {told}{incomplete}")
}

/// The findings of a report by layer in the order of first appearance of the layers' worst, worst finding first.
#[must_use]
pub fn by_layer(report: &DriftReport) -> Vec<(&str, Vec<&Resource>)> {
    let mut layers: Vec<(&str, Vec<&Resource>)> = Vec::new();
    for resource in report.resources.iter().filter(|resource| resource.state != State::InSync) {
        match layers.iter_mut().find(|(layer, _)| *layer == resource.layer) {
            Some((_, resources)) => resources.push(resource),
            None => layers.push((&resource.layer, vec![resource])),
        }
    }
    for (_, resources) in &mut layers {
        resources.sort_by_key(|resource| std::cmp::Reverse(resource.severity));
    }
    layers
        .sort_by_key(|(_, resources)| std::cmp::Reverse(resources.first().and_then(|first| first.severity)));
    layers
}
