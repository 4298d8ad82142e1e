//! What `kustomize build` 5.8.1 does, as a function from files to resources.
//!
//! Patches, generators, transformers and name references give the same bytes as the original. Nothing is executed and nothing
//! is read but what the caller passes in: no plugin, no container, no network. Charts and remote bases come from functions
//! of the caller's.

mod build;
mod config;
mod decode;
mod error;
#[cfg(test)]
mod filter_conformance;
mod generate;
mod go;
mod identity;
mod kustomization;
mod merge;
mod patch;
mod resource;
mod schema;
mod select;
mod transform;
mod tree;

pub use build::{
    Build, BuildOptions, Entry, Files, HelmOptions, LoadRestriction, RemoteContent, RemoteReader, Reorder,
    RepositoryPath, Sources, TreeFiles, build,
};
pub use error::{Error, Place, Result};
pub use generate::{ChartEngine, ChartRequest};
pub use identity::{Gvk, ResourceId};
pub use merge::{ListIncrease, MergeOptions, merge_three_way, merge_two_way};
pub use patch::{JsonPatch, Patch, PatchOptions, PatchProblem, PatchedResources, apply_patches};
pub use resource::{Resource, ResourceMap, parse_resources, parse_with_source};
pub use schema::{SchemaRef, Schemas};
pub use select::Selector;
pub use transform::hash_of;

/// The first document of a YAML text in kustomize's dialect.
pub fn parse_tree(text: &str) -> Result<plimsoll_yaml::Node> {
    tree::text::parse_one(text)
}

/// A tree as kustomize's libraries print it.
#[must_use]
pub fn print_tree(node: &plimsoll_yaml::Node) -> String {
    tree::text::print(node)
}
