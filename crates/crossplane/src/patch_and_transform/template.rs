//! Templates as they run: with the patches of their patch sets in place, and with what is told of each patch that wrote.

use std::sync::Arc;

use super::input::{ComposedTemplate, Patch, PatchSet, Resources};
use super::patch::{reads_environment, writes_composed_resource};
use crate::provenance::{Write, WriteSource};

/// A template with the patches of its patch sets in place.
#[derive(Debug)]
pub(super) struct ResolvedTemplate {
    template: ComposedTemplate,
    /// Points to the base in the Composition.
    pub(super) base_pointer: String,
    /// What each patch writes to the composed resource; nothing where it reads from it.
    pub(super) writes: Vec<Option<Arc<Write>>>,
    /// Points to each patch in the Composition.
    pub(super) pointers: Vec<String>,
    /// Whether what it renders to depends on nothing but its sources in the composite resource and the observed resource.
    pub(super) is_repeatable: bool,
}

impl std::ops::Deref for ResolvedTemplate {
    type Target = ComposedTemplate;

    fn deref(&self) -> &ComposedTemplate {
        &self.template
    }
}

/// The templates with the patches of their patch sets in place. The pointer leads to the input in the Composition.
pub(super) fn with_patch_sets(input: &Resources, pointer: &str) -> Result<Vec<ResolvedTemplate>, String> {
    if input.patch_sets.iter().flat_map(|set| &set.patches).any(|patch| patch.kind == "PatchSet") {
        return Err("a patch in a PatchSet cannot be of type PatchSet".to_owned());
    }
    let templates = input.resources.iter().enumerate();
    templates.map(|(index, template)| resolved(template, &input.patch_sets, pointer, index)).collect()
}

fn resolved(
    template: &ComposedTemplate,
    sets: &[PatchSet],
    input: &str,
    index: usize,
) -> Result<ResolvedTemplate, String> {
    let mut patches = Vec::new();
    let mut pointers = Vec::new();
    for (own, patch) in template.patches.iter().enumerate() {
        if patch.kind != "PatchSet" {
            patches.push(patch.clone());
            pointers.push(format!("{input}/resources/{index}/patches/{own}"));
            continue;
        }
        let name = patch.patch_set_name.as_deref().unwrap_or_default();
        // Of several sets with one name the last counts, as in the map of the original.
        let index = sets.iter().rposition(|set| set.name == name);
        let set = index.and_then(|index| Some((index, sets.get(index)?)));
        let (index, set) = set.ok_or_else(|| format!("cannot find PatchSet by name {name}"))?;
        pointers.extend((0..set.patches.len()).map(|own| format!("{input}/patchSets/{index}/patches/{own}")));
        patches.extend(set.patches.iter().cloned());
    }
    let writes = patches.iter().zip(&pointers).map(|(patch, pointer)| write_of(patch, pointer)).collect();
    let is_repeatable = template.base.is_some() && !patches.iter().any(reads_environment);
    Ok(ResolvedTemplate {
        template: ComposedTemplate { patches, ..template.clone() },
        base_pointer: format!("{input}/resources/{index}/base"),
        writes,
        pointers,
        is_repeatable,
    })
}

fn write_of(patch: &Patch, pointer: &str) -> Option<Arc<Write>> {
    if !writes_composed_resource(patch) {
        return None;
    }
    let source = if reads_environment(patch) { WriteSource::Environment } else { WriteSource::Composite };
    Some(Arc::new(Write {
        target: patch.target.parsed().cloned(),
        reads: patch.reads().iter().map(|path| path.text().to_owned()).collect(),
        source,
        is_copy: patch.transforms.is_empty() && patch.combine.is_none(),
        pointer: pointer.to_owned(),
    }))
}
