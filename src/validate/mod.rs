//! What `plimsoll crossplane validate` prints, and where its manifests come from.

pub mod document;
pub mod sources;
pub mod text;
