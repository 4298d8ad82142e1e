//! Reconciles composite resources until nothing changes any more, in a world that answers with unknowns.
//!
//! In the first round nothing exists, as when a claim is created. In each later round what was composed is there and ready, and
//! the parts of its status that the Composition reads are unknowns. Claims see each other as they were at the end of the round
//! before, so their order does not matter, and all of a round are reconciled at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::node::{Before, Node, with_status};
use super::reconciler::Reconciler;
use super::unknown::{Labels, Unknowns};
use super::{Extent, Problem, World};
use crate::required_resources::RequiredResources;

/// A chain of resources that wait for each other's status settles in as many rounds as it is long.
const MOST_ROUNDS: usize = 12;

/// All composites of an environment, in the order of its resources.
pub(super) struct Simulation {
    pub(super) roots: Vec<Root>,
}

/// A claim or composite resource of the environment, with what is unknown and what is wrong in it.
pub(super) struct Root {
    pub(super) node: Node,
    pub(super) unknowns: Unknowns,
    pub(super) problems: BTreeSet<Problem>,
}

impl Simulation {
    /// Runs to the end. The letter tells the unknowns of one simulation from those of another.
    pub(super) fn run(world: World<'_>, letter: char, extent: Extent) -> Simulation {
        let catalog = world.catalog;
        let roots = catalog.roots().into_par_iter().enumerate();
        let mut roots: Vec<Root> = roots
            .map(|(number, resource)| Root::new(world, resource, Unknowns::new(letter, number)))
            .collect();
        let askable = askable(world, &roots);
        for _ in 0..MOST_ROUNDS {
            let required = required(world, &askable, &roots);
            let has_changed = roots
                .par_iter_mut()
                .map(|root| root.reconcile(world, &required))
                .reduce(|| false, |one, other| one | other);
            // What a pipeline asked for may hold the unknowns of others.
            let labels: Labels = roots.iter().map(|root| root.unknowns.labels()).collect();
            roots.iter_mut().for_each(|root| root.unknowns.see(&labels));
            if extent == Extent::First || catalog.is_static() || !has_changed {
                break;
            }
        }
        Simulation { roots }
    }

    /// Whether no unknown was needed.
    pub(super) fn is_known(&self) -> bool {
        self.roots.iter().all(|root| root.unknowns.is_empty())
    }
}

impl Root {
    /// Runs one claim to its end by itself; `None` where a function asks for resources, which may be other claims. Doing
    /// one after the other takes a small part of the memory, and so of the time, of doing all at once.
    pub(super) fn run_alone(
        world: World<'_>,
        resource: usize,
        unknowns: Unknowns,
        extent: Extent,
        before: Before,
    ) -> Option<Root> {
        let nothing = RequiredResources::default();
        let mut root = Root::new(world, resource, unknowns);
        root.node.before = before;
        for _ in 0..MOST_ROUNDS {
            let has_changed = root.reconcile(world, &nothing);
            if nothing.was_asked() {
                return None;
            }
            if extent == Extent::First || world.catalog.is_static() || !has_changed {
                break;
            }
        }
        Some(root)
    }

    /// Takes what another simulation need not do again.
    pub(super) fn take_before(&mut self, world: World<'_>) -> Before {
        self.node.take_before(&|composition, name| {
            let composition = world.catalog.compositions.get(composition);
            let paths = composition.and_then(|composition| composition.observed_paths.get(name));
            paths.is_some_and(|paths| !paths.is_empty())
        })
    }

    fn new(world: World<'_>, index: usize, unknowns: Unknowns) -> Root {
        let mut root =
            Root { node: Node { resource: index, ..Node::default() }, unknowns, problems: BTreeSet::new() };
        if let Some(resource) = world.catalog.resources.get(index) {
            let mut reconciler = Reconciler::new(world, &mut root.unknowns, &mut root.problems);
            reconciler.set_composite(&mut root.node, (*resource).clone());
        }
        root
    }

    fn reconcile(&mut self, world: World<'_>, required: &RequiredResources) -> bool {
        Reconciler::new(world, &mut self.unknowns, &mut self.problems).reconcile(&mut self.node, required)
    }
}

/// The resources of the environment that functions may ask for, but for those that are simulated.
fn askable(world: World<'_>, roots: &[Root]) -> Vec<Arc<Value>> {
    let simulated: BTreeSet<usize> =
        roots.iter().filter(|root| root.node.claim.is_none()).map(|root| root.node.resource).collect();
    let askable = world.catalog.askable().into_iter().filter(|index| !simulated.contains(index));
    askable
        .filter_map(|index| world.catalog.resources.get(index).map(|resource| Arc::new((*resource).clone())))
        .collect()
}

/// What functions may ask for: resources of the environment, and composites with their status. Nothing is copied before a
/// function asks.
fn required(world: World<'_>, askable: &[Arc<Value>], roots: &[Root]) -> RequiredResources {
    if world.catalog.is_static() {
        return RequiredResources::default();
    }
    let mut composites = Vec::new();
    let mut nodes: Vec<&Node> = roots.iter().map(|root| &root.node).collect();
    while let Some(node) = nodes.pop() {
        composites.push((Arc::clone(&node.composite), Arc::clone(&node.status)));
        nodes.extend(node.nested.values());
    }
    let askable = askable.to_vec();
    RequiredResources::made_when_asked(move || {
        let resources = askable.iter().map(|resource| (**resource).clone());
        resources.chain(composites.iter().map(|(composite, status)| with_status(composite, status))).collect()
    })
}
