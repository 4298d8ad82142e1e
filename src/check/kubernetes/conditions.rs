//! What Crossplane says of its own resources on the management cluster: whether it could reconcile them, and whether it has.
//!
//! Only claims, composites and managed resources are judged, known by the conditions `Synced` and `Ready` together. A reason
//! is quoted, a message never: messages quote what a provider was given.

use plimsoll_drift::{Change, FieldChange, Finding, Severity, State};
use serde_json::Value;

/// The finding, with what the object's conditions add to it.
pub(super) fn judged(mut finding: Finding, object: &Value) -> Finding {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let of_type = |name: &str| {
        conditions?.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(name))
    };
    let (Some(synced), Some(ready)) = (of_type("Synced"), of_type("Ready")) else { return finding };
    if finding.state == State::Unknown {
        return finding;
    }
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = synced.get("observedGeneration").and_then(Value::as_i64);
    let is_behind = generation.zip(observed).is_some_and(|(generation, observed)| observed < generation);
    let mut fields = Vec::new();
    let mut causes = Vec::new();
    let mut is_under_way = false;
    for (name, condition) in [("Synced", synced), ("Ready", ready)] {
        let status = text(condition, "status");
        if status == "True" {
            continue;
        }
        let reason = text(condition, "reason");
        causes.push(match text(condition, "lastTransitionTime") {
            "" => format!("{name} is {status}: {reason}"),
            since => format!("{name} is {status} since {since}: {reason}"),
        });
        let waits = name == "Ready"
            && matches!(reason, "Creating" | "Deleting" | "Waiting")
            && text(synced, "status") == "True";
        is_under_way |= waits;
        fields.push(FieldChange {
            path: format!("status.conditions[type={name}].status"),
            change: Change::Changed,
            desired: Some(Value::from("True")),
            live: Some(Value::from(status)),
            line: None,
            severity: Severity::Medium,
            needs_replace: false,
            by: None,
        });
    }
    if is_behind {
        causes.push("its last change is not reconciled yet".to_owned());
        is_under_way = true;
    }
    if causes.is_empty() {
        return finding;
    }
    let was_in_sync = finding.state == State::InSync;
    finding.severity = finding.severity.max(Some(Severity::Medium));
    finding.cause = Some(match finding.cause.take() {
        Some(cause) => format!("{cause}; {}", causes.join("; ")),
        None => causes.join("; "),
    });
    finding.fields.extend(fields);
    finding.fields.sort_by(|one, other| one.path.cmp(&other.path));
    if was_in_sync {
        finding.state = if is_under_way { State::Pending } else { State::Changed };
    }
    finding
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(synced: &str, ready: &str, reason: &str, observed: i64) -> State {
        let object = json!({"metadata": {"generation": 2}, "status": {"conditions": [
            {"type": "Synced", "status": synced, "reason": "ReconcileError", "observedGeneration": observed},
            {"type": "Ready", "status": ready, "reason": reason},
        ]}});
        judged(Finding::in_sync(), &object).state
    }

    #[test]
    fn what_crossplane_could_not_reconcile_is_changed_and_what_it_works_on_is_pending() {
        assert_eq!(state("True", "True", "Available", 2), State::InSync);
        assert_eq!(state("False", "True", "Available", 2), State::Changed);
        assert_eq!(state("True", "False", "Creating", 2), State::Pending);
        assert_eq!(state("True", "False", "Unavailable", 2), State::Changed);
        assert_eq!(state("True", "True", "Available", 1), State::Pending);
    }

    #[test]
    fn a_message_is_never_quoted() {
        let object = json!({"status": {"conditions": [
            {"type": "Synced", "status": "False", "reason": "ReconcileError", "message": "password hunter2 refused"},
            {"type": "Ready", "status": "True"},
        ]}});
        let finding = judged(Finding::in_sync(), &object);
        assert!(!format!("{finding:?}").contains("hunter2"));
    }
}
