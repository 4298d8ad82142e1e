//! One side of a comparison as the resources that a cluster would hold.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_resource::ResourceId;
use serde_json::Value;

use crate::render::{RenderedEnvironment, RenderedResource};
use crate::report::diff::model::ResourceIdentity;

/// A resource that a claim becomes.
#[derive(Debug, Clone)]
pub struct ManagedResource {
    /// Its identity.
    pub id: ResourceId,
    /// The cluster that it is made on.
    pub cluster: String,
    /// The layer of its claim.
    pub layer: String,
    /// The claim, as people name it: `Database langfuse/langfuse-db`.
    pub claim: String,
    /// The claim's file.
    pub file: String,
    /// The input that the claim is made from.
    pub input: String,
    /// Its data.
    pub value: Arc<Value>,
}

/// A rendered environment with what its claims become.
#[derive(Debug, Clone, Copy)]
pub struct RenderedSide<'a> {
    /// The environment.
    pub environment: &'a RenderedEnvironment,
    /// What its claims become.
    pub managed: &'a [ManagedResource],
}

/// A resource of one side.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) id: &'a ResourceId,
    pub(super) cluster: &'a str,
    pub(super) layer: &'a str,
    pub(super) file: &'a str,
    pub(super) input: &'a str,
    pub(super) claim: Option<&'a str>,
    content: Content<'a>,
}

#[derive(Clone, Copy)]
enum Content<'a> {
    Text(&'a RenderedEnvironment, &'a RenderedResource),
    Data(&'a Value),
}

/// Where a resource is, in any environment: its cluster, and its identity there.
pub(super) type Key<'a> = (&'a str, &'a ResourceId);

impl<'a> Item<'a> {
    /// Its data; null where a rendered file could not be read back, which then differs from all else.
    pub(super) fn value(&self) -> Cow<'a, Value> {
        match self.content {
            Content::Text(environment, resource) => {
                Cow::Owned(environment.value(resource).unwrap_or_default())
            }
            Content::Data(value) => Cow::Borrowed(value),
        }
    }

    /// Whether it is byte for byte what another is.
    pub(super) fn is_same(&self, other: &Item<'_>) -> bool {
        match (&self.content, &other.content) {
            (Content::Text(one, of_one), Content::Text(two, of_two)) => {
                let (one, two) = (one.files.get(&of_one.path), two.files.get(&of_two.path));
                one.is_some() && one == two
            }
            (Content::Data(one), Content::Data(other)) => one == other,
            _ => false,
        }
    }

    /// Its identity as reports have it.
    pub(super) fn identity(&self) -> ResourceIdentity {
        ResourceIdentity {
            platform: "kubernetes".to_owned(),
            cluster: self.cluster.to_owned(),
            group: self.id.group.clone(),
            kind: self.id.kind.clone(),
            namespace: self.id.namespace.clone(),
            name: self.id.name.clone(),
        }
    }
}

/// The resources of a side by where they are; what the repository has comes before what a claim becomes.
pub(super) fn items<'a>(side: Option<RenderedSide<'a>>) -> BTreeMap<Key<'a>, Item<'a>> {
    let mut items = BTreeMap::new();
    let Some(RenderedSide { environment, managed }) = side else { return items };
    for layer in &environment.layers {
        for resource in &layer.resources {
            let item = Item {
                id: &resource.id,
                cluster: &layer.destination,
                layer: &layer.name,
                file: &resource.path,
                input: &resource.source,
                claim: None,
                content: Content::Text(environment, resource),
            };
            items.entry((item.cluster, item.id)).or_insert(item);
        }
    }
    for resource in managed {
        let item = Item {
            id: &resource.id,
            cluster: &resource.cluster,
            layer: &resource.layer,
            file: &resource.file,
            input: &resource.input,
            claim: Some(&resource.claim),
            content: Content::Data(&resource.value),
        };
        items.entry((item.cluster, item.id)).or_insert(item);
    }
    items
}
