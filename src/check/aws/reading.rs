//! A plan of calls, carried out: each call is sent, each answer handed back, until nothing more is wanted or the time is over.
//!
//! What to ask is the plan's, how to ask the caller's. A call that failed is kept as unreadable unless its code says that what
//! was asked for is not there, which is an answer.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use plimsoll_aws::{Call, CallFailure, Plan};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::source::AccountSource;
use crate::check::outcome::Unreadable;

/// How long answers are gathered at least before the plan is asked for further calls, since that looks at all of them.
const GATHERING: Duration = Duration::from_millis(20);

/// How much longer than the plan's last look answers are gathered, so that looking never takes most of the time.
const GATHERING_PER_LOOK: u32 = 3;

/// What became of the calls of a plan.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The calls that gave no answer.
    pub failures: Vec<FailedCall>,
    /// Whether any call was answered.
    pub was_answered: bool,
}

/// A call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCall {
    /// What was asked: `aws:s3:GetBucketPolicy:langfuse-dev`.
    pub target: String,
    /// The service's own code, or one word.
    pub code: String,
    /// More words for people.
    pub message: String,
}

/// Carries out a plan, until this moment at most.
pub(super) async fn read(source: AccountSource<'_>, plan: &mut Plan, deadline: Instant) -> Reading {
    let mut reading = Reading::default();
    let mut running = FuturesUnordered::new();
    let mut next_look = Instant::now();
    loop {
        // Checked by itself: what answers at once would never let the time run out.
        if Instant::now() >= deadline {
            reading.failures.push(FailedCall {
                target: "aws".to_owned(),
                code: "Timeout".to_owned(),
                message: "the time of the check was over".to_owned(),
            });
            return reading;
        }
        if running.is_empty() || Instant::now() >= next_look {
            let begin = Instant::now();
            for call in plan.next_calls() {
                running.push(send(source, call));
            }
            let end = Instant::now();
            next_look = end + GATHERING.max((end - begin) * GATHERING_PER_LOOK);
        }
        let until = if running.is_empty() { deadline } else { deadline.min(next_look) };
        match timeout_at(until, running.next()).await {
            Ok(Some((call, sent))) => reading.take(plan, &call, sent),
            Ok(None) => return reading,
            // Time to look for further calls, although answers are outstanding, or to end.
            Err(_) => {}
        }
    }
}

async fn send(source: AccountSource<'_>, call: Call) -> (Call, Result<Value, CallFailure>) {
    let sent = source.call(&call).await;
    (call, sent)
}

impl Reading {
    fn take(&mut self, plan: &mut Plan, call: &Call, sent: Result<Value, CallFailure>) {
        match &sent {
            Ok(_) => self.was_answered = true,
            Err(failure) => {
                self.was_answered |= says_absent(&failure.code);
                self.failures.push(FailedCall {
                    target: target(call),
                    code: failure.code.clone(),
                    message: failure.message.clone(),
                });
            }
        }
        plan.answer(call.id, sent);
    }

    /// What could not be read: every failure but those that say that what was asked for is not there, unless a resource is
    /// unknown for just that reason.
    #[must_use]
    pub fn unreadable(&self, causes: &BTreeSet<&str>) -> Vec<Unreadable> {
        self.failures
            .iter()
            .filter(|failure| !says_absent(&failure.code) || causes.contains(failure.code.as_str()))
            .map(|failure| Unreadable { target: failure.target.clone(), cause: failure.code.clone() })
            .collect()
    }
}

/// Whether an error code says that what was asked for is not there: `NoSuchBucketPolicy`, `InvalidVpcID.NotFound`,
/// `DBInstanceNotFound`, `ResourceNotFoundException`.
fn says_absent(code: &str) -> bool {
    code.starts_with("NoSuch") || code.contains("NotFound") || code.contains("DoesNotExist")
}

/// A call as a report names it: the service, the operation, and what was asked about or else the region.
fn target(call: &Call) -> String {
    let mut words = Vec::new();
    texts(&call.params, &mut words);
    let about = if words.is_empty() { call.region.clone() } else { words.join(",") };
    format!("aws:{}:{}:{about}", call.service, call.operation)
}

/// The texts of parameters but for tokens of pages, which say nothing to people.
fn texts(params: &Value, words: &mut Vec<String>) {
    match params {
        Value::String(text) => words.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, words)),
        Value::Object(members) => {
            for (name, value) in members {
                let lower = name.to_ascii_lowercase();
                if !lower.contains("token") && lower != "marker" {
                    texts(value, words);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(service: &str, operation: &str, params: Value) -> Call {
        Call {
            id: 1,
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: "eu-central-1".to_owned(),
            params,
        }
    }

    #[test]
    fn a_call_is_named_by_what_it_asks_about() {
        let policy = call("s3", "GetBucketPolicy", json!({"Bucket": "langfuse-dev"}));
        assert_eq!(target(&policy), "aws:s3:GetBucketPolicy:langfuse-dev");
        let subnets = call("ec2", "DescribeSubnets", json!({"NextToken": "abc", "MaxResults": 100}));
        assert_eq!(target(&subnets), "aws:ec2:DescribeSubnets:eu-central-1");
    }

    #[test]
    fn what_is_not_there_is_no_failure_unless_something_is_unknown_by_it() {
        let failure = |code: &str| FailedCall {
            target: "aws:x".to_owned(),
            code: code.to_owned(),
            message: String::new(),
        };
        let reading = Reading {
            failures: vec![
                failure("NoSuchBucketPolicy"),
                failure("AccessDenied"),
                failure("ResourceNotFoundException"),
            ],
            was_answered: true,
        };
        let told = |causes: &[&str]| -> Vec<String> {
            reading.unreadable(&causes.iter().copied().collect()).into_iter().map(|one| one.cause).collect()
        };
        assert_eq!(told(&[]), ["AccessDenied"]);
        assert_eq!(told(&["NoSuchBucketPolicy"]), ["NoSuchBucketPolicy", "AccessDenied"]);
    }
}
