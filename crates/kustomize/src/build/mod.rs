//! Building a kustomization: loading it with all that it refers to, and running its generators and transformers.

mod absorb;
mod builtin_transformers;
mod files;
mod loader;
mod origin;
mod plugins;
mod remote;
mod run;
mod target;
mod transformers;
mod validation;

pub use files::{Entry, Files, TreeFiles};
pub use remote::{RemoteContent, RepositoryPath};
pub use run::{Build, BuildOptions, HelmOptions, LoadRestriction, RemoteReader, Reorder, Sources, build};
