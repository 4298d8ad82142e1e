//! The resources of all layers into their namespaces: which kinds have one is known once every layer is rendered.
//!
//! A resource that stands twice in a layer, or that two layers would apply to one cluster, is told here.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use plimsoll_resource::{ResourceId, Scope, Scopes};

use super::Rendered;
use super::default_sizes::DefaultSize;
use super::documents::Piece;
use super::layer;
use crate::config::environment::{self, Environment};
use crate::diagnostic::Diagnostics;

/// What all layers gave, each resource in its namespace.
#[derive(Debug)]
pub(super) struct Placed {
    /// The layers, in the environment's order.
    pub(super) layers: Vec<PlacedLayer>,
    /// The files that were read.
    pub(super) read: BTreeSet<String>,
    /// What is wrong.
    pub(super) found: Diagnostics,
    /// Workloads of charts that have the size which their chart chose.
    pub(super) default_sizes: Vec<DefaultSize>,
    /// Whether every layer gave all that it has. Where one did not, no resource is in its namespace.
    pub(super) is_whole: bool,
}

/// A layer's resources, and how long its sources took.
#[derive(Debug)]
pub(super) struct PlacedLayer {
    pub(super) pieces: Vec<Piece>,
    pub(super) elapsed: Duration,
}

impl Placed {
    /// Puts what all layers gave into its namespaces.
    pub(super) fn of(environment: &Environment, rendered: Vec<Rendered>) -> Placed {
        let mut placed = Placed {
            layers: Vec::with_capacity(rendered.len()),
            read: BTreeSet::new(),
            found: Diagnostics::new(),
            default_sizes: Vec::new(),
            is_whole: false,
        };
        for Rendered { output, elapsed } in rendered {
            placed.default_sizes.extend(output.default_sizes);
            placed.found.extend(output.found);
            placed.read.extend(output.read);
            placed.layers.push(PlacedLayer { pieces: output.pieces, elapsed });
        }
        placed.is_whole = !placed.found.has_errors();
        if placed.is_whole {
            placed.set_namespaces(environment);
        }
        placed
    }

    fn set_namespaces(&mut self, environment: &Environment) {
        let scopes = scopes(environment, self.layers.iter().flat_map(|layer| &layer.pieces));
        for (layer, of_environment) in self.layers.iter_mut().zip(&environment.spec.layers) {
            for piece in &mut layer.pieces {
                let placing = layer::placing(piece, of_environment, &scopes);
                layer::set_namespace(piece, &placing).into_iter().for_each(|found| self.found.push(found));
            }
            self.found.extend(layer::doubled(&layer.pieces));
        }
        let doubled = doubled_in_cluster(environment, &self.layers);
        self.found.extend(doubled);
    }
}

/// Which kinds have a namespace: those that Kubernetes has, those that a resource defines, those that the environment declares.
pub(super) fn scopes<'a>(environment: &Environment, pieces: impl Iterator<Item = &'a Piece>) -> Scopes {
    let mut scopes = Scopes::built_in();
    for piece in pieces {
        scopes.learn_from(&piece.resource.node);
    }
    for kind in &environment.spec.kinds {
        let scope = match kind.scope {
            environment::Scope::Namespaced => Scope::Namespaced,
            environment::Scope::Cluster => Scope::Cluster,
        };
        scopes.declare(&kind.group, &kind.kind, scope);
    }
    scopes
}

/// Resources that two layers would apply to one cluster.
fn doubled_in_cluster(environment: &Environment, layers: &[PlacedLayer]) -> Diagnostics {
    let mut first: HashMap<(&str, &ResourceId), (usize, &Piece)> = HashMap::new();
    let mut found = Diagnostics::new();
    for (index, (placed, layer)) in layers.iter().zip(&environment.spec.layers).enumerate() {
        for piece in &placed.pieces {
            let key = (layer.destination.as_str(), &piece.resource.id);
            match first.get(&key) {
                None => {
                    first.insert(key, (index, piece));
                }
                Some((of, other)) if *of != index => found.push(layer::two_of_one(other, piece)),
                Some(_) => {}
            }
        }
    }
    found
}
