//! Kubernetes resources as values: identity, sets, file trees and schema facts.
//!
//! Knows what a resource is and what is fixed about its kind (scope, merge keys). It deliberately does no IO and renders
//! nothing.

mod file_tree;

pub use file_tree::{FileTree, LeavesTree, normalize_path};
