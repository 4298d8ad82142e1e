//! CloudTrail's events about a resource, into who made a change.
//!
//! The trail is a kindness and no part of the truth: without the right to ask, or without an event, nobody is named. Events
//! are those of `LookupEvents`; only writes that succeeded count. Of several, a field's is the newest that speaks of the field
//! or of its value, else the newest of all.

use std::time::Duration;

use plimsoll_drift::{FieldChange, Writer};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::caller::Caller;
use super::endpoint::Endpoint;
use super::failure::CallFailure;

/// The time between two questions: the service takes two a second in an account and region.
const PACE: Duration = Duration::from_millis(500);

/// CloudTrail, asked about one resource after another.
pub struct Trail<'c> {
    caller: &'c Caller,
    next: Mutex<Instant>,
}

impl<'c> Trail<'c> {
    /// A trail that is asked by this caller.
    #[must_use]
    pub fn new(caller: &'c Caller) -> Trail<'c> {
        Trail { caller, next: Mutex::new(Instant::now()) }
    }

    /// The writes to what is called by one of these names, newest first: of the first name that the trail knows. A resource
    /// of a global service, which has no region, is known where that service is.
    pub async fn writes(
        &self,
        region: Option<&str>,
        names: &[String],
    ) -> Result<Vec<TrailEvent>, CallFailure> {
        let session = self.caller.session();
        let of_global =
            || Endpoint::of("iam", session.region(), super::Variant::Regular, None).signing_region;
        let region = region.map_or_else(of_global, str::to_owned);
        for name in names {
            let mut next = self.next.lock().await;
            sleep_until(*next).await;
            *next = Instant::now() + PACE;
            drop(next);
            let parameters = json!({
                "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
                "MaxResults": 50,
            });
            let answer = self.caller.call("cloudtrail", "LookupEvents", &region, &parameters).await?;
            let writes = writes_of(&answer);
            if !writes.is_empty() {
                return Ok(writes);
            }
        }
        Ok(Vec::new())
    }
}

/// A write that CloudTrail knows of.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailEvent {
    /// Who called, by ARN; by name where the event holds no ARN.
    pub caller: String,
    /// The operation.
    pub name: String,
    /// When, RFC 3339.
    pub at: Option<String>,
    /// What was asked for, in lower case and without spaces: only looked into, never shown.
    said: String,
}

/// The writes in an answer of `LookupEvents`, newest first, as the trail gives them.
#[must_use]
pub fn writes_of(answer: &Value) -> Vec<TrailEvent> {
    let events = answer.get("Events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    events.iter().filter_map(write_of).collect()
}

fn write_of(event: &Value) -> Option<TrailEvent> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let is_read = match event.get("ReadOnly") {
        Some(Value::String(word)) => word == "true",
        Some(Value::Bool(read)) => *read,
        _ => false,
    };
    let detail: Value = serde_json::from_str(event.get("CloudTrailEvent")?.as_str()?).ok()?;
    if is_read || detail.get("errorCode").is_some_and(|code| !code.is_null()) {
        return None;
    }
    let identity = detail.get("userIdentity").unwrap_or(&Value::Null);
    let caller =
        text(identity, "arn").or_else(|| text(identity, "invokedBy")).or_else(|| text(event, "Username"))?;
    let name = text(&detail, "eventName").or_else(|| text(event, "EventName"))?;
    let said = detail.get("requestParameters").map(plain).unwrap_or_default();
    Some(TrailEvent { caller, name, at: text(&detail, "eventTime"), said })
}

/// The writer of a field: `None` where no event is known.
#[must_use]
pub fn writer_of(field: &FieldChange, events: &[TrailEvent]) -> Option<Writer> {
    let speaks = |event: &&TrailEvent| {
        let value = field.live.as_ref().filter(|live| is_telling(live)).map(plain);
        value.is_some_and(|value| event.said.contains(&value))
            || last_key(&field.path).is_some_and(|key| event.said.contains(&key))
    };
    let event = events.iter().find(speaks).or_else(|| events.first())?;
    Some(Writer { manager: event.caller.clone(), operation: Some(event.name.clone()), at: event.at.clone() })
}

/// The newest writer of a resource, for what has no fields.
#[must_use]
pub fn last_writer(events: &[TrailEvent]) -> Option<Writer> {
    let event = events.first()?;
    Some(Writer { manager: event.caller.clone(), operation: Some(event.name.clone()), at: event.at.clone() })
}

/// Whether a value is rare enough to be recognised: not a switch, not a small number.
fn is_telling(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() > 3,
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() >= 100.0),
        _ => false,
    }
}

fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// The last word of a path, `enableDnsHostnames` of `spec.forProvider.enableDnsHostnames`.
fn last_key(path: &str) -> Option<String> {
    let mut words =
        path.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '/')));
    let word = words.rfind(|word| word.len() > 3 && !word.bytes().all(|byte| byte.is_ascii_digit()))?;
    (word != "forProvider").then(|| word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use plimsoll_drift::{Change, Severity};
    use serde_json::json;

    use super::*;

    fn field(path: &str, live: Value) -> FieldChange {
        FieldChange {
            path: path.to_owned(),
            change: Change::Changed,
            desired: None,
            live: Some(live),
            line: None,
            severity: Severity::Medium,
            needs_replace: false,
            by: None,
        }
    }

    fn event(name: &str, user: &str, parameters: &Value) -> Value {
        let detail = json!({
            "userIdentity": {"arn": format!("arn:aws:iam::111122223333:user/{user}")},
            "eventTime": "2026-11-23T10:00:00Z", "eventName": name, "requestParameters": parameters,
        });
        json!({"EventName": name, "ReadOnly": "false", "CloudTrailEvent": detail.to_string()})
    }

    #[test]
    fn the_event_that_speaks_of_a_field_names_its_writer() {
        let answer = json!({"Events": [
            event("CreateTags", "ann", &json!({"tags": [{"key": "team", "value": "growth"}]})),
            event("ModifyVpcAttribute", "mallory", &json!({"enableDnsHostnames": {"value": false}})),
        ]});
        let events = writes_of(&answer);
        let writer = writer_of(&field("spec.forProvider.enableDnsHostnames", json!(false)), &events);
        assert_eq!(
            writer,
            Some(Writer {
                manager: "arn:aws:iam::111122223333:user/mallory".to_owned(),
                operation: Some("ModifyVpcAttribute".to_owned()),
                at: Some("2026-11-23T10:00:00Z".to_owned()),
            })
        );
        let writer = writer_of(&field("spec.forProvider.tags.team", json!("growth")), &events);
        assert_eq!(writer.and_then(|writer| writer.operation), Some("CreateTags".to_owned()));
    }

    #[test]
    fn where_none_speaks_of_the_field_the_newest_is_named() {
        let answer =
            json!({"Events": [event("UpdateRole", "ann", &json!({})), event("TagRole", "bob", &json!({}))]});
        assert_eq!(
            writer_of(&field("spec.forProvider.path", json!("/")), &writes_of(&answer))
                .and_then(|writer| writer.operation),
            Some("UpdateRole".to_owned())
        );
    }

    #[test]
    fn reads_and_refused_calls_are_no_writes() {
        let mut read = event("DescribeVpcs", "ann", &json!({}));
        read["ReadOnly"] = json!("true");
        let refused = json!({"EventName": "DeleteVpc", "ReadOnly": "false", "CloudTrailEvent":
            json!({"eventName": "DeleteVpc", "errorCode": "AccessDenied", "userIdentity": {"arn": "a"}}).to_string()});
        assert_eq!(writes_of(&json!({"Events": [read, refused]})), Vec::new());
        assert_eq!(last_writer(&[]), None);
    }
}
