//! Objects whose names Crossplane drew, given to the composed resources that they are.
//!
//! An object says its template, its outermost composite and what controls it. What controls it may have a drawn name too; where
//! that was not seen and several composites compose alike, no object is given to any of them: whose it is would be a guess.

use std::sync::Arc;

use plimsoll_resource::ResourceId;
use serde_json::Value;

use super::plan::Job;
use crate::check::desired::DesiredResource;
use crate::check::template;

/// An object that waits until all composites were seen.
pub(super) struct Held {
    /// The list that it came in.
    pub(super) job: Job,
    pub(super) id: ResourceId,
    pub(super) object: Value,
}

/// The objects that are this resource, and the others. `owner` is the name of the composite that composes it, where that was seen.
pub(super) fn matched(
    held: Vec<Held>,
    resource: &DesiredResource,
    owner: Option<&str>,
    all: &[Arc<DesiredResource>],
) -> (Vec<Held>, Vec<Held>) {
    let Some(composed) = resource.composed.as_deref() else { return (Vec::new(), held) };
    let is_like = |one: &&Arc<DesiredResource>| {
        one.composed.as_ref().is_some_and(|other| other.template.is_like(&composed.template))
            && (&one.id.group, &one.id.kind, &one.id.namespace)
                == (&resource.id.group, &resource.id.kind, &resource.id.namespace)
    };
    if owner.is_none() && all.iter().filter(is_like).count() > 1 {
        return (Vec::new(), held);
    }
    held.into_iter().partition(|one| {
        let is_owned = template::owner(&one.object).zip(owner).is_none_or(|((_, name), owner)| name == owner);
        is_owned && resource.is_drawn_object(&one.id, &one.object)
    })
}
