//! Applies one patch from one object to another.
//!
//! Follows function-patch-and-transform 0.10.8 `patches.go`.

use serde_json::Value;

use super::input::{Combine, Patch};
use super::transform::resolve_all;
use crate::field_path::{MergeOptions, PathError, merge_value};
use crate::go_value::{sprintf, to_go};
use crate::number::round_trip;

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
    reads_composite(patch) || reads_environment(patch)
}

/// Whether the patch reads from the composite resource and writes to the composed resource.
pub(super) fn reads_composite(patch: &Patch) -> bool {
    matches!(patch.kind.as_str(), "FromCompositeFieldPath" | "CombineFromComposite")
}

/// Whether the patch reads from the environment and writes to the composed resource.
pub(super) fn reads_environment(patch: &Patch) -> bool {
    matches!(patch.kind.as_str(), "FromEnvironmentFieldPath" | "CombineFromEnvironment")
}

/// Reads, transforms and writes.
pub(super) fn apply(patch: &Patch, from: &Value, to: &mut Value) -> Result<(), PatchError> {
    match &patch.combine {
        Some(combine) if patch.kind.starts_with("Combine") => {
            let value = transform(patch, combined(combine, from)?)?;
            write(patch, value, to, merge_options(patch)?)
        }
        _ => {
            let value = round_trip(transform(patch, patch.source.value_in(from)?.clone())?);
            let options = merge_options(patch)?;
            if !patch.target.text().contains("[*]") {
                return write(patch, value, to, options);
            }
            let paths = patch.target.expanded_in(to)?;
            if paths.is_empty() {
                return Err(PathError::invalid(format!("cannot expand ToFieldPath {}", patch.target)));
            }
            paths.iter().try_for_each(|path| merge_value(to, &path.to_string(), value.clone(), options))
        }
    }
}

fn transform(patch: &Patch, value: Value) -> Result<Value, PatchError> {
    resolve_all(&patch.transforms, value).map_err(PathError::invalid)
}

fn write(
    patch: &Patch,
    value: Value,
    to: &mut Value,
    options: Option<MergeOptions>,
) -> Result<(), PatchError> {
    patch.target.merge_into(to, value, options).map_err(|error| error.within("cannot patch to object"))
}

fn combined(combine: &Combine, from: &Value) -> Result<Value, PatchError> {
    let values =
        combine.variables.iter().map(|path| path.value_in(from).map(to_go)).collect::<Result<Vec<_>, _>>()?;
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
