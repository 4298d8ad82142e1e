//! What a plan came to, as findings of a check: identities, sources, lines, severities; nothing that may be a secret.

use plimsoll_aws::Severity as AwsSeverity;
use plimsoll_aws::{AwsResult, Change as AwsChange, Difference, State as AwsState};
use plimsoll_drift::{Change, FieldChange, Finding, Severity, State};
use serde_json::Value;

use super::declared::Declared;
use super::keeping::HIDDEN;
use crate::check::composed::fits;
use crate::check::outcome::{Identity, ResourceOutcome};
use crate::secrets::{self, detectors};

/// The cause of what no table knows and the management cluster does not tell either.
pub const UNSUPPORTED_KIND: &str = "unsupported-kind";

/// What a report says of a kind that has nothing in AWS.
const NOTHING_IN_AWS: &str = "nothing in AWS";

/// The outcome of one result: of a declared resource, or of what only AWS has.
#[must_use]
pub fn outcome(
    account: &str,
    result: AwsResult,
    declared: Option<&Declared>,
    extra_layer: &str,
) -> ResourceOutcome {
    let id = Identity::Aws {
        account: account.to_owned(),
        region: result.region.clone(),
        kind: result.kind.clone(),
        name: result.name.clone(),
    };
    let mut via = declared.map(|declared| declared.via.clone());
    if result.state == AwsState::ClusterOnly
        && let Some(via) = &mut via
    {
        via.compared = Some(NOTHING_IN_AWS.to_owned());
    }
    ResourceOutcome {
        id,
        via,
        layer: declared.map_or(extra_layer, |declared| &declared.layer).to_owned(),
        source: declared.map(|declared| declared.source.clone()),
        finding: finding(result, declared),
    }
}

fn finding(result: AwsResult, declared: Option<&Declared>) -> Finding {
    let state = match result.state {
        AwsState::InSync | AwsState::ClusterOnly => State::InSync,
        AwsState::Changed => State::Changed,
        AwsState::Missing => State::Missing,
        AwsState::Extra => State::Extra,
        AwsState::Pending => State::Pending,
        AwsState::Unknown => State::Unknown,
        AwsState::Unsupported => return Finding::unknown(UNSUPPORTED_KIND),
    };
    let differences = result.differences.into_iter().filter(|difference| !is_open(difference, declared));
    let fields: Vec<FieldChange> = differences.map(|difference| field(difference, declared)).collect();
    if state == State::Changed && fields.is_empty() && result.cause.is_none() {
        return Finding::in_sync();
    }
    let worst = fields.iter().map(|field| field.severity).max();
    let severity = match state {
        State::InSync => None,
        _ => worst.max(result.severity.map(severity)).or(Some(Severity::Medium)),
    };
    let settles = state == State::Pending && result.settles;
    Finding { state, severity, cause: result.cause, fields, settles }
}

fn field(difference: Difference, declared: Option<&Declared>) -> FieldChange {
    FieldChange {
        line: declared.and_then(|declared| declared.line(&difference.path)),
        change: match difference.change {
            AwsChange::Changed => Change::Changed,
            AwsChange::Removed => Change::Removed,
            AwsChange::Added => Change::Added,
            AwsChange::Reordered => Change::Reordered,
        },
        desired: difference.desired.and_then(|value| shown(value, free_name(&difference.path))),
        live: difference.live.and_then(|value| shown(value, free_name(&difference.path))),
        severity: severity(difference.severity),
        needs_replace: difference.needs_replace,
        by: None,
        path: difference.path,
    }
}

fn severity(severity: AwsSeverity) -> Severity {
    match severity {
        AwsSeverity::Low => Severity::Low,
        AwsSeverity::Medium => Severity::Medium,
        AwsSeverity::High => Severity::High,
        AwsSeverity::Critical => Severity::Critical,
    }
}

/// What stands before a name that people gave, in the path of a difference.
const BEFORE_NAMES: [&str; 5] = [".tags.", ".tags[\"", ".labels.", ".labels[\"", ".parameter[name="];

/// The name that people gave to what a path leads to: a tag's key, a parameter's name.
fn free_name(path: &str) -> Option<&str> {
    let rest = BEFORE_NAMES.iter().find_map(|before| path.split_once(before))?.1;
    rest.split(['"', ']']).next()
}

/// A value, unless the detectors call a part of it a secret, by what it looks like or by the name that people gave to it.
fn shown(value: Value, name: Option<&str>) -> Option<Value> {
    fn strikes(value: &Value, name: Option<&str>) -> bool {
        match value {
            Value::String(text) => {
                text == HIDDEN
                    || detectors::strikes(text)
                    || name.is_some_and(|name| secrets::must_be_hidden(name, text))
            }
            Value::Array(items) => items.iter().any(|item| strikes(item, name)),
            Value::Object(members) => members.values().any(|member| strikes(member, name)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    (!strikes(&value, name)).then_some(value)
}

/// Whether a difference is only in what Git leaves to the live systems: a parameter that a claim's expansion could not fill, or
/// one whose open parts the live value fills.
fn is_open(difference: &Difference, declared: Option<&Declared>) -> bool {
    let Some(declared) = declared else { return false };
    let is_unknown = declared.unknown.iter().any(|path| {
        difference.path == *path
            || difference.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']))
    });
    if !is_unknown {
        return false;
    }
    match (&difference.desired, &difference.live) {
        (None, _) => true,
        (Some(desired), Some(live)) => fits(&text(desired), &text(live)),
        (Some(_), None) => false,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(data @ (Value::Object(_) | Value::Array(_))) => data.to_string(),
            _ => text.clone(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_detectors_call_a_secret_is_not_shown() {
        let secret = Value::from(format!("AKIA{}", "IOSFODNN7EXAMPLE"));
        assert_eq!(shown(serde_json::json!(["plain"]), None), Some(serde_json::json!(["plain"])));
        assert_eq!(shown(secret, None), None);
        let hunter = || Value::from("hunter2");
        assert_eq!(shown(hunter(), free_name("spec.forProvider.tags.db-password")), None);
        assert_eq!(shown(hunter(), free_name("spec.forProvider.parameter[name=rds.password].value")), None);
        assert_eq!(shown(hunter(), free_name("spec.forProvider.tags.team")), Some(hunter()));
        assert_eq!(shown(hunter(), free_name("spec.forProvider.authToken")), Some(hunter()));
    }
}
