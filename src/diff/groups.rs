//! Folds the same change in many resources or environments into one group.
//!
//! Fields that differ are compared as they are told, so that what is hidden in two resources counts as the same. What comes
//! or goes as a whole is the same only for resources of one kind and name: once in each environment.

use std::collections::BTreeMap;

use serde_json::json;

use crate::report::diff::model::{ChangeGroup, EnvironmentDiff, GroupMember, ResourceChange, ResourceDiff};

/// Finds the groups, and tells each of their members which one it belongs to.
#[must_use]
pub fn fold(environments: &mut [EnvironmentDiff]) -> Vec<ChangeGroup> {
    let mut members: BTreeMap<String, Vec<(usize, usize, usize)>> = BTreeMap::new();
    for (environment_index, environment) in environments.iter().enumerate() {
        for (layer_index, layer) in environment.layers.iter().enumerate() {
            for (index, resource) in layer.resources.iter().enumerate() {
                members.entry(key(resource)).or_default().push((environment_index, layer_index, index));
            }
        }
    }
    let mut found: Vec<Vec<(usize, usize, usize)>> =
        members.into_values().filter(|places| places.len() > 1).collect();
    found.sort_by_key(|places| places.first().copied());
    let mut groups = Vec::with_capacity(found.len());
    for places in found {
        let number = u32::try_from(groups.len()).ok();
        let mut group: Option<ChangeGroup> = None;
        for (environment, layer, index) in places {
            let Some(environment) = environments.get_mut(environment) else { continue };
            let Some(layer) = environment.layers.get_mut(layer) else { continue };
            let Some(resource) = layer.resources.get_mut(index) else { continue };
            resource.group = number;
            let group = group.get_or_insert_with(|| ChangeGroup {
                change: resource.change,
                class: resource.class,
                fields: resource.fields.clone(),
                members: Vec::new(),
            });
            group.members.push(GroupMember {
                environment: environment.name.clone(),
                layer: layer.name.clone(),
                id: resource.id.clone(),
            });
        }
        groups.extend(group);
    }
    groups
}

/// What two resources share that change alike.
fn key(resource: &ResourceDiff) -> String {
    let of_one = match resource.change {
        ResourceChange::Changed | ResourceChange::Reordered => None,
        _ => Some((&resource.id.kind, &resource.id.group, &resource.id.name, &resource.previous)),
    };
    json!([resource.change, resource.class, resource.fields, of_one]).to_string()
}
