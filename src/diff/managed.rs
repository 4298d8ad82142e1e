//! What the claims of a rendered environment become, as resources to compare.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_resource::ResourceId;

use super::item::ManagedResource;
use crate::diagnostic::Diagnostics;
use crate::expansion::{Composite, EnvironmentResources};
use crate::render::{RenderedEnvironment, RenderedLayer, RenderedResource};

/// The managed resources of all claims. Where a claim cannot be expanded, why: then nothing can be said of what it becomes.
pub fn managed(environment: &RenderedEnvironment) -> Result<Vec<ManagedResource>, Diagnostics> {
    let expansion = EnvironmentResources::of_rendered(environment).expand();
    if expansion.found.has_errors() {
        return Err(expansion.found.in_environment(&environment.name));
    }
    let places: HashMap<&str, (&RenderedLayer, &RenderedResource)> = environment
        .layers
        .iter()
        .flat_map(|layer| {
            layer.resources.iter().map(move |resource| (resource.path.as_str(), (layer, resource)))
        })
        .collect();
    let resources = expansion.managed.iter().filter_map(|resource| {
        let claim = expansion.claim_of(resource)?;
        let (layer, written) = places.get(claim.file.as_str())?;
        // A name that Crossplane draws is known by its claim and its template alone.
        let name = if resource.has_name {
            resource.id.name.clone()
        } else {
            format!("{} {}", claim.id.name, resource.id.name)
        };
        Some(ManagedResource {
            id: ResourceId { name, ..resource.id.clone() },
            cluster: layer.destination.clone(),
            layer: layer.name.clone(),
            claim: label(claim),
            file: claim.file.clone(),
            input: written.source.clone(),
            value: Arc::clone(&resource.value),
        })
    });
    Ok(resources.collect())
}

/// A claim as people name it: `Database langfuse/langfuse-db`.
fn label(claim: &Composite) -> String {
    match &claim.id.namespace {
        Some(namespace) => format!("{} {namespace}/{}", claim.id.kind, claim.id.name),
        None => format!("{} {}", claim.id.kind, claim.id.name),
    }
}
