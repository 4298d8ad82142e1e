//! `patches` applied to a list of resources that no kustomization made.

use super::patches::{LoadedPatch, Patch};
use crate::error::{Error, Result};
use crate::resource::{Resource, ResourceMap, build_annotations};
use crate::schema::Schemas;

/// Resources after their patches.
#[derive(Debug, Clone)]
pub struct PatchedResources {
    /// What is left of the resources, in order.
    pub resources: Vec<Resource>,
    /// The patches, by their index, whose target no resource is. kustomize says nothing about them.
    pub unmatched: Vec<usize>,
}

/// A patch that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchProblem {
    /// The index of the patch.
    pub patch: usize,
    /// What is wrong with it.
    pub error: Error,
}

/// Applies entries of `patches` in order, as a kustomization over these resources would.
///
/// Files are read by `read`. All patches that fail are reported; what they left is not given out.
///
/// ```
/// use plimsoll_kustomize::{Patch, Selector, apply_patches, parse_resources};
///
/// let resources = parse_resources("apiVersion: v1\nkind: Service\nmetadata: {name: web}\n")?;
/// let patch = Patch {
///     patch: "[{\"op\": \"add\", \"path\": \"/spec\", \"value\": {\"type\": \"NodePort\"}}]".to_owned(),
///     target: Some(Selector { kind: "Service".to_owned(), ..Selector::default() }),
///     ..Patch::default()
/// };
/// let patched = apply_patches(resources, &[patch], |_| unreachable!("the patch is inline")).unwrap();
/// assert_eq!(
///     patched.resources[0].to_yaml()?,
///     "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n"
/// );
/// # Ok::<(), plimsoll_kustomize::Error>(())
/// ```
///
/// # Errors
/// The patches that cannot be read, are none, name no resource, or do not apply; resources of one id count for the first.
pub fn apply_patches(
    resources: Vec<Resource>,
    patches: &[Patch],
    mut read: impl FnMut(&str) -> Result<String>,
) -> std::result::Result<PatchedResources, Vec<PatchProblem>> {
    let schemas = Schemas::new();
    let mut problems = Vec::new();
    let mut unmatched = Vec::new();
    let mut resources =
        ResourceMap::of(resources, &schemas).map_err(|error| vec![PatchProblem { patch: 0, error }])?;
    for (index, patch) in patches.iter().enumerate() {
        let applied =
            LoadedPatch::load(patch, "", &mut read).and_then(|loaded| loaded.apply(&mut resources, &schemas));
        match applied {
            Ok(0) => unmatched.push(index),
            Ok(_) => {}
            Err(error) => problems.push(PatchProblem { patch: index, error }),
        }
        resources.drop_empty();
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut resources = resources.into_resources();
    for resource in &mut resources {
        resource
            .remove_annotations(build_annotations::BUILD)
            .map_err(|error| vec![PatchProblem { patch: 0, error }])?;
    }
    Ok(PatchedResources { resources, unmatched })
}
