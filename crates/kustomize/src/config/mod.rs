//! Where transformers look: field specifications, built in, from `configurations` and from annotated CRDs.

mod crds;
mod field_spec;
mod transformer_config;

pub(crate) use crds::config_from_crds;
pub(crate) use field_spec::{FieldSpec, default_kind_order, kind_rank, merge_all, merge_one, sort_text};
pub(crate) use transformer_config::{BackReference, TransformerConfig, read_gvk, read_specs};
