//! Patches: strategic merge, JSON 6902, and kustomize's `patches` entries that may be either.

mod apply;
mod json_patch;
mod patches;

pub use apply::{PatchProblem, PatchedResources, apply_patches};
pub use json_patch::JsonPatch;
pub use patches::{Patch, PatchOptions};

pub(crate) use patches::{LoadedPatch, apply_json_patch, apply_strategic_merge};
