//! What a render did, for people and for programs.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostics, json as diagnostics_json};
use crate::git::{Change, ChangeKind, HandEdit, Refusal};
use crate::render::RenderedEnvironment;
use crate::secrets::UsedPermission;

/// What became of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderOutcome {
    /// A commit was made.
    Committed {
        /// The commit.
        commit: String,
        /// What moved: `refs/heads/main`.
        reference: String,
    },
    /// The files were written, and nothing committed.
    Written,
    /// There was nothing to do.
    Unchanged,
    /// Nothing was to be done: what would change.
    Planned,
    /// The repository is not what the inputs say.
    Stale,
}

/// What a render did to one environment.
#[derive(Debug, Clone)]
pub struct RenderReport {
    /// The environment's name.
    pub environment: String,
    /// What became of it.
    pub outcome: RenderOutcome,
    /// Changes of files, the lock file's included.
    pub changes: Vec<Change>,
    /// Changes that only the work tree lacks.
    pub work_tree: Vec<Change>,
    /// Files that were edited by hand.
    pub hand_edits: Vec<HandEdit>,
    /// What else stands in the way.
    pub refusals: Vec<Refusal>,
    /// The layers.
    pub layers: Vec<LayerSummary>,
    /// Literals that were permitted although they look like secrets.
    pub permitted: Vec<UsedPermission>,
    /// What is worth knowing, and stopped nothing.
    pub remarks: Diagnostics,
    /// The digest of everything that was read.
    pub inputs: String,
}

/// What a render did to one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerSummary {
    /// Its name.
    pub name: String,
    /// Its resources.
    pub resources: usize,
    /// How many of its files change.
    pub changed: usize,
    /// How long it took.
    pub elapsed: Duration,
}

impl LayerSummary {
    /// The summaries of all layers.
    #[must_use]
    pub fn of(rendered: &RenderedEnvironment, changes: &[Change]) -> Vec<LayerSummary> {
        let summary = |layer: &crate::render::RenderedLayer| {
            let folder = format!("environments/{}/{}/", rendered.name, layer.name);
            LayerSummary {
                name: layer.name.clone(),
                resources: layer.resources.len(),
                changed: changes.iter().filter(|change| change.path.starts_with(&folder)).count(),
                elapsed: layer.elapsed,
            }
        };
        rendered.layers.iter().map(summary).collect()
    }
}

/// How many paths change in each way, the lock file aside.
#[must_use]
pub fn counts(changes: &[Change]) -> String {
    let count = |kind| changes.iter().filter(|change| change.kind == kind && !is_lock(&change.path)).count();
    format!(
        "{} changed, {} added, {} removed",
        count(ChangeKind::Changed),
        count(ChangeKind::Added),
        count(ChangeKind::Removed)
    )
}

fn is_lock(path: &str) -> bool {
    path.ends_with("/plimsoll.lock.yaml")
}

/// The letter that Git uses for a change.
#[must_use]
pub fn letter(kind: ChangeKind) -> char {
    match kind {
        ChangeKind::Added => 'A',
        ChangeKind::Changed => 'M',
        ChangeKind::Removed => 'D',
    }
}

impl RenderReport {
    /// The summary for people: a line a layer, what was permitted, and what became of the environment.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let width = self.layers.iter().map(|layer| layer.name.len()).max().unwrap_or(0);
        for layer in &self.layers {
            let noun = if layer.resources == 1 { "resource " } else { "resources" };
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "{}  {:width$}  {:>5} {noun}  {:>5} changed  {:>6.1} ms",
                self.environment,
                layer.name,
                layer.resources,
                layer.changed,
                layer.elapsed.as_secs_f64() * 1000.0,
            );
        }
        for used in &self.permitted {
            let _ = writeln!(
                text,
                "{}  permitted: `{}` {}: {}",
                self.environment, used.resource, used.field, used.reason
            );
        }
        let counts = counts(&self.changes);
        let verdict = match &self.outcome {
            RenderOutcome::Committed { commit, reference } => {
                let branch = reference.strip_prefix("refs/heads/").unwrap_or(reference);
                let short: String = commit.chars().take(10).collect();
                format!("committed {short} to {branch}: {counts}")
            }
            RenderOutcome::Written => format!("written, not committed: {counts}"),
            RenderOutcome::Unchanged => "nothing to do, Git has what the inputs say".to_owned(),
            RenderOutcome::Planned => format!("would be committed: {counts}"),
            RenderOutcome::Stale => "not what the inputs say; `plimsoll render` mends it".to_owned(),
        };
        let _ = writeln!(text, "{}: {verdict}", self.environment);
        text
    }

    /// The paths that differ, one a line, as data.
    #[must_use]
    pub fn list(&self) -> String {
        let mut lines: Vec<String> =
            self.changes.iter().map(|change| format!("{} {}", letter(change.kind), change.path)).collect();
        let only_here =
            self.work_tree.iter().filter(|change| !self.changes.iter().any(|one| one.path == change.path));
        let edited = |path: &str| self.hand_edits.iter().any(|edit| edit.path == path);
        lines.extend(
            only_here
                .filter(|change| !edited(&change.path))
                .map(|change| format!("{} {} (work tree)", letter(change.kind), change.path)),
        );
        lines.extend(self.hand_edits.iter().map(|edit| format!("! {} ({})", edit.path, edit.place)));
        lines.extend(self.refusals.iter().map(|refusal| format!("! {refusal}")));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn value(&self) -> Value {
        let (outcome, commit, reference) = match &self.outcome {
            RenderOutcome::Committed { commit, reference } => ("committed", Some(commit), Some(reference)),
            RenderOutcome::Written => ("written", None, None),
            RenderOutcome::Unchanged => ("unchanged", None, None),
            RenderOutcome::Planned => ("planned", None, None),
            RenderOutcome::Stale => ("stale", None, None),
        };
        json!({
            "name": self.environment,
            "outcome": outcome,
            "commit": commit,
            "reference": reference,
            "inputs": format!("sha256:{}", self.inputs),
            "changes": changes_value(&self.changes),
            "workTree": changes_value(&self.work_tree),
            "handEdits": self.hand_edits.iter()
                .map(|edit| json!({"path": edit.path, "place": edit.place.to_string()}))
                .collect::<Value>(),
            "refusals": self.refusals.iter()
                .map(|refusal| json!({"path": refusal.path(), "reason": refusal.to_string()}))
                .collect::<Value>(),
            "layers": self.layers.iter()
                .map(|layer| json!({
                    "name": layer.name,
                    "resources": layer.resources,
                    "changed": layer.changed,
                    "milliseconds": layer.elapsed.as_secs_f64() * 1000.0,
                }))
                .collect::<Value>(),
            "permitted": self.permitted.iter()
                .map(|used| json!({"resource": used.resource.to_string(), "field": used.field, "reason": used.reason}))
                .collect::<Value>(),
        })
    }
}

fn changes_value(changes: &[Change]) -> Value {
    let word = |kind| match kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    };
    changes.iter().map(|change| json!({"path": change.path, "change": word(change.kind)})).collect()
}

/// The whole report for programs.
#[must_use]
pub fn value(reports: &[RenderReport], diagnostics: &Diagnostics) -> Value {
    let mut all: Diagnostics = reports.iter().flat_map(|report| report.remarks.iter().cloned()).collect();
    all.extend(diagnostics.clone());
    json!({
        "apiVersion": "plimsoll.dev/v1alpha1",
        "kind": "RenderReport",
        "environments": reports.iter().map(RenderReport::value).collect::<Value>(),
        "diagnostics": diagnostics_json::value(&all),
    })
}

/// The most paths that a commit message lists.
const LISTED_PATHS: usize = 1000;

/// What a commit says of itself besides its changes.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The commit that the inputs were read on, and whether they differed from it.
    pub source: String,
    /// The digest of everything that was read.
    pub inputs: String,
    /// The program's version.
    pub version: String,
}

/// The message of a commit: what changed, the list, and trailers that say what it was made from.
#[must_use]
pub fn commit_message(environment: &str, changes: &[Change], provenance: &Provenance) -> String {
    let mut message = format!("render({environment}): {}\n\n", counts(changes));
    let listed: Vec<&Change> = changes.iter().filter(|change| !is_lock(&change.path)).collect();
    for change in listed.iter().take(LISTED_PATHS) {
        let _ = writeln!(message, "{} {}", letter(change.kind), change.path);
    }
    if listed.len() > LISTED_PATHS {
        let _ = writeln!(message, "and {} more", listed.len() - LISTED_PATHS);
    }
    if !listed.is_empty() {
        message.push('\n');
    }
    let _ = write!(
        message,
        "Plimsoll-Environment: {environment}\nPlimsoll-Source: {}\nPlimsoll-Inputs: sha256:{}\nPlimsoll-Version: {}\n",
        provenance.source, provenance.inputs, provenance.version
    );
    message
}
