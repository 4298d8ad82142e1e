//! What has become of the resources of one version of an environment, for another version that has many of the same.
//!
//! The text of a resource, and whether anything stands against the resource by itself, depend on nothing but what it says. So a
//! resource that both versions have is examined and printed once. What something was found in is never taken over: it is
//! examined again, and told with the places of its own version.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_resource::{Resource, ResourceId, Scope};

use super::documents::Piece;

/// What decides about the namespace of a resource besides the resource itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placing {
    pub(super) scope: Option<Scope>,
    pub(super) given: Option<String>,
}

/// A resource and what it became.
#[derive(Debug)]
pub(super) struct KnownResource {
    /// As its source gave it.
    pub(super) before: Arc<Resource>,
    /// How it got its namespace.
    pub(super) placing: Placing,
    /// With its namespace.
    pub(super) after: Arc<Resource>,
    /// As it is written.
    pub(super) text: Arc<[u8]>,
    pub(super) sha256: String,
}

/// Resources in which nothing was found.
#[derive(Debug, Default)]
pub(super) struct KnownResources {
    resources: Vec<KnownResource>,
    /// By the address of `before`, which lives as long as this does.
    by_address: HashMap<usize, usize>,
    by_id: HashMap<ResourceId, usize>,
}

impl KnownResources {
    pub(super) fn insert(&mut self, resource: KnownResource) {
        let index = self.resources.len();
        self.by_address.insert(address(&resource.before), index);
        self.by_id.insert(resource.after.id.clone(), index);
        self.resources.push(resource);
    }

    /// What a resource becomes that comes from the very text and gets its namespace in the same way.
    pub(super) fn of_source(&self, piece: &Piece, placing: &Placing) -> Option<&KnownResource> {
        let known = self.resources.get(*self.by_address.get(&address(&piece.resource))?)?;
        (known.placing == *placing).then_some(known)
    }

    /// What a resource becomes that says the same, its namespace included.
    pub(super) fn of_content(&self, piece: &Piece) -> Option<&KnownResource> {
        let known = self.resources.get(*self.by_id.get(&piece.resource.id)?)?;
        let is_same = Arc::ptr_eq(&known.after, &piece.resource) || known.after.node == piece.resource.node;
        is_same.then_some(known)
    }
}

fn address(resource: &Arc<Resource>) -> usize {
    Arc::as_ptr(resource).addr()
}
