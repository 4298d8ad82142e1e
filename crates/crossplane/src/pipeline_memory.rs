//! What a pipeline gave when it ran before on the same composite resource, so that only what is new is done again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::composed_metadata::Owner;
use crate::json_pointer::follow;
use crate::patch_and_transform::TemplateMemory;

/// What was done before. It belongs to one composite resource and one pipeline.
#[derive(Debug, Default)]
pub struct PipelineMemory {
    /// The composite resource when the pipeline ran last, and whether composed resources say that it owns them.
    composite: Arc<Value>,
    owner: Owner,
    /// By the places of the steps.
    templates: BTreeMap<usize, TemplateMemory>,
    /// By the names of the templates.
    composed: BTreeMap<String, ComposedMemory>,
}

/// What a resource was composed to.
#[derive(Debug, Default)]
struct ComposedMemory {
    when_new: Option<ComposedBefore>,
    /// The resource that was observed, and what came of it.
    when_there: Option<(Arc<Value>, ComposedBefore)>,
}

#[derive(Debug)]
struct ComposedBefore {
    desired: Arc<Value>,
    composed: Arc<Value>,
}

/// What of a composite resource its composed resources are named and labelled by, and owned by.
const IDENTITY: [&str; 6] =
    ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace", "/metadata/labels", "/spec/claimRef"];
const UID: &str = "/metadata/uid";

impl PipelineMemory {
    /// Begins a run. What was composed of the resource under another identity is forgotten.
    pub(crate) fn begin(&mut self, composite: &Arc<Value>, owner: Owner) {
        let is_same_part = |part: &str| follow(&self.composite, part) == follow(composite, part);
        let is_same = self.owner == owner
            && (Arc::ptr_eq(&self.composite, composite)
                || (IDENTITY.iter().all(|part| is_same_part(part))
                    && (owner == Owner::LeftOut || is_same_part(UID))));
        if !is_same {
            self.composed.clear();
        }
        self.composite = Arc::clone(composite);
        self.owner = owner;
    }

    /// What the templates of a step rendered to.
    pub(crate) fn templates_of(&mut self, step: usize) -> &mut TemplateMemory {
        self.templates.entry(step).or_default()
    }

    /// What a resource was composed to, where the same was desired and observed.
    pub(crate) fn composed(
        &self,
        name: &str,
        desired: &Arc<Value>,
        observed: Option<&Arc<Value>>,
    ) -> Option<&Arc<Value>> {
        let memory = self.composed.get(name)?;
        let before = match observed {
            None => memory.when_new.as_ref(),
            Some(now) => {
                let of_the_same = memory.when_there.as_ref().filter(|(before, _)| is_same(before, now));
                of_the_same.map(|(_, before)| before)
            }
        };
        before.filter(|before| is_same(&before.desired, desired)).map(|before| &before.composed)
    }

    pub(crate) fn remember_composed(
        &mut self,
        name: &str,
        desired: &Arc<Value>,
        observed: Option<&Arc<Value>>,
        composed: &Arc<Value>,
    ) {
        let before = ComposedBefore { desired: Arc::clone(desired), composed: Arc::clone(composed) };
        let memory = self.composed.entry(name.to_owned()).or_default();
        match observed {
            None => memory.when_new = Some(before),
            Some(observed) => memory.when_there = Some((Arc::clone(observed), before)),
        }
    }
}

fn is_same(one: &Arc<Value>, other: &Arc<Value>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}
