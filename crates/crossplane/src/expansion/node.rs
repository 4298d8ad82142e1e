//! A composite resource in the course of a simulation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::catalog::text;
use crate::pipeline::{Failure, Machinery, crossing};
use crate::pipeline_memory::PipelineMemory;
use crate::pipeline_state::HeldBack;
use crate::provenance::Provenance;

/// A composite resource with what it became.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The resource of the environment that it comes from.
    pub(super) resource: usize,
    pub(super) claim: Option<Value>,
    /// Without its status.
    pub(super) composite: Arc<Value>,
    pub(super) status: Arc<Value>,
    /// A place among the catalog's Compositions.
    pub(super) composition: Option<usize>,
    pub(super) composed: BTreeMap<String, Composed>,
    pub(super) nested: BTreeMap<String, Node>,
    pub(super) held_back: Vec<HeldBack>,
    /// What held resources back when the composite was new.
    pub(super) held_back_at_first: Vec<HeldBack>,
    /// The names of what was composed when the composite was new.
    pub(super) at_first: Option<BTreeSet<String>>,
    pub(super) failure: Option<Failure>,
    pub(super) machinery: Machinery,
    /// Compositions of the composites around it, each with the spec that it was composed of.
    pub(super) lineage: Vec<(usize, Value)>,
    /// What its parent composed, where it has a parent.
    pub(super) made_as: Option<Arc<Value>>,
    /// What the pipeline ran on last.
    pub(super) ran_on: Option<RanOn>,
    pub(super) memory: PipelineMemory,
    /// What was done in an earlier simulation.
    pub(super) before: Before,
    /// The composite with its status as it crosses to functions, and the two that it was made of.
    pub(super) crossed: Option<(Arc<Value>, Arc<Value>, Arc<Value>)>,
}

/// What an earlier simulation of the same composite resource did, and need not be done again where the same is asked for.
#[derive(Debug, Default)]
pub(super) struct Before {
    pub(super) memory: Option<PipelineMemory>,
    /// Composed resources that hold no unknowns once they are there: as they were composed, and as they then are.
    pub(super) observed: BTreeMap<String, (Arc<Value>, Arc<Value>)>,
    pub(super) nested: BTreeMap<String, Before>,
}

/// What a pipeline ran on.
#[derive(Debug)]
pub(super) struct RanOn {
    pub(super) composite: Arc<Value>,
    pub(super) observed: Vec<Arc<Value>>,
    /// Whether functions looked at resources that they may ask for.
    pub(super) asked: bool,
}

/// A composed resource.
#[derive(Debug, Clone)]
pub(super) struct Composed {
    pub(super) value: Arc<Value>,
    pub(super) provenance: Arc<Provenance>,
    /// As it is once it is there, with the status of the nested composite that it is.
    pub(super) observed: Option<(Option<Arc<Value>>, Arc<Value>)>,
}

impl Composed {
    /// Whether it is the same, by the same way.
    pub(super) fn is_as(&self, other: &Composed) -> bool {
        is_same(&self.value, &other.value)
            && (Arc::ptr_eq(&self.provenance, &other.provenance) || self.provenance == other.provenance)
    }
}

impl Node {
    /// Takes what another simulation need not do again. The unknowns of this one would be wrong there.
    pub(super) fn take_before(&mut self, observed_paths: &impl Fn(usize, &str) -> bool) -> Before {
        let nested = self.nested.iter_mut();
        let nested =
            nested.map(|(name, nested)| (name.clone(), nested.take_before(observed_paths))).collect();
        let composition = self.composition;
        let observed = self.composed.iter().filter_map(|(name, composed)| {
            let is_named = !text(&composed.value, "/metadata/name").is_empty();
            let (nested, resource) = composed.observed.as_ref()?;
            let is_known = nested.is_none() && is_named && !observed_paths(composition?, name);
            is_known.then(|| (name.clone(), (Arc::clone(&composed.value), Arc::clone(resource))))
        });
        Before { observed: observed.collect(), nested, memory: Some(std::mem::take(&mut self.memory)) }
    }

    /// Forgets what only another reconciliation would need.
    pub(super) fn forget_course(&mut self) {
        (self.memory, self.before) = Default::default();
        (self.ran_on, self.crossed, self.made_as) = (None, None, None);
        self.composed.values_mut().for_each(|composed| composed.observed = None);
        self.nested.values_mut().for_each(Node::forget_course);
    }

    /// The composite with its status.
    pub(super) fn with_status(&self) -> Value {
        with_status(&self.composite, &self.status)
    }

    /// The composite with its status as it crosses to functions.
    pub(super) fn crossed(&mut self) -> Arc<Value> {
        if let Some((composite, status, crossed)) = &self.crossed
            && Arc::ptr_eq(composite, &self.composite)
            && Arc::ptr_eq(status, &self.status)
        {
            return Arc::clone(crossed);
        }
        let crossed = crossing(self.with_status());
        self.crossed = Some((Arc::clone(&self.composite), Arc::clone(&self.status), Arc::clone(&crossed)));
        crossed
    }
}

pub(super) fn with_status(composite: &Value, status: &Value) -> Value {
    let mut composite = composite.clone();
    if !status.is_null() {
        composite["status"] = status.clone();
    }
    composite
}

pub(super) fn is_same(one: &Arc<Value>, other: &Arc<Value>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
