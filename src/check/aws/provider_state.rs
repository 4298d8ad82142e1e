//! A managed resource in Git beside what the provider says of it in the management cluster: the second opinion, for kinds that
//! AWS is not asked about here.
//!
//! `spec.forProvider` is compared with `status.atProvider`, parameter by parameter, as far as the provider tells them; what it does
//! not tell is not compared. `Synced` and `Ready` that are not true are differences too, since then the provider's word is
//! stale or its work unfinished. The provider knows nothing of what it did not make, so nothing is `extra` here.

use plimsoll_drift::{Change, FieldChange, Finding, Severity, State};
use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

/// What there is no sense in comparing: it steers the provider, or is only true at the beginning.
const PROVIDER_ONLY: &[&str] = &["region", "forceDestroy", "skipFinalSnapshot", "applyImmediately"];

/// How reference fields end; what they resolve to is another parameter's.
const REFERENCES: &[&str] = &["Ref", "Refs", "Selector", "SecretRef"];

/// Compares what Git declares with the provider's view of the object that lives.
#[must_use]
pub(super) fn compare(declared: &Value, live: &Value) -> Finding {
    let mut fields = Vec::new();
    let at_provider = live.pointer("/status/atProvider").filter(|state| state.is_object());
    let wanted = declared.pointer("/spec/forProvider").and_then(Value::as_object);
    if let (Some(wanted), Some(at_provider)) = (wanted, at_provider) {
        let root = FieldPath::of_keys(&["spec", "forProvider"]);
        for (key, value) in wanted {
            let steers = PROVIDER_ONLY.contains(&key.as_str());
            if steers || REFERENCES.iter().any(|ending| key.ends_with(ending)) {
                continue;
            }
            if let Some(found) = at_provider.get(key) {
                walk(&root.join(Step::Key(key.clone())), value, found, &mut fields);
            }
        }
    }
    let pending = conditions(declared, live, &mut fields);
    let deleted = live.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string);
    let mut finding = match (at_provider, fields.is_empty()) {
        (None, true) if pending.is_none() && !deleted => Finding::unknown("NoProviderState"),
        _ => Finding::of_fields(fields),
    };
    if let Some(cause) = pending.or_else(|| deleted.then(|| "Deleting".to_owned())) {
        finding.state = State::Pending;
        finding.severity = finding.severity.or(Some(Severity::Low));
        finding.cause = Some(cause);
    }
    finding
}

fn walk(path: &FieldPath, wanted: &Value, found: &Value, fields: &mut Vec<FieldChange>) {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            for (key, value) in wanted {
                match found.get(key) {
                    Some(found) => walk(&path.join(Step::Key(key.clone())), value, found, fields),
                    None if is_empty(value) => {}
                    None => fields.push(change(&path.join(Step::Key(key.clone())), Some(value), None)),
                }
            }
        }
        // Older versions of a kind hold an object in a list of one.
        (Value::Object(_), Value::Array(items)) if items.len() == 1 => walk(path, wanted, &items[0], fields),
        (Value::Array(items), Value::Object(_)) if items.len() == 1 => walk(path, &items[0], found, fields),
        _ if canonical(wanted) != canonical(found) => fields.push(change(path, Some(wanted), Some(found))),
        _ => {}
    }
}

fn change(path: &FieldPath, desired: Option<&Value>, live: Option<&Value>) -> FieldChange {
    FieldChange {
        path: path.to_string(),
        change: if live.is_some() { Change::Changed } else { Change::Removed },
        desired: desired.cloned(),
        live: live.cloned(),
        line: None,
        severity: if path.to_string().starts_with("spec.forProvider.tags") {
            Severity::Low
        } else {
            Severity::Medium
        },
        needs_replace: false,
        by: None,
    }
}

/// A value in one spelling: numbers, booleans and texts of them alike, JSON texts as data, parts that are unset left out.
fn canonical(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(data @ (Value::Object(_) | Value::Array(_))) => canonical(&data),
            _ => text.trim().to_owned(),
        },
        Value::Array(items) => format!("[{}]", canonical_items(items).join(",")),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !is_empty(value));
            let members: Vec<String> =
                members.map(|(key, value)| format!("{key}:{}", canonical(value))).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// Items in no order: the provider keeps sets as lists.
fn canonical_items(items: &[Value]) -> Vec<String> {
    let mut items: Vec<String> = items.iter().map(canonical).collect();
    items.sort();
    items
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What the conditions say: fields for those that are not true, and the cause where something is under way.
fn conditions(declared: &Value, live: &Value, fields: &mut Vec<FieldChange>) -> Option<String> {
    let is_paused = |value: &Value| {
        value.pointer("/metadata/annotations/crossplane.io~1paused").and_then(Value::as_str) == Some("true")
    };
    let conditions = live.pointer("/status/conditions").and_then(Value::as_array);
    let mut pending = None;
    for condition in conditions.map(Vec::as_slice).unwrap_or_default() {
        let text = |key: &str| condition.get(key).and_then(Value::as_str).unwrap_or_default();
        let kind = text("type");
        if !matches!(kind, "Synced" | "Ready") || text("status") == "True" {
            continue;
        }
        let reason = text("reason");
        match reason {
            "Creating" | "Deleting" => pending = Some(reason.to_owned()),
            // Git says so itself.
            "ReconcilePaused" if is_paused(declared) => {}
            _ => {
                let path = FieldPath::of_keys(&["status", "conditions"])
                    .join(Step::Item(vec![("type".to_owned(), kind.to_owned())]));
                let mut field = change(&path, None, None);
                field.change = Change::Changed;
                field.desired = Some(Value::from("True"));
                field.live = Some(Value::from(format!("{}: {reason}", text("status"))));
                fields.push(field);
            }
        }
    }
    let generation = live.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = conditions
        .into_iter()
        .flatten()
        .filter_map(|condition| condition.get("observedGeneration").and_then(Value::as_i64));
    let is_behind =
        generation.zip(observed.max()).is_some_and(|(generation, observed)| observed < generation);
    pending.or_else(|| is_behind.then(|| "NotYetObserved".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared() -> Value {
        json!({"spec": {"forProvider": {"region": "eu-central-1", "retentionInDays": 30, "kmsKeyIdRef": {"name": "logs"},
            "tags": {"team": "quay"}, "policy": "{\"a\": [1, 2]}"}}})
    }

    fn live(at_provider: Value) -> Value {
        json!({"metadata": {"generation": 2}, "status": {"atProvider": at_provider, "conditions": [
            {"type": "Synced", "status": "True", "observedGeneration": 2}, {"type": "Ready", "status": "True"}]}})
    }

    #[test]
    fn equal_parameters_in_another_spelling_are_in_sync() {
        let state = json!({"retentionInDays": 30.0, "tags": {"team": "quay", "crossplane-name": "x"}, "policy": "{\"a\":[2,1]}", "arn": "a"});
        assert_eq!(compare(&declared(), &live(state)), Finding::in_sync());
    }

    #[test]
    fn other_values_and_values_that_are_gone_are_told() {
        let finding = compare(&declared(), &live(json!({"retentionInDays": 7, "tags": {}})));
        let told: Vec<(&str, Change)> =
            finding.fields.iter().map(|field| (field.path.as_str(), field.change)).collect();
        assert_eq!(
            told,
            [
                ("spec.forProvider.retentionInDays", Change::Changed),
                ("spec.forProvider.tags.team", Change::Removed),
            ]
        );
        assert_eq!(finding.state, State::Changed);
    }

    #[test]
    fn a_resource_that_the_provider_cannot_sync_is_changed() {
        let mut state = live(json!({"retentionInDays": 30}));
        state["status"]["conditions"][0] =
            json!({"type": "Synced", "status": "False", "reason": "ReconcileError"});
        let finding = compare(&declared(), &state);
        assert_eq!(finding.fields[0].path, "status.conditions[type=Synced]");
        assert_eq!(finding.fields[0].live, Some(json!("False: ReconcileError")));
    }

    #[test]
    fn a_resource_that_is_being_made_or_not_yet_seen_is_pending() {
        let mut state = live(json!({"retentionInDays": 30}));
        state["metadata"]["generation"] = json!(3);
        assert_eq!(compare(&declared(), &state).cause.as_deref(), Some("NotYetObserved"));
        state["status"]["conditions"][1] = json!({"type": "Ready", "status": "False", "reason": "Creating"});
        let finding = compare(&declared(), &state);
        assert_eq!((finding.state, finding.cause.as_deref()), (State::Pending, Some("Creating")));
    }

    #[test]
    fn without_the_providers_word_nothing_is_known() {
        assert_eq!(compare(&declared(), &json!({})), Finding::unknown("NoProviderState"));
    }
}
