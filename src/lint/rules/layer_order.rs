//! What a resource needs to be applied lies in its own layer or an earlier one: its kind's definition, its namespace, and the
//! managed resources that it refers to.

use std::collections::BTreeMap;

use crate::lint::findings::Findings;
use crate::lint::references::managed_references;
use crate::lint::world::{World, text};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let mut definitions: BTreeMap<(&str, &str), (&str, &str)> = BTreeMap::new();
    for resource in &world.resources {
        if !["CompositeResourceDefinition", "CustomResourceDefinition"].contains(&resource.id.kind.as_str()) {
            continue;
        }
        let group = text(&resource.value, "/spec/group");
        for pointer in ["/spec/names/kind", "/spec/claimNames/kind"] {
            definitions.insert((group, text(&resource.value, pointer)), (&resource.layer, &resource.cluster));
        }
    }
    for (index, resource) in world.resources.iter().enumerate() {
        let kind = (resource.id.group.as_str(), resource.id.kind.as_str());
        if let Some((layer, cluster)) = definitions.get(&kind)
            && *cluster == resource.cluster
            && !world.comes_after(&resource.layer, layer)
        {
            let message = format!(
                "its kind is defined in layer `{layer}`, which layer `{}` does not wait for",
                resource.layer
            );
            findings.tell(index, "kind", message);
        }
        let namespace = resource.id.namespace.as_deref().and_then(|name| {
            let is_it = |(_, it): &(usize, &super::super::world::LintResource)| {
                it.id.name == name && it.cluster == resource.cluster
            };
            world.of_kind("", "Namespace").find(is_it)
        });
        if let Some((_, namespace)) = namespace
            && !world.comes_after(&resource.layer, &namespace.layer)
        {
            let message = format!(
                "its namespace `{}` is made in layer `{}`, which layer `{}` does not wait for",
                namespace.id.name, namespace.layer, resource.layer
            );
            findings.tell(index, "metadata.namespace", message);
        }
        if resource.service().is_none() {
            continue;
        }
        for reference in managed_references(resource) {
            if let Some((_, target)) = world.referred(resource, &reference)
                && !world.comes_after(&resource.layer, &target.layer)
            {
                let message = format!(
                    "it refers to {} `{}` of layer `{}`, which layer `{}` does not wait for",
                    target.id.kind, target.id.name, target.layer, resource.layer
                );
                findings.tell(index, reference.path, message);
            }
        }
    }
}
