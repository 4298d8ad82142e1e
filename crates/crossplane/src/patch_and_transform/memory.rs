//! What templates rendered to when they ran before on the same composite resource.
//!
//! A composite resource is reconciled again and again, and each time little of what its templates read is new. A template that
//! reads nothing new renders to what it rendered to before.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::patch::reads_composite;
use super::template::ResolvedTemplate;
use crate::pipeline_state::{DesiredResource, HeldBack};
use crate::provenance::Provenance;

/// What the templates of a step rendered to, by their places.
#[derive(Debug, Default)]
pub(crate) struct TemplateMemory(Vec<Remembered>);

/// What a template last rendered to while its resource was new, and what it last did once it was there.
#[derive(Debug, Default)]
struct Remembered {
    when_new: Option<Box<Rendered>>,
    when_there: Option<Box<Rendered>>,
}

/// What a template rendered to, and of what.
#[derive(Debug, Clone)]
pub(super) struct Rendered {
    pub(super) composite: Arc<Value>,
    /// What was observed; `None` until the resource exists.
    pub(super) observed: Option<Arc<Value>>,
    pub(super) resource: Option<DesiredResource>,
    pub(super) provenance: Arc<Provenance>,
    pub(super) connection: BTreeMap<String, Vec<u8>>,
    pub(super) held_back: Option<HeldBack>,
}

impl TemplateMemory {
    /// What the template renders to, where it was rendered of the same before.
    pub(super) fn recall(
        &mut self,
        index: usize,
        template: &ResolvedTemplate,
        composite: &Arc<Value>,
        observed: Option<&Arc<Value>>,
    ) -> Option<&Rendered> {
        let remembered = self.0.get_mut(index)?;
        let remembered =
            if observed.is_some() { &mut remembered.when_there } else { &mut remembered.when_new };
        let rendered = remembered.as_deref_mut()?;
        let is_same_resource = match (&rendered.observed, observed) {
            (Some(before), Some(now)) => Arc::ptr_eq(before, now),
            (before, now) => before.is_none() && now.is_none(),
        };
        if !is_same_resource {
            return None;
        }
        if !Arc::ptr_eq(&rendered.composite, composite) {
            let mut read = template
                .patches
                .iter()
                .filter(|patch| reads_composite(patch))
                .flat_map(|patch| patch.reads());
            if !read.all(|path| path.value_in(&rendered.composite) == path.value_in(composite)) {
                return None;
            }
            // What is read now is what was read then, so the next comparison may begin here.
            rendered.composite = Arc::clone(composite);
        }
        Some(rendered)
    }

    pub(super) fn remember(&mut self, index: usize, template: &ResolvedTemplate, rendered: &Rendered) {
        if !template.is_repeatable {
            return;
        }
        if self.0.len() <= index {
            self.0.resize_with(index + 1, Remembered::default);
        }
        if let Some(place) = self.0.get_mut(index) {
            let place = if rendered.observed.is_some() { &mut place.when_there } else { &mut place.when_new };
            *place = Some(Box::new(rendered.clone()));
        }
    }
}
