//! What a comparison finds: the state of a resource, and each field that differs with its two values and its writer.
//!
//! These are values of the engine; the published form of a report is made from them elsewhere. A value that is secret is
//! masked before it comes here: what a [`FieldChange`] holds may be shown.

use std::fmt;

use serde_json::Value;

/// How a resource stands, as DESIGN's drift report names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It lives as it is declared.
    InSync,
    /// A field differs.
    Changed,
    /// It is declared and does not live.
    Missing,
    /// It lives, and nothing declares it where everything should be declared.
    Extra,
    /// A change is under way on the other side.
    Pending,
    /// It could not be read or compared: never counted as clean.
    Unknown,
}

/// How bad a difference is. The order is from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Metadata.
    Low,
    /// Behaviour: image, environment, replicas, class, version.
    Medium,
    /// Opens a door a little: rights, network, exposure.
    High,
    /// Opens a door widely.
    Critical,
}

/// How a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Both sides have it, with different values.
    Changed,
    /// It is declared and does not live.
    Removed,
    /// It lives, is not declared, and nobody who may own it made it.
    Added,
    /// The same items in another order, where order counts.
    Reordered,
    /// The server dropped or refused what is declared.
    Rejected,
}

/// Who made a change, as far as the other side kept it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Writer {
    /// The field manager, or the caller's ARN.
    pub manager: String,
    /// `Apply` or `Update`, or the name of the event.
    pub operation: Option<String>,
    /// RFC 3339, in whole seconds. For Kubernetes the change was made then or before.
    pub at: Option<String>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// The field, spelled as in a drift report: `spec.containers[name=web].image`.
    pub path: String,
    /// How it differs.
    pub change: Change,
    /// The declared value, where there is one that may be shown.
    pub desired: Option<Value>,
    /// The live value, where there is one that may be shown.
    pub live: Option<Value>,
    /// The line of the declared value in its file, from 1.
    pub line: Option<u32>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether going back needs the resource to be made anew.
    pub needs_replace: bool,
    /// Who made the change.
    pub by: Option<Writer>,
}

/// What the comparison of one resource came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How it stands.
    pub state: State,
    /// How bad that is: the worst of the fields', or its own; `None` for what is in sync.
    pub severity: Option<Severity>,
    /// Why it is unknown, or what is under way.
    pub cause: Option<String>,
    /// The fields that differ, in the order of their paths.
    pub fields: Vec<FieldChange>,
    /// Whether what is under way leads to what is declared, so that it is no drift.
    pub settles: bool,
}

impl Finding {
    /// A resource that lives as it is declared.
    #[must_use]
    pub fn in_sync() -> Finding {
        Finding { state: State::InSync, severity: None, cause: None, fields: Vec::new(), settles: false }
    }

    /// A resource that could not be read or compared, with the cause in the other side's words.
    #[must_use]
    pub fn unknown(cause: impl Into<String>) -> Finding {
        let severity = Some(Severity::Medium);
        Finding {
            state: State::Unknown,
            severity,
            cause: Some(cause.into()),
            fields: Vec::new(),
            settles: false,
        }
    }

    /// What differing fields come to: in sync where there is none, else changed and as bad as the worst of them.
    #[must_use]
    pub fn of_fields(mut fields: Vec<FieldChange>) -> Finding {
        fields.sort_by(|one, other| one.path.cmp(&other.path));
        match fields.iter().map(|field| field.severity).max() {
            None => Finding::in_sync(),
            severity => Finding { state: State::Changed, severity, cause: None, fields, settles: false },
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            State::InSync => "inSync",
            State::Changed => "changed",
            State::Missing => "missing",
            State::Extra => "extra",
            State::Pending => "pending",
            State::Unknown => "unknown",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Change::Changed => "changed",
            Change::Removed => "removed",
            Change::Added => "added",
            Change::Reordered => "reordered",
            Change::Rejected => "rejected",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, FieldChange, Finding, Severity, State};

    #[test]
    fn a_resource_is_as_bad_as_its_worst_field() {
        let field = |path: &str, severity| FieldChange {
            path: path.to_owned(),
            change: Change::Changed,
            desired: None,
            live: None,
            line: None,
            severity,
            needs_replace: false,
            by: None,
        };
        let finding = Finding::of_fields(vec![field("b", Severity::High), field("a", Severity::Low)]);
        assert_eq!((finding.state, finding.severity), (State::Changed, Some(Severity::High)));
        assert_eq!(finding.fields[0].path, "a");
        assert_eq!(Finding::of_fields(Vec::new()), Finding::in_sync());
    }
}
