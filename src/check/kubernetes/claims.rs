//! How far Crossplane has come with the claims of a cluster and the composites within, which says what an absent composed
//! resource means.
//!
//! A composite that names what it was composed of has been composed: what Git says of it and does not live is missing. One that
//! names nothing has not been composed yet; that is told of it itself, by its conditions, and not of each resource again.

use std::collections::BTreeMap;

use plimsoll_resource::ResourceId;
use serde_json::Value;

use crate::check::composed::Composed;
use crate::check::desired::DesiredResource;

/// A claim, or a composite within by the templates that lead to it.
pub(super) type Place = (ResourceId, Vec<String>);

/// The claims and composites that were seen.
#[derive(Debug, Default)]
pub(super) struct Claims(BTreeMap<Place, Seen>);

/// What was seen of one.
#[derive(Debug)]
struct Seen {
    progress: Progress,
    /// The name of the composite.
    name: Option<String>,
}

/// How far a claim or composite has come.
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
    /// What composes it was not seen.
    Unknown,
    /// What composes it is not composed yet.
    NotYet,
    /// It comes once what it waits for is there.
    Later,
    /// It should be there.
    Missing,
}

/// Where a resource stands among claims, composites and what they compose.
pub(super) fn place_of(resource: &DesiredResource) -> Place {
    match &resource.composed {
        Some(composed) => (composed.claim.clone(), composed.template.lineage.clone()),
        None => (resource.id.clone(), Vec::new()),
    }
}

/// Where the claim or composite stands that composes a resource.
pub(super) fn owner_of(composed: &Composed) -> Place {
    (composed.claim.clone(), composed.template.owner_lineage().to_vec())
}

impl Claims {
    /// Takes in a claim or composite as it lives.
    pub(super) fn see(&mut self, place: Place, object: &Value) {
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
        // A claim of an XRD v1 refers to its composite.
        let of_composite = object.pointer("/spec/resourceRef/name").or(object.pointer("/metadata/name"));
        let name = of_composite.and_then(Value::as_str).map(str::to_owned);
        self.0.insert(place, Seen { progress, name });
    }

    /// The name of the composite that composes a resource, where it was seen.
    pub(super) fn owner_name(&self, composed: &Composed) -> Option<&str> {
        let name = self.0.get(&owner_of(composed))?.name.as_deref();
        // A claim of an XRD v1 that names no composite yet has another name than it.
        name.filter(|name| !composed.template.owner_lineage().is_empty() || composed.template.is_root(name))
    }

    /// What it means that a resource is not there.
    pub(super) fn prospect(&self, composed: &Composed) -> Prospect {
        match self.0.get(&owner_of(composed)).map(|seen| seen.progress) {
            None => Prospect::Unknown,
            Some(Progress::NotComposed) => Prospect::NotYet,
            Some(Progress::Composed) if composed.comes_later => Prospect::Later,
            Some(Progress::Composed | Progress::Ready) => Prospect::Missing,
        }
    }
}
