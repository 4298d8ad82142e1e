//! Resources as they are in the cluster, found by whom they belong to.
//!
//! A composed resource is told by the annotation with the name of its template, and belongs to the composite that controls it or,
//! where no owner is told, to the one that its label names. A label names the root of nested composites, so it counts only where
//! there is no owner.

use std::collections::BTreeMap;

use serde_json::Value;

use super::catalog::text;
use crate::definitions::GroupVersionKind;

/// Resources of the cluster.
#[derive(Debug, Default)]
pub(super) struct Live<'a> {
    composed: Vec<&'a Value>,
    all: Vec<&'a Value>,
}

const TEMPLATE_NAME: &str = "/metadata/annotations/crossplane.io~1composition-resource-name";

impl<'a> Live<'a> {
    pub(super) fn new(observed: &'a [Value]) -> Live<'a> {
        let all: Vec<&Value> = observed.iter().collect();
        let composed = all.iter().copied().filter(|live| !text(live, TEMPLATE_NAME).is_empty()).collect();
        Live { composed, all }
    }

    /// What a composite composes, by the names of the templates.
    pub(super) fn composed_of(&self, composite: &Value) -> BTreeMap<&'a str, &'a Value> {
        let is_its = |live: &&&Value| {
            text(live, "/metadata/namespace") == text(composite, "/metadata/namespace")
                || text(composite, "/metadata/namespace").is_empty()
        };
        self.composed
            .iter()
            .filter(is_its)
            .filter(|live| belongs_to(live, composite))
            .map(|live| (text(live, TEMPLATE_NAME), *live))
            .collect()
    }

    /// The resource of the same kind, namespace and name.
    pub(super) fn same(&self, resource: &Value) -> Option<&'a Value> {
        let kind = GroupVersionKind::of(resource);
        self.all.iter().copied().find(|live| {
            let of_live = GroupVersionKind::of(live);
            let is_same = |pointer: &str| text(live, pointer) == text(resource, pointer);
            (of_live.group == kind.group && of_live.kind == kind.kind)
                && is_same("/metadata/name")
                && is_same("/metadata/namespace")
        })
    }
}

fn belongs_to(live: &Value, composite: &Value) -> bool {
    let name = text(composite, "/metadata/name");
    let owners = live.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    let controller = owners
        .into_iter()
        .flatten()
        .find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true));
    match controller {
        Some(owner) => text(owner, "/kind") == text(composite, "/kind") && text(owner, "/name") == name,
        None => text(live, "/metadata/labels/crossplane.io~1composite") == name,
    }
}
