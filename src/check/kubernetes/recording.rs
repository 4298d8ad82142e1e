//! What of a cluster may be kept in a snapshot: what Git declares or owns, and no secret.
//!
//! Of a Secret that Git declares each key is told as equal or different, and nothing of its value; of any other, its metadata
//! alone. A text of another object that must not be shown is kept only where Git has the same text, and is else a mark.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll_resource::{ResourceId, split_api_version};
use plimsoll_yaml::{Dialect, Numbers};
use serde_json::{Map, Value};

use super::{ClusterTask, is_secret};
use crate::check::desired::DesiredResource;
use crate::secrets;

/// What stands for a text that is not kept.
const HIDDEN: &str = "(hidden)";

/// What stands for a value of a Secret that is Git's.
const EQUAL: &str = "equal";

/// What stands for a value of a Secret that is not Git's.
const DIFFERENT: &str = "different";

/// The annotation in which kubectl keeps an object, values of Secrets too.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Decides what is kept.
pub(super) struct Keeper {
    declared: HashMap<ResourceId, Arc<DesiredResource>>,
    /// What is composed under a name that Crossplane draws.
    drawn: Vec<Arc<DesiredResource>>,
    owned: BTreeSet<String>,
    keeps_labelled: bool,
}

impl Keeper {
    /// What is kept for a check of this cluster.
    pub(super) fn of(task: &ClusterTask) -> Keeper {
        Keeper {
            drawn: task.resources.iter().filter(|one| one.has_drawn_name()).map(Arc::clone).collect(),
            declared: task.resources.iter().map(|one| (one.id.clone(), Arc::clone(one))).collect(),
            owned: task.own.namespaces.iter().cloned().collect(),
            keeps_labelled: !task.own.selectors.is_empty(),
        }
    }

    /// An object of a list as it is kept; none where nobody needs it.
    pub(super) fn of_list(&self, object: &Value) -> Option<Value> {
        let id = identity(object)?;
        let is_owned = id.namespace.as_ref().is_some_and(|namespace| self.owned.contains(namespace));
        let is_needed = is_owned || self.keeps_labelled || self.declared(&id, object).is_some();
        is_needed.then(|| self.without_secrets(object))
    }

    fn declared(&self, id: &ResourceId, object: &Value) -> Option<&DesiredResource> {
        let drawn = || self.drawn.iter().find(|one| one.is_drawn_object(id, object));
        self.declared.get(id).or_else(drawn).map(|one| &**one)
    }

    /// An object as it is kept.
    pub(super) fn without_secrets(&self, object: &Value) -> Value {
        let Some(id) = identity(object) else { return Value::Null };
        let declared = self.declared(&id, object).and_then(value_of);
        let mut kept = object.clone();
        if let Some(annotations) = kept.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut)
            && annotations.contains_key(LAST_APPLIED)
        {
            annotations.insert(LAST_APPLIED.to_owned(), Value::from(HIDDEN));
        }
        // Messages quote what a provider was given.
        let conditions = kept.pointer_mut("/status/conditions").and_then(Value::as_array_mut);
        for condition in conditions.into_iter().flatten().filter_map(Value::as_object_mut) {
            condition.remove("message");
        }
        if is_secret(&id.group, &id.kind) {
            keep_secret(&mut kept, declared.as_ref());
        } else {
            let mut known = BTreeSet::new();
            if let Some(declared) = &declared {
                collect_texts(declared, &mut known);
            }
            hide(&mut kept, "", &known);
        }
        kept
    }
}

/// A Secret of a snapshot with values again: Git's where they were equal, others where they were not.
pub(super) fn with_values(mut object: Value, declared: &DesiredResource) -> Option<Value> {
    let wanted = data_of(&value_of(declared)?);
    if let Some(data) = object.get_mut("data").and_then(Value::as_object_mut) {
        for (key, value) in data {
            let is_equal = value.as_str() == Some(EQUAL);
            *value = match wanted.get(key).filter(|_| is_equal) {
                Some(wanted) => Value::String(wanted.clone()),
                // Longer than Git's and so another value, whatever Git's is.
                None => {
                    Value::String(STANDARD.encode(format!("{}-", wanted.get(key).map_or("", String::as_str))))
                }
            };
        }
    }
    Some(object)
}

fn keep_secret(kept: &mut Value, declared: Option<&Value>) {
    let Some(fields) = kept.as_object_mut() else { return };
    let Some(declared) = declared else {
        fields.retain(|key, _| matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
        return;
    };
    let wanted = data_of(declared);
    fields.remove("stringData");
    if let Some(metadata) = fields.get_mut("metadata") {
        hide(metadata, "", &BTreeSet::new());
    }
    if let Some(data) = fields.get_mut("data").and_then(Value::as_object_mut) {
        for (key, value) in data {
            let is_equal = wanted.get(key).is_some_and(|wanted| Some(wanted.as_str()) == value.as_str());
            *value = Value::from(if is_equal { EQUAL } else { DIFFERENT });
        }
    }
}

/// The values of a declared Secret in base64, those written as text too.
fn data_of(declared: &Value) -> HashMap<String, String> {
    let of = |name: &str| declared.get(name).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let mut data: HashMap<String, String> = HashMap::new();
    for (key, value) in of("data") {
        let joined: String = value.as_str().unwrap_or_default().split_ascii_whitespace().collect();
        data.insert(key, joined);
    }
    for (key, value) in of("stringData") {
        data.insert(key, STANDARD.encode(value.as_str().unwrap_or_default()));
    }
    data
}

fn value_of(declared: &DesiredResource) -> Option<Value> {
    let (node, _) = declared.parse()?;
    node.to_value(Dialect::Helm, Numbers::AsWritten).ok()
}

fn identity(object: &Value) -> Option<ResourceId> {
    let text = |pointer| object.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(ResourceId {
        group: split_api_version(text("/apiVersion")?).0.to_owned(),
        kind: text("/kind")?.to_owned(),
        namespace: text("/metadata/namespace").map(str::to_owned),
        name: text("/metadata/name")?.to_owned(),
    })
}

fn collect_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect_texts(field, texts)),
        _ => {}
    }
}

/// Marks texts that must not be shown. `{name: X, value: Y}` names its value by X, as containers list their variables.
fn hide(value: &mut Value, name: &str, known: &BTreeSet<String>) {
    match value {
        Value::String(text) if secrets::must_be_hidden(name, text) && !known.contains(text) => {
            *text = HIDDEN.to_owned();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, name, known)),
        Value::Object(fields) => {
            let own_name = fields.get("name").and_then(Value::as_str).map(str::to_owned);
            for (key, field) in fields {
                let name = own_name.as_deref().filter(|_| key == "value").unwrap_or(key);
                hide(field, name, known);
            }
        }
        _ => {}
    }
}
