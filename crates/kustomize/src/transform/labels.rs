//! `labels` and `commonLabels`.

use std::collections::BTreeMap;

use plimsoll_yaml::Node;

use super::field_filter::{Creation, visit_fields};
use crate::config::FieldSpec;
use crate::error::Result;
use crate::resource::{Resource, ResourceMap};
use crate::tree::fields;

/// Adds labels at every field of the specifications.
pub(crate) fn add_labels(
    resources: &mut ResourceMap,
    labels: &BTreeMap<String, String>,
    specs: &[FieldSpec],
) -> Result<()> {
    add_entries(resources, labels, specs)
}

pub(super) fn add_entries(
    resources: &mut ResourceMap,
    entries: &BTreeMap<String, String>,
    specs: &[FieldSpec],
) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    resources
        .resources_mut_keeping_ids()
        .iter_mut()
        .try_for_each(|resource| add_to_resource(resource, entries, specs))
}

/// The value of one key is one node wherever it is new.
pub(crate) fn add_to_resource(
    resource: &mut Resource,
    entries: &BTreeMap<String, String>,
    specs: &[FieldSpec],
) -> Result<()> {
    let shared = &mut resource.shared;
    for (key, value) in entries {
        let value = shared.begin_group(Node::string(value.as_str()));
        visit_fields(&mut resource.node, specs, Some(Creation::MAPPING), &mut |node| {
            fields::set_field(node, key, value.clone())
        })?;
    }
    shared.follow(&mut resource.node);
    Ok(())
}
