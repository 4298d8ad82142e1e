//! What has become of the resources of one version of an environment, for another version that has many of the same.
//!
//! The text of a resource, and whether anything stands against the resource by itself, depend on nothing but what it says. So a
//! resource that both versions have is examined and printed once. What something was found in is never taken over: it is
//! examined again, and told with the places of its own version.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_resource::{Resource, ResourceId};

use super::documents::Piece;

/// A resource and what it became.
#[derive(Debug)]
pub(super) struct KnownResource {
    /// With its namespace.
    pub(super) resource: Arc<Resource>,
    /// As it is written.
    pub(super) text: Arc<[u8]>,
}

/// Resources in which nothing was found.
#[derive(Debug, Default)]
pub(super) struct KnownResources(HashMap<ResourceId, KnownResource>);

impl KnownResources {
    pub(super) fn insert(&mut self, resource: KnownResource) {
        self.0.insert(resource.resource.id.clone(), resource);
    }

    /// What a resource becomes that says the same, its namespace included.
    pub(super) fn of(&self, piece: &Piece) -> Option<&KnownResource> {
        let known = self.0.get(&piece.resource.id)?;
        let is_same =
            Arc::ptr_eq(&known.resource, &piece.resource) || known.resource.node == piece.resource.node;
        is_same.then_some(known)
    }
}
