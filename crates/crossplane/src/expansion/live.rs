//! Resources as they are in the cluster, found by whom they belong to.
//!
//! A composed resource is told by the annotation with the name of its template, and belongs to the composite that controls it or,
//! where no owner is told, to the one that its label names. A label names the root of nested composites, so it counts only where
//! there is no owner.

use std::collections::BTreeMap;

use serde_json::Value;

use super::catalog::text;

/// Resources of the cluster.
#[derive(Debug, Default)]
pub(super) struct Live<'a> {
    /// What is composed, by the name of the composite that it belongs to.
    composed: BTreeMap<&'a str, Vec<&'a Value>>,
    /// All, by what they are.
    all: BTreeMap<Identity<'a>, &'a Value>,
}

/// Group, kind, namespace and name.
type Identity<'a> = (&'a str, &'a str, &'a str, &'a str);

const TEMPLATE_NAME: &str = "/metadata/annotations/crossplane.io~1composition-resource-name";

impl<'a> Live<'a> {
    pub(super) fn new(observed: &'a [Value]) -> Live<'a> {
        let mut live = Live::default();
        for resource in observed {
            // Of several that are the same the first counts.
            live.all.entry(identity(resource)).or_insert(resource);
            if !text(resource, TEMPLATE_NAME).is_empty() {
                live.composed.entry(owner_of(resource)).or_default().push(resource);
            }
        }
        live
    }

    /// What a composite composes, by the names of the templates.
    pub(super) fn composed_of(&self, composite: &Value) -> BTreeMap<&'a str, &'a Value> {
        let namespace = text(composite, "/metadata/namespace");
        let of_name = self.composed.get(text(composite, "/metadata/name"));
        of_name
            .into_iter()
            .flatten()
            .filter(|live| namespace.is_empty() || text(live, "/metadata/namespace") == namespace)
            .filter(|live| {
                controller_of(live).is_none_or(|owner| text(owner, "/kind") == text(composite, "/kind"))
            })
            .map(|live| (text(live, TEMPLATE_NAME), *live))
            .collect()
    }

    /// The resource of the same kind, namespace and name.
    pub(super) fn same(&self, resource: &Value) -> Option<&'a Value> {
        self.all.get(&identity(resource)).copied()
    }
}

fn identity(resource: &Value) -> Identity<'_> {
    (
        plimsoll_resource::split_api_version(text(resource, "/apiVersion")).0,
        text(resource, "/kind"),
        text(resource, "/metadata/namespace"),
        text(resource, "/metadata/name"),
    )
}

fn controller_of(live: &Value) -> Option<&Value> {
    let owners = live.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    owners.into_iter().flatten().find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))
}

/// The name of the composite that a resource belongs to.
fn owner_of(live: &Value) -> &str {
    match controller_of(live) {
        Some(owner) => text(owner, "/name"),
        None => text(live, "/metadata/labels/crossplane.io~1composite"),
    }
}
