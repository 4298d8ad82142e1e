//! Choosing resources: by type, name and namespace, by labels and by annotations.

mod label_selector;
mod selector;

pub(crate) use label_selector::LabelSelector;
pub use selector::Selector;
pub(crate) use selector::{CompiledSelector, compile};
