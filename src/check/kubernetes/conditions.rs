//! What Crossplane says of its own resources on the management cluster: whether it could reconcile them, and whether it has.
//!
//! Only claims, composites and managed resources are judged: what has both conditions, or one of them and a mark of Crossplane's.
//! A reason is quoted, a message never: messages quote what a provider was given. What Git itself pauses is not told.

use plimsoll_drift::{Change, FieldChange, Finding, Severity, State};
use plimsoll_resource::split_api_version;
use serde_json::Value;

use crate::check::aws::declared::is_managed_group;
use crate::check::template::RESOURCE_NAME;

/// The annotation by which Crossplane is told to leave an object alone.
const PAUSED: &str = "/metadata/annotations/crossplane.io~1paused";

/// The finding, with what the object's conditions add to it.
pub(super) fn judged(mut finding: Finding, nature: Nature, declared: &Value, object: &Value) -> Finding {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let of_type = |name: &str| {
        conditions?.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(name))
    };
    let (synced, ready) = (of_type("Synced"), of_type("Ready"));
    let is_judged = (synced.is_some() && ready.is_some()) || nature != Nature::Other;
    if finding.state == State::Unknown || !is_judged {
        return finding;
    }
    let is_paused = declared.pointer(PAUSED).and_then(Value::as_str) == Some("true");
    let of_synced = |key: &str| synced.map(|synced| text(synced, key)).unwrap_or_default();
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = synced.and_then(|synced| synced.get("observedGeneration")?.as_i64());
    let is_behind = generation.zip(observed).is_some_and(|(generation, observed)| observed < generation);
    let mut fields = Vec::new();
    let mut causes = Vec::new();
    let mut is_under_way = false;
    for (name, condition) in [("Synced", synced), ("Ready", ready)] {
        let Some(condition) = condition else { continue };
        let status = text(condition, "status");
        let reason = text(condition, "reason");
        if status == "True" || (is_paused && reason == "ReconcilePaused") {
            continue;
        }
        causes.push(match text(condition, "lastTransitionTime") {
            "" => format!("{name} is {status}: {reason}"),
            since => format!("{name} is {status} since {since}: {reason}"),
        });
        let waits = name == "Ready"
            && matches!(reason, "Creating" | "Deleting" | "Waiting")
            && of_synced("status") == "True";
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
    if is_behind && !is_paused {
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

/// What a resource is to Crossplane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nature {
    /// A claim or a composite.
    Composite,
    /// Composed, or a managed resource of AWS.
    Managed,
    /// None of Crossplane's, as far as can be seen.
    Other,
}

impl Nature {
    /// What an object's own marks say.
    pub(super) fn of(object: &Value) -> Nature {
        let (group, _) = split_api_version(text(object, "apiVersion"));
        let has = |marks: &[&str]| marks.iter().any(|mark| object.pointer(mark).is_some());
        if is_managed_group(group) || has(&[RESOURCE_NAME]) {
            Nature::Managed
        } else if has(&["/spec/crossplane", "/spec/resourceRefs", "/spec/resourceRef"]) {
            Nature::Composite
        } else {
            Nature::Other
        }
    }
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
        judged(Finding::in_sync(), Nature::of(&object), &json!({}), &object).state
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
    fn one_condition_is_judged_where_the_object_is_crossplanes() {
        let of = |api_version: &str| {
            let object = json!({"apiVersion": api_version, "status": {"conditions": [
                {"type": "Synced", "status": "False", "reason": "ReconcileError"}]}});
            judged(Finding::in_sync(), Nature::of(&object), &json!({}), &object).state
        };
        assert_eq!(of("ec2.aws.m.upbound.io/v1beta1"), State::Changed);
        assert_eq!(of("example.org/v1"), State::InSync, "somebody else's condition");
    }

    #[test]
    fn what_git_pauses_is_not_told() {
        let object = json!({"apiVersion": "ec2.aws.m.upbound.io/v1beta1", "metadata": {"generation": 2}, "status": {"conditions": [
            {"type": "Synced", "status": "False", "reason": "ReconcilePaused", "observedGeneration": 1}]}});
        let paused = json!({"metadata": {"annotations": {"crossplane.io/paused": "true"}}});
        assert_eq!(judged(Finding::in_sync(), Nature::of(&object), &paused, &object).state, State::InSync);
        assert_eq!(
            judged(Finding::in_sync(), Nature::of(&object), &json!({}), &object).state,
            State::Pending
        );
    }

    #[test]
    fn a_message_is_never_quoted() {
        let object = json!({"status": {"conditions": [
            {"type": "Synced", "status": "False", "reason": "ReconcileError", "message": "password hunter2 refused"},
            {"type": "Ready", "status": "True"},
        ]}});
        let finding = judged(Finding::in_sync(), Nature::of(&object), &json!({}), &object);
        assert!(!format!("{finding:?}").contains("hunter2"));
    }
}
