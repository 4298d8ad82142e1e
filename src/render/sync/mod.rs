//! The objects that apply the layers in order, as resources of their own: `environments/<env>/sync/`.

mod argo_cd;
mod argo_cd_differences;
mod data;
mod flux;
mod health;
mod readme;

pub use readme::bootstrap_note;

use plimsoll_resource::ResourceId;
use serde_json::Value;

use super::RenderedResource;
use crate::config::environment::{Environment, Sync};

/// What is known of a rendered layer when its sync objects are made.
#[derive(Debug, Clone, Copy)]
pub struct LayerContents<'a> {
    /// The layer's resources.
    pub resources: &'a [RenderedResource],
}

/// The sync objects of an environment; none where it has no `sync`.
#[must_use]
pub fn objects(environment: &Environment, layers: &[LayerContents<'_>]) -> Vec<(ResourceId, Value)> {
    match &environment.spec.sync {
        None => Vec::new(),
        Some(Sync::Flux(settings)) => flux::objects(environment, settings, layers),
        Some(Sync::ArgoCd(settings)) => argo_cd::objects(environment, settings, layers),
    }
}

/// The definitions and compositions of all layers, as plain data.
fn definitions<'a>(layers: &'a [LayerContents<'a>]) -> impl Iterator<Item = &'a Value> {
    layers.iter().flat_map(|layer| layer.resources).filter_map(|resource| resource.definition.as_ref())
}
