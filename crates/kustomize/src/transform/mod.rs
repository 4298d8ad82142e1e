//! The built-in transformers: each changes a set of resources by its settings.

mod annotations;
mod field_filter;
mod hash;
mod image;
mod labels;
mod name_affix;
mod name_reference;
mod namespace;
mod replacement;
mod replicas;
mod sort_order;
mod value_add;
mod variables;

pub(crate) use annotations::add_annotations;
pub(crate) use hash::add_hash_suffixes;
pub use hash::hash_of;
pub(crate) use image::{Image, set_images};
pub(crate) use labels::add_labels;
pub(crate) use name_affix::{Affix, add_affix};
pub(crate) use name_reference::fix_name_references;
pub(crate) use namespace::{NamespaceTransform, RoleBindingSubjects, set_namespace};
pub(crate) use replacement::{
    FieldOptions, Replacement, ReplacementSource, ReplacementTarget, apply_replacement,
};
pub(crate) use replicas::{Replica, set_replicas};
pub(crate) use sort_order::{SortOptions, sort_resources};
pub(crate) use value_add::{ValueTarget, add_value};
pub(crate) use variables::{Variable, VariableSet, list_variables, resolve_variables};
#[cfg(test)]
pub(crate) use {field_filter::visit_fields, image::ImageSetter, name_affix::add_affix_at};
