//! What is known of types: which lists a strategic merge joins by which keys, and which kinds have no namespace.
//!
//! The built-in facts are those of Kubernetes v1.21.2, the only version that kustomize 5.8.1 embeds, as the data files
//! `merge_keys.tsv` and `kinds.tsv`. A schema of `openapi.path` takes their place, but for the scope of built-in kinds,
//! which kustomize never forgets.

mod builtin;
mod comment;
mod custom;
mod document;
mod selection;

pub(crate) use builtin::rows;
pub(crate) use comment::{field_schema, schema_at};
pub use document::SchemaRef;
pub use selection::Schemas;
