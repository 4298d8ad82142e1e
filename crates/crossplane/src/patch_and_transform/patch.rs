//! Applies one patch from one object to another.
//!
//! Follows function-patch-and-transform 0.10.8 `patches.go`.

use serde_json::Value;

use super::input::{Combine, ComposedTemplate, Patch, PatchSet, Resources};
use super::transform::resolve_all;
use crate::field_path::{MergeOptions, PathError, expand_wildcards, merge_value, value_at};
use crate::go_value::{sprintf, to_go};
use crate::number::round_trip;
use crate::provenance::{Write, WriteSource};

/// Why a patch could not be applied: a [`PathError`] that is "not found" may be forgiven by the patch's policy.
pub(super) type PatchError = PathError;

/// What patches read from and write to.
pub(super) struct Objects<'a> {
    pub(super) observed_composite: &'a Value,
    pub(super) desired_composite: &'a mut Value,
    pub(super) environment: &'a mut Value,
}

/// The composed resource that patches of a template read from and write to.
pub(super) struct ComposedObjects<'a> {
    /// `None` until the resource exists.
    pub(super) observed: Option<&'a Value>,
    pub(super) desired: &'a mut Value,
}

/// Applies a patch of the environment.
pub(super) fn apply_environment_patch(patch: &Patch, objects: &mut Objects<'_>) -> Result<(), PatchError> {
    match patch.kind.as_str() {
        "FromCompositeFieldPath" | "ToEnvironmentFieldPath" | "CombineFromComposite" => {
            apply(patch, objects.observed_composite, objects.environment)
        }
        "ToCompositeFieldPath" | "FromEnvironmentFieldPath" | "CombineToComposite" => {
            apply(patch, objects.environment, objects.desired_composite)
        }
        _ => Ok(()),
    }
}

/// Applies a patch of a composed resource. What is read from a resource that does not exist yet is left for later.
pub(super) fn apply_composed_patch(
    patch: &Patch,
    composed: &mut ComposedObjects<'_>,
    objects: &mut Objects<'_>,
) -> Result<(), PatchError> {
    match (patch.kind.as_str(), composed.observed) {
        ("ToCompositeFieldPath" | "CombineToComposite", Some(observed)) => {
            apply(patch, observed, objects.desired_composite)
        }
        ("ToEnvironmentFieldPath" | "CombineToEnvironment", Some(observed)) => {
            apply(patch, observed, objects.environment)
        }
        ("FromCompositeFieldPath" | "CombineFromComposite", _) => {
            apply(patch, objects.observed_composite, composed.desired)
        }
        ("FromEnvironmentFieldPath" | "CombineFromEnvironment", _) => {
            apply(patch, objects.environment, composed.desired)
        }
        _ => Ok(()),
    }
}

/// Whether the patch writes to the composed resource, and does not read from it.
pub(super) fn writes_composed_resource(patch: &Patch) -> bool {
    matches!(
        patch.kind.as_str(),
        "FromCompositeFieldPath"
            | "CombineFromComposite"
            | "FromEnvironmentFieldPath"
            | "CombineFromEnvironment"
    )
}

/// Reads, transforms and writes.
pub(super) fn apply(patch: &Patch, from: &Value, to: &mut Value) -> Result<(), PatchError> {
    match &patch.combine {
        Some(combine) if patch.kind.starts_with("Combine") => {
            let value = transform(patch, combined(combine, from)?)?;
            write(patch.target(), value, to, merge_options(patch)?)
        }
        _ => {
            let value = round_trip(transform(patch, value_at(from, patch.source())?.clone())?);
            let options = merge_options(patch)?;
            if !patch.target().contains("[*]") {
                return write(patch.target(), value, to, options);
            }
            let paths = expand_wildcards(to, patch.target())?;
            if paths.is_empty() {
                return Err(PathError::invalid(format!("cannot expand ToFieldPath {}", patch.target())));
            }
            paths.iter().try_for_each(|path| merge_value(to, &path.to_string(), value.clone(), options))
        }
    }
}

fn transform(patch: &Patch, value: Value) -> Result<Value, PatchError> {
    resolve_all(&patch.transforms, value).map_err(PathError::invalid)
}

fn write(path: &str, value: Value, to: &mut Value, options: Option<MergeOptions>) -> Result<(), PatchError> {
    merge_value(to, path, value, options).map_err(|error| error.within("cannot patch to object"))
}

fn combined(combine: &Combine, from: &Value) -> Result<Value, PatchError> {
    let values = combine
        .variables
        .iter()
        .map(|path| value_at(from, path).map(to_go))
        .collect::<Result<Vec<_>, _>>()?;
    match (combine.strategy.as_str(), &combine.string) {
        ("string", Some(string)) => {
            Ok(Value::String(sprintf(&string.format, &values).map_err(PathError::invalid)?))
        }
        ("string", None) => {
            Err(PathError::invalid("given combine strategy string requires configuration".to_owned()))
        }
        (unknown, _) => Err(PathError::invalid(format!("combine strategy {unknown} is not supported"))),
    }
}

fn merge_options(patch: &Patch) -> Result<Option<MergeOptions>, PatchError> {
    match patch.target_policy() {
        "Replace" => Ok(None),
        "MergeObjects" | "MergeObject" => Ok(Some(MergeOptions::KeepValues)),
        "MergeObjectsAppendArrays" => Ok(Some(MergeOptions::KeepValuesAppendArrays)),
        "ForceMergeObjects" => Ok(Some(MergeOptions::Overwrite)),
        "ForceMergeObjectsAppendArrays" | "AppendArray" => Ok(Some(MergeOptions::OverwriteAppendArrays)),
        unknown => Err(PathError::invalid(format!("invalid patch policy {unknown}"))),
    }
}

/// A template with the patches of its patch sets in place.
pub(super) struct ResolvedTemplate {
    template: ComposedTemplate,
    /// Where each patch stands: its own place, or its patch set's and its place in that.
    places: Vec<PatchPlace>,
}

#[derive(Clone, Copy)]
enum PatchPlace {
    Own(usize),
    InSet(usize, usize),
}

impl std::ops::Deref for ResolvedTemplate {
    type Target = ComposedTemplate;

    fn deref(&self) -> &ComposedTemplate {
        &self.template
    }
}

impl ResolvedTemplate {
    /// Points to a patch in the Composition, given where the template and the input stand.
    pub(super) fn patch_pointer(&self, index: usize, template: &str, input: &str) -> String {
        match self.places.get(index) {
            Some(PatchPlace::Own(own)) => format!("{template}/patches/{own}"),
            Some(PatchPlace::InSet(set, own)) => format!("{input}/patchSets/{set}/patches/{own}"),
            None => template.to_owned(),
        }
    }
}

/// What a patch writes to its composed resource, but for where the patch stands.
pub(super) struct WriteOf {
    write: Write,
}

impl WriteOf {
    pub(super) fn at(self, pointer: String) -> Write {
        Write { pointer, ..self.write }
    }
}

/// What a patch writes to its composed resource; nothing where it reads from it.
pub(super) fn write_of(patch: &Patch) -> Option<WriteOf> {
    let source = match patch.kind.as_str() {
        "FromCompositeFieldPath" | "CombineFromComposite" => WriteSource::Composite,
        "FromEnvironmentFieldPath" | "CombineFromEnvironment" => WriteSource::Environment,
        _ => return None,
    };
    let is_copy = patch.transforms.is_empty() && patch.combine.is_none();
    let (target, reads) = (patch.target().to_owned(), patch.reads());
    Some(WriteOf { write: Write { target, reads, source, is_copy, pointer: String::new() } })
}

/// The templates with the patches of their patch sets in place.
pub(super) fn with_patch_sets(input: &Resources) -> Result<Vec<ResolvedTemplate>, String> {
    if input.patch_sets.iter().flat_map(|set| &set.patches).any(|patch| patch.kind == "PatchSet") {
        return Err("a patch in a PatchSet cannot be of type PatchSet".to_owned());
    }
    input.resources.iter().map(|template| resolved(template, &input.patch_sets)).collect()
}

fn resolved(template: &ComposedTemplate, sets: &[PatchSet]) -> Result<ResolvedTemplate, String> {
    let mut patches = Vec::new();
    let mut places = Vec::new();
    for (own, patch) in template.patches.iter().enumerate() {
        if patch.kind != "PatchSet" {
            patches.push(patch.clone());
            places.push(PatchPlace::Own(own));
            continue;
        }
        let name = patch.patch_set_name.as_deref().unwrap_or_default();
        // Of several sets with one name the last counts, as in the map of the original.
        let index = sets.iter().rposition(|set| set.name == name);
        let set = index.and_then(|index| Some((index, sets.get(index)?)));
        let (index, set) = set.ok_or_else(|| format!("cannot find PatchSet by name {name}"))?;
        places.extend((0..set.patches.len()).map(|own| PatchPlace::InSet(index, own)));
        patches.extend(set.patches.iter().cloned());
    }
    Ok(ResolvedTemplate { template: ComposedTemplate { patches, ..template.clone() }, places })
}
