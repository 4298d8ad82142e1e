//! Validation: what `plimsoll crossplane validate` prints and where its manifests come from, and what is known of kinds whose
//! definitions nobody has at hand.

pub mod document;
pub mod kinds;
pub mod sources;
pub mod text;
