//! Where an account is read from: AWS, AWS with a record of what it said, or such a record.
//!
//! A check reads all three in the same way, so that a snapshot holds what a check needs and a check of a snapshot finds what a
//! check of the account would have found. What was not recorded is a failure, never an absence.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use plimsoll_aws::{Call, CallFailure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::composed::Followed;
use super::keeping::Keeper;
use crate::live::aws::Caller;
use crate::live::kube::{Cause, Failure};

/// Where an account is read from.
#[derive(Clone, Copy)]
pub(super) enum AccountSource<'a> {
    /// AWS.
    Live(&'a Caller),
    /// AWS, and what it says is kept.
    Recording(&'a Caller, &'a Recorder<'a>),
    /// What was kept.
    Recorded(&'a AccountRecord),
}

/// What an account said to one check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountRecord {
    /// The account that answered, or was to answer.
    pub account: String,
    /// Why it could not be asked at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Refusal>,
    /// Its answers, page by page.
    pub answers: BTreeMap<String, Reply>,
    /// What each cluster has of the managed resources.
    pub objects: BTreeMap<String, Vec<Value>>,
    /// What became of each claim that Git does not tell everything of.
    #[serde(default)]
    pub claims: BTreeMap<String, Followed>,
    /// The clusters of which it is not known what their definitions make claims, and why.
    #[serde(default)]
    pub definitions: BTreeMap<String, Failure>,
}

/// What could not be asked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refusal {
    /// What was asked.
    pub target: String,
    /// The service's own code, or one word.
    pub code: String,
}

/// An answer, or the code of the failure that came instead. A failure's words are not kept: they quote what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reply {
    /// What was read.
    Read(Value),
    /// Why it was not.
    Failed(String),
}

/// Keeps what an account says, without what must not be kept.
pub(super) struct Recorder<'a> {
    keeper: &'a Keeper,
    answers: Mutex<BTreeMap<String, Reply>>,
}

impl<'a> Recorder<'a> {
    /// A recorder that keeps what the keeper lets pass.
    #[must_use]
    pub(super) fn new(keeper: &'a Keeper) -> Recorder<'a> {
        Recorder { keeper, answers: Mutex::default() }
    }

    /// What was recorded.
    #[must_use]
    pub(super) fn answers(self) -> BTreeMap<String, Reply> {
        self.answers.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountSource<'_> {
    /// The answer to a call.
    pub(super) async fn call(&self, call: &Call) -> Result<Value, CallFailure> {
        let ask = async |caller: &Caller| {
            let asked = caller.call(&call.service, &call.operation, &call.region, &call.params).await;
            asked.map_err(|failure| CallFailure {
                code: failure.code().to_owned(),
                message: failure.message.clone(),
            })
        };
        match self {
            AccountSource::Live(caller) => ask(caller).await,
            AccountSource::Recording(caller, recorder) => {
                let answer = ask(caller).await;
                let reply = match &answer {
                    Ok(value) => Reply::Read(recorder.keeper.answer(&call.service, &call.operation, value)),
                    Err(failure) => Reply::Failed(failure.code.clone()),
                };
                let mut answers = recorder.answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.insert(name(call), reply);
                answer
            }
            AccountSource::Recorded(record) => match record.answers.get(&name(call)) {
                Some(Reply::Read(value)) => Ok(value.clone()),
                Some(Reply::Failed(code)) => Err(CallFailure { code: code.clone(), message: String::new() }),
                None => Err(CallFailure {
                    code: Cause::NotInSnapshot.word().to_owned(),
                    message: "the snapshot does not hold it".to_owned(),
                }),
            },
        }
    }
}

/// A call by what is asked; the parameters' keys are sorted.
fn name(call: &Call) -> String {
    format!("{}:{} {} {}", call.service, call.operation, call.region, call.params)
}
