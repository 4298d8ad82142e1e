//! How far Crossplane has come with the claims of a cluster, which says what an absent composed resource means.
//!
//! A claim that names what it was composed of has been composed: what Git says of it and does not live is missing. One that names
//! nothing has not been composed yet; that is told of the claim itself, by its conditions, and not of each resource again.

use std::collections::BTreeMap;

use plimsoll_resource::ResourceId;
use serde_json::Value;

use crate::check::composed::Composed;

/// The claims that were seen.
#[derive(Debug, Default)]
pub(super) struct Claims(BTreeMap<ResourceId, Progress>);

/// How far a claim has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// It names nothing.
    NotComposed,
    /// It names what it was composed of, and is not ready.
    Composed,
    /// It is ready.
    Ready,
}

/// What the absence of a composed resource means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prospect {
    /// Its claim was not seen.
    Unknown,
    /// Its claim is not composed yet.
    NotYet,
    /// It comes once what it waits for is there.
    Later,
    /// It should be there.
    Missing,
}

impl Claims {
    /// Takes in a claim as it lives.
    pub(super) fn see(&mut self, id: &ResourceId, object: &Value) {
        let names = |pointer: &str| match object.pointer(pointer) {
            Some(Value::Array(references)) => !references.is_empty(),
            Some(Value::Object(reference)) => reference.contains_key("name"),
            _ => false,
        };
        let is_composed = ["/spec/crossplane/resourceRefs", "/spec/resourceRefs", "/spec/resourceRef"]
            .into_iter()
            .any(names);
        let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
        let is_ready = conditions.into_iter().flatten().any(|condition| {
            condition.get("type").and_then(Value::as_str) == Some("Ready")
                && condition.get("status").and_then(Value::as_str) == Some("True")
        });
        let progress = match (is_composed, is_ready) {
            (false, _) => Progress::NotComposed,
            (true, false) => Progress::Composed,
            (true, true) => Progress::Ready,
        };
        self.0.insert(id.clone(), progress);
    }

    /// What it means that a resource is not there.
    pub(super) fn prospect(&self, composed: &Composed) -> Prospect {
        match self.0.get(&composed.claim) {
            None => Prospect::Unknown,
            Some(Progress::NotComposed) => Prospect::NotYet,
            Some(Progress::Composed) if composed.comes_later => Prospect::Later,
            Some(Progress::Composed | Progress::Ready) => Prospect::Missing,
        }
    }
}
