//! The order of the output.
//!
//! Follows `SortOrderTransformer` of kustomize api v0.21.1.

use std::cmp::Ordering;

use crate::config::{default_kind_order, kind_rank, sort_text};
use crate::error::{Error, Result};
use crate::identity::{Gvk, ResourceId};
use crate::resource::{Resource, ResourceMap};
use crate::schema::Schemas;

/// `sortOptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SortOptions {
    pub(crate) order: String,
    /// The kinds that come first and last, where they are given.
    pub(crate) legacy: Option<(Vec<String>, Vec<String>)>,
}

/// Sorts the resources, if the options ask for it.
pub(crate) fn sort_resources(
    resources: &mut ResourceMap,
    options: &SortOptions,
    schemas: &Schemas,
) -> Result<()> {
    if options.order != "fifo" && options.order != "legacy" {
        return Err(Error::new("the field 'sortOptions.order' must be one of [fifo, legacy]"));
    }
    if options.order == "fifo" {
        if options.legacy.is_some() {
            return Err(Error::new(
                "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
            ));
        }
        return Ok(());
    }
    let (first, last) = options.legacy.clone().unwrap_or_else(default_kind_order);
    let list = resources.resources_mut();
    let mut keyed: Vec<(ResourceId, Resource)> =
        std::mem::take(list).into_iter().map(|resource| (resource.current_id(schemas), resource)).collect();
    keyed.sort_by(|(one, _), (other, _)| {
        if one.gvk.same_type(&other.gvk) {
            sort_id_text(one).cmp(&sort_id_text(other))
        } else {
            compare_types(&one.gvk, &other.gvk, &first, &last)
        }
    });
    let sorted = keyed.into_iter().map(|(_, resource)| resource).collect();
    *resources = ResourceMap::new();
    resources
        .append_all(sorted, schemas)
        .map_err(|error| error.wrap("SortOrderTransformer: Failed to append to resources"))
}

fn compare_types(one: &Gvk, other: &Gvk, first: &[String], last: &[String]) -> Ordering {
    kind_rank(&one.kind, first, last).cmp(&kind_rank(&other.kind, first, last)).then_with(|| {
        let order = sort_text(one).cmp(&sort_text(other));
        let namespaces = one.kind == "Namespace" && other.kind == "Namespace";
        if namespaces && (one.group.is_empty() || other.group.is_empty()) { order.reverse() } else { order }
    })
}

fn sort_id_text(id: &ResourceId) -> String {
    let namespace = if id.namespace.is_empty() { "~X" } else { &id.namespace };
    let name = if id.name.is_empty() { "~N" } else { &id.name };
    format!("{}|{namespace}|{name}", id.gvk)
}
