//! What AWS answered, as items: reads by name, with their parameters, pages, lists of lists and absences.
//!
//! A read that has no answer yet is noted as wanted. A read that failed keeps the items that came before, with the failure.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Account;
use super::calls::{Answer, CallFailure, Calls, Question};
use super::find::has;
use crate::kind::{Derived, Read, ServiceKinds};
use crate::value::{all_at, text_at};

/// One thing that AWS has.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What tells it apart from all others.
    pub(super) key: String,
    pub(super) value: Value,
}

/// The items of a read, and why there may be more.
#[derive(Debug, Clone, Default)]
pub(super) struct Items {
    pub(super) items: Vec<Item>,
    pub(super) failure: Option<CallFailure>,
}

type Known = RefCell<BTreeMap<(String, String, String, String), Arc<Items>>>;

/// What was read.
pub(super) struct Inventory<'c> {
    calls: &'c Calls,
    account: &'c Account,
    known: Known,
    wanted: RefCell<BTreeSet<Question>>,
}

impl<'c> Inventory<'c> {
    pub(super) fn new(calls: &'c Calls, account: &'c Account) -> Inventory<'c> {
        Inventory { calls, account, known: RefCell::default(), wanted: RefCell::default() }
    }

    /// The questions that were met and have no answer.
    pub(super) fn wanted(&self) -> Vec<Question> {
        self.wanted.borrow().iter().cloned().collect()
    }

    /// The items of a read; `None` while they are not known.
    pub(super) fn read(
        &self,
        kinds: &'static ServiceKinds,
        name: &str,
        region: &str,
        arguments: &Map<String, Value>,
    ) -> Option<Arc<Items>> {
        let region = if kinds.global { &self.account.region } else { region };
        let arguments_text = Value::Object(arguments.clone()).to_string();
        let key = (kinds.service.clone(), name.to_owned(), region.to_owned(), arguments_text);
        if let Some(items) = self.known.borrow().get(&key) {
            return Some(Arc::clone(items));
        }
        let read = kinds.reads.get(name)?;
        let items = Arc::new(match &read.each {
            None => self.ask(kinds, read, region, arguments)?,
            Some(each) => {
                let outer = self.read(kinds, &each.read, region, arguments)?;
                let mut all = Items { items: Vec::new(), failure: outer.failure.clone() };
                let mut is_whole = true;
                for item in &outer.items {
                    let mut arguments = arguments.clone();
                    for (parameter, path) in &each.with {
                        let value = text_at(&item.value, path).unwrap_or_default();
                        arguments.insert(parameter.clone(), Value::String(value));
                    }
                    match self.ask(kinds, read, region, &arguments) {
                        Some(found) => {
                            all.items.extend(found.items);
                            all.failure = all.failure.or(found.failure);
                        }
                        None => is_whole = false,
                    }
                }
                if !is_whole {
                    return None;
                }
                all
            }
        });
        self.known.borrow_mut().insert(key, Arc::clone(&items));
        Some(items)
    }

    fn ask(
        &self,
        kinds: &ServiceKinds,
        read: &Read,
        region: &str,
        arguments: &Map<String, Value>,
    ) -> Option<Items> {
        let mut params: Map<String, Value> = read.params.clone().into_iter().collect();
        params.extend(arguments.clone());
        let question = Question {
            service: read.service.clone().unwrap_or_else(|| kinds.service.clone()),
            operation: read.operation.clone(),
            region: region.to_owned(),
            params: Value::Object(params.clone()).to_string(),
        };
        let Some(answer) = self.calls.find(&question) else {
            self.wanted.borrow_mut().insert(question);
            return None;
        };
        Some(items_of(read, answer, &params))
    }
}

fn items_of(read: &Read, answer: &Answer, params: &Map<String, Value>) -> Items {
    if let Some(failure) = &answer.failure
        && read.absent.contains(&failure.code)
    {
        return Items::default();
    }
    let mut items = Items { items: Vec::new(), failure: answer.failure.clone() };
    if answer.value.is_null() {
        return items;
    }
    let asked = Value::Object(params.clone());
    if let Some(member) = &read.document {
        let text = answer.value.get(member).and_then(Value::as_str).unwrap_or_default();
        if serde_json::from_str::<Map<String, Value>>(text).is_err() {
            let message = format!("{} without a document", read.operation);
            items.failure = Some(CallFailure { code: "MalformedAnswer".to_owned(), message });
            return items;
        }
    }
    let mut take = |mut value: Value| {
        if let Some(drop) = &read.drop
            && drop.when.iter().all(|(path, wanted)| has(&value, path, wanted))
            && let Some(members) = value.as_object_mut()
        {
            members.retain(|name, _| !drop.members.contains(name));
        }
        let derived: Vec<(String, Value)> = read
            .derive
            .iter()
            .filter_map(|(name, derived)| Some((name.clone(), derive(derived, &value)?)))
            .collect();
        if let Some(members) = value.as_object_mut() {
            members.extend(derived);
        }
        items.items.push(Item { key: value.to_string(), value });
    };
    match &read.items {
        None => {
            let mut value = (*answer.value).clone();
            if let Some(members) = value.as_object_mut() {
                members.insert("^".to_owned(), asked);
            }
            take(value);
        }
        Some(path) => {
            let first = path.split('.').next().unwrap_or(path);
            if answer.value.get(first).is_none() && !read.optional && items.failure.is_none() {
                let message = format!("{} without {first}", read.operation);
                items.failure = Some(CallFailure { code: "MalformedAnswer".to_owned(), message });
                return items;
            }
            descend(&answer.value, path, &asked, &mut take);
        }
    }
    items
}

/// A member that follows from others, where they are there.
fn derive(derived: &Derived, value: &Value) -> Option<Value> {
    if let Some(path) = &derived.last {
        return text_at(value, path).map(|text| Value::from(text.rsplit('/').next().unwrap_or(&text)));
    }
    if let (Some(marker), Some(path)) = (&derived.after, &derived.of) {
        return text_at(value, path)?.split_once(marker.as_str()).map(|(_, rest)| Value::from(rest));
    }
    let count = all_at(value, derived.count.as_ref()?).len();
    let groups = derived.per.as_ref().map_or(1, |path| all_at(value, path).len());
    (count > 0).then(|| Value::from((count / groups.max(1)).saturating_sub(derived.less)))
}

/// The items below a path; each knows the plain members of the one above it as `^`, the topmost the parameters of the call.
fn descend(value: &Value, path: &str, above: &Value, take: &mut impl FnMut(Value)) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let parts = match value.get(step) {
        Some(Value::Array(parts)) => parts.as_slice(),
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    };
    for part in parts {
        if rest.is_empty() {
            let mut part = part.clone();
            if let Some(members) = part.as_object_mut() {
                members.insert("^".to_owned(), above.clone());
            }
            take(part);
        } else {
            let plain =
                part.as_object().into_iter().flatten().filter(|(name, value)| {
                    name.as_str() == "Tags" || !(value.is_array() || value.is_object())
                });
            let own: Map<String, Value> = plain.map(|(name, value)| (name.clone(), value.clone())).collect();
            descend(part, rest, &Value::Object(own), take);
        }
    }
}
