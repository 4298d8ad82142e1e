//! Kubernetes resources as values: identity, sets, file trees and schema facts.
//!
//! Knows what a resource is and what is fixed about its kind (scope, merge keys). It deliberately does no IO and renders
//! nothing.

mod file_tree;
mod resource;
mod resource_id;
mod scope;

pub use file_tree::{FileTree, LeavesTree, normalize_path};
pub use resource::{NotAResource, Origin, Resource, identify};
pub use resource_id::{ResourceId, split_api_version};
pub use scope::{Scope, Scopes};
