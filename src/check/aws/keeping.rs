//! What of an account's answers may be kept in a snapshot: no text that looks like a secret, unless Git has the same text.
//!
//! The members of AWS's answers are known by their names, and the operations that are asked return no secret value, so texts are
//! judged by what they look like; only what people name freely (tags, labels, parameters) is judged by its name too. User data
//! of machines is never kept. What stands for a text that is not kept is [`HIDDEN`].

use std::collections::BTreeSet;

use plimsoll_aws::{AwsResult, Difference, State};
use serde_json::Value;

use super::declared::Declared;
use crate::live::kube::Cause;
use crate::secrets;
use crate::secrets::detectors;

/// What stands for a text that is not kept.
pub(super) const HIDDEN: &str = "(hidden)";

/// The members whose texts are kept only where Git has the same.
const NEVER: [&str; 3] = ["UserData", "MasterUserPassword", "AuthToken"];

/// The members by which AWS names free pairs, beside the members that hold their values.
const PAIRS: [(&str, &str); 4] =
    [("Key", "Value"), ("TagKey", "TagValue"), ("key", "value"), ("ParameterName", "ParameterValue")];

/// The members whose own members are named freely.
const FREE: [&str; 4] = ["tags", "Tags", "labels", "annotations"];

/// Decides what is kept.
pub(super) struct Keeper {
    known: BTreeSet<String>,
}

impl Keeper {
    /// What is kept for a check of these resources.
    #[must_use]
    pub(super) fn of(resources: &[Declared]) -> Keeper {
        let mut known = BTreeSet::new();
        resources.iter().for_each(|resource| collect_texts(&resource.value, &mut known));
        Keeper { known }
    }

    /// An answer as it is kept. The tokens that ask for its next page stay: they are needed to find that page again.
    #[must_use]
    pub(super) fn answer(&self, service: &str, operation: &str, value: &Value) -> Value {
        let mut kept = value.clone();
        self.hide(&mut kept, None);
        let tokens = plimsoll_aws::service::pages(service, operation).map(|pages| pages.output.as_slice());
        for token in tokens.unwrap_or_default() {
            if let (Some(kept), Some(token)) = (kept.get_mut(token), value.get(token)) {
                *kept = token.clone();
            }
        }
        kept
    }

    /// A managed resource of a cluster as it is kept: what finds its resource in AWS, and what the provider says of it.
    #[must_use]
    pub(super) fn object(&self, object: &Value) -> Value {
        let mut kept = serde_json::json!({});
        for pointer in
            ["/apiVersion", "/kind", "/spec/forProvider", "/status/atProvider", "/status/conditions"]
        {
            keep(&mut kept, object, pointer);
        }
        for key in ["name", "namespace", "labels", "annotations", "generation", "deletionTimestamp"] {
            keep(&mut kept, object, &format!("/metadata/{key}"));
        }
        if let Some(annotations) = kept.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            annotations.retain(|key, _| key.starts_with("crossplane.io/"));
        }
        if let Some(conditions) = kept.pointer_mut("/status/conditions").and_then(Value::as_array_mut) {
            // Messages quote what a provider was given.
            for condition in conditions.iter_mut().filter_map(Value::as_object_mut) {
                condition.remove("message");
            }
        }
        self.hide(&mut kept, None);
        kept
    }

    /// Marks texts that must not be kept. `free` is the name that people gave, where they did.
    fn hide(&self, value: &mut Value, free: Option<&str>) {
        match value {
            Value::String(text) => {
                let must = match free {
                    Some(name) => secrets::must_be_hidden(name, text),
                    None => detectors::strikes(text),
                };
                if must && !self.known.contains(text) {
                    *text = HIDDEN.to_owned();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item, free)),
            Value::Object(members) => {
                let pair = PAIRS.iter().find_map(|(key, value)| {
                    let name = members.get(*key).and_then(Value::as_str)?;
                    members.contains_key(*value).then(|| (*value, name.to_owned()))
                });
                for (key, member) in members {
                    if NEVER.contains(&key.as_str()) {
                        if member.as_str().is_some_and(|text| !self.known.contains(text)) {
                            *member = Value::from(HIDDEN);
                        }
                    } else if let Some((_, name)) = pair.as_ref().filter(|(value, _)| value == key) {
                        self.hide(member, Some(name));
                    } else if FREE.contains(&key.as_str()) && member.is_object() {
                        for (name, text) in member.as_object_mut().into_iter().flatten() {
                            self.hide(text, Some(name));
                        }
                    } else {
                        self.hide(member, None);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn keep(kept: &mut Value, object: &Value, pointer: &str) {
    let Some(value) = object.pointer(pointer) else { return };
    let mut place = kept;
    for step in pointer.split('/').skip(1) {
        place = &mut place[step];
    }
    *place = value.clone();
}

/// A value that a snapshot hides is known to differ from the revision that it was taken for, and from no other.
pub(super) fn leave_hidden_open(result: &mut AwsResult) {
    let is_open = |difference: &Difference| match (&difference.desired, &difference.live) {
        (None, None) => true,
        (_, live) => live.as_ref().is_some_and(is_hidden),
    };
    if result.state != State::Extra && result.differences.iter().any(is_open) {
        leave_open(result);
    }
}

/// What a snapshot cannot tell.
pub(super) fn leave_open(result: &mut AwsResult) {
    result.state = State::Unknown;
    result.cause = Some(Cause::NotInSnapshot.word().to_owned());
    result.differences.clear();
}

/// Whether a part of a value is not kept.
pub(super) fn is_hidden(value: &Value) -> bool {
    match value {
        Value::String(text) => text == HIDDEN,
        Value::Array(items) => items.iter().any(is_hidden),
        Value::Object(members) => members.values().any(is_hidden),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn collect_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect_texts(member, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> String {
        format!("AKIA{}", "IOSFODNN7EXAMPLE")
    }

    #[test]
    fn what_looks_like_a_secret_is_kept_only_where_git_has_it() {
        let declared =
            Declared::composed_for_test(json!({"spec": {"forProvider": {"userData": "Z2l0"}}}), None);
        let keeper = Keeper::of(&[declared]);
        let answer = json!({
            "Tags": [{"Key": "db-password", "Value": "hunter2"}, {"Key": "team", "Value": "data"}],
            "tags": {"apiToken": "abc", "team": "data"},
            "UserData": "bGl2ZQ==",
            "Other": {"UserData": "Z2l0", "Note": key()},
            "HttpTokens": "required",
        });
        let expected = json!({
            "Tags": [{"Key": "db-password", "Value": HIDDEN}, {"Key": "team", "Value": "data"}],
            "tags": {"apiToken": HIDDEN, "team": "data"},
            "UserData": HIDDEN,
            "Other": {"UserData": "Z2l0", "Note": HIDDEN},
            "HttpTokens": "required",
        });
        assert_eq!(keeper.answer("ec2", "DescribeVpcs", &answer), expected);
    }

    fn changed(desired: Option<&str>, live: Option<&str>) -> AwsResult {
        AwsResult {
            resource: Some(0),
            kind: "ec2.VPC".to_owned(),
            name: "vpc-1".to_owned(),
            arn: None,
            region: None,
            state: State::Changed,
            severity: None,
            cause: None,
            settles: false,
            differences: vec![Difference {
                path: "spec.forProvider.tags.note".to_owned(),
                change: plimsoll_aws::Change::Changed,
                desired: desired.map(Value::from),
                live: live.map(Value::from),
                severity: plimsoll_aws::Severity::Low,
                needs_replace: false,
            }],
            uncompared: Vec::new(),
        }
    }

    #[test]
    fn what_differs_by_a_hidden_text_alone_is_unknown_to_another_revision() {
        for (desired, live, state) in [
            (Some("a"), Some(HIDDEN), State::Unknown),
            (None, None, State::Unknown),
            (Some("a"), Some("b"), State::Changed),
            (Some("a"), None, State::Changed),
        ] {
            let mut result = changed(desired, live);
            leave_hidden_open(&mut result);
            assert_eq!(result.state, state, "{desired:?} {live:?}");
        }
    }

    #[test]
    fn the_token_of_a_page_is_kept() {
        let keeper = Keeper::of(&[]);
        let answer = json!({"Vpcs": [], "NextToken": key()});
        assert_eq!(keeper.answer("ec2", "DescribeVpcs", &answer), answer);
    }

    #[test]
    fn an_object_is_kept_without_what_a_check_does_not_need() {
        let keeper = Keeper::of(&[]);
        let object = json!({
            "kind": "VPC",
            "metadata": {"name": "main", "uid": "1", "managedFields": [], "annotations": {"note": "x", "crossplane.io/external-name": "vpc-1"}},
            "spec": {"forProvider": {"cidrBlock": "10.0.0.0/16"}, "writeConnectionSecretToRef": {"name": "x"}},
            "status": {"conditions": [{"type": "Synced", "status": "False", "message": "password hunter2"}]},
        });
        let expected = json!({
            "kind": "VPC",
            "metadata": {"name": "main", "annotations": {"crossplane.io/external-name": "vpc-1"}},
            "spec": {"forProvider": {"cidrBlock": "10.0.0.0/16"}},
            "status": {"conditions": [{"type": "Synced", "status": "False"}]},
        });
        assert_eq!(keeper.object(&object), expected);
    }
}
