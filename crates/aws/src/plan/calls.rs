//! Calls and their answers: each asked once, pages followed and joined.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::service::{Pages, pages};

/// A call to make.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What the answer is given back with.
    pub id: u64,
    /// The service, as the tables call it.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The region to ask.
    pub region: String,
    /// The parameters.
    pub params: Value,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// The service's own code, or one word: `Timeout`.
    pub code: String,
    /// More words.
    pub message: String,
}

/// What is asked, without its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) region: String,
    /// The parameters as JSON, whose keys are sorted.
    pub(super) params: String,
}

/// An answer: all that came, and the failure that ended it.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) value: Arc<Value>,
    pub(super) failure: Option<CallFailure>,
}

#[derive(Debug, Clone)]
enum Entry {
    /// Some pages may have come; the number is that of the open call.
    Open {
        call: u64,
        pages: Value,
        seen: usize,
    },
    Done(Answer),
}

/// The most pages of one answer that are followed: no account has so many, and a service that repeats itself ends there.
const MOST_PAGES: usize = 10_000;

/// All questions and answers of a plan.
#[derive(Debug, Default)]
pub(super) struct Calls {
    entries: BTreeMap<Question, Entry>,
    open: BTreeMap<u64, Question>,
    /// Calls for further pages that wait to be handed out.
    further: Vec<Call>,
    last: u64,
}

impl Calls {
    /// The answer to a question, if there is one.
    pub(super) fn find(&self, question: &Question) -> Option<&Answer> {
        match self.entries.get(question)? {
            Entry::Done(answer) => Some(answer),
            Entry::Open { .. } => None,
        }
    }

    pub(super) fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The calls for new questions and for further pages.
    pub(super) fn ask(&mut self, wanted: Vec<Question>) -> Vec<Call> {
        let mut calls = std::mem::take(&mut self.further);
        for question in wanted {
            if self.entries.contains_key(&question) {
                continue;
            }
            self.last += 1;
            let params = serde_json::from_str(&question.params).unwrap_or_default();
            calls.push(call_of(self.last, &question, params));
            let entry = Entry::Open { call: self.last, pages: Value::Null, seen: 0 };
            self.open.insert(self.last, question.clone());
            self.entries.insert(question, entry);
        }
        calls
    }

    pub(super) fn answer(&mut self, call: u64, answer: Result<Value, CallFailure>) {
        let Some(question) = self.open.remove(&call) else { return };
        let Some(Entry::Open { pages: so_far, seen, .. }) = self.entries.remove(&question) else { return };
        let pages = pages(&question.service, &question.operation);
        let entry = match answer {
            Err(failure) => Entry::Done(Answer { value: Arc::new(so_far), failure: Some(failure) }),
            Ok(page) => {
                let tokens = pages.map(|pages| next_tokens(pages, &page)).unwrap_or_default();
                let joined = match pages {
                    Some(pages) if !so_far.is_null() => join(so_far, page, pages),
                    _ => page,
                };
                if tokens.is_empty() || seen + 1 >= MOST_PAGES {
                    let failure = (!tokens.is_empty()).then(|| CallFailure {
                        code: "TooManyPages".to_owned(),
                        message: format!("{} did not end", question.operation),
                    });
                    Entry::Done(Answer { value: Arc::new(joined), failure })
                } else {
                    self.last += 1;
                    let mut params: Value = serde_json::from_str(&question.params).unwrap_or_default();
                    if !params.is_object() {
                        params = Value::Object(Map::new());
                    }
                    if let Some(params) = params.as_object_mut() {
                        params.extend(tokens);
                    }
                    self.further.push(call_of(self.last, &question, params));
                    self.open.insert(self.last, question.clone());
                    Entry::Open { call: self.last, pages: joined, seen: seen + 1 }
                }
            }
        };
        self.entries.insert(question, entry);
    }

    /// Ends what is still open.
    pub(super) fn give_up(&mut self) {
        for (call, _) in std::mem::take(&mut self.open) {
            let late = CallFailure { code: "Timeout".to_owned(), message: "no answer in time".to_owned() };
            let question = self.entries.iter().find_map(|(question, entry)| match entry {
                Entry::Open { call: own, .. } if *own == call => Some(question.clone()),
                _ => None,
            });
            if let Some(question) = question {
                self.open.insert(call, question);
                self.answer(call, Err(late));
            }
        }
        self.further.clear();
    }
}

fn call_of(id: u64, question: &Question, params: Value) -> Call {
    Call {
        id,
        service: question.service.clone(),
        operation: question.operation.clone(),
        region: question.region.clone(),
        params,
    }
}

/// The parameters that ask for the next page; none at the end.
fn next_tokens(pages: &Pages, page: &Value) -> Map<String, Value> {
    if let Some(more) = &pages.more
        && page.get(more).is_some_and(|more| more == &Value::Bool(false))
    {
        return Map::new();
    }
    let tokens = pages.input.iter().zip(&pages.output).filter_map(|(input, output)| {
        let token = crate::value::first_at(page, output)?;
        let is_some = token.as_str().is_none_or(|text| !text.is_empty());
        is_some.then(|| (input.clone(), token.clone()))
    });
    tokens.collect()
}

fn join(mut so_far: Value, page: Value, pages: &Pages) -> Value {
    let Value::Object(mut page) = page else { return so_far };
    if let Some(whole) = so_far.as_object_mut() {
        for result in &pages.results {
            let Some(Value::Array(items)) = page.remove(result) else { continue };
            match whole.get_mut(result) {
                Some(Value::Array(known)) => known.extend(items),
                _ => {
                    whole.insert(result.clone(), Value::Array(items));
                }
            }
        }
    }
    so_far
}
