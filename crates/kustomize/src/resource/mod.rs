//! Resources with the memory that a build needs, and sets of them.

pub(crate) mod annotations;
mod map;
mod metadata;
mod one;
mod parse;

pub use map::ResourceMap;
pub(crate) use map::comparable;
pub(crate) use metadata::{set_quoted, string_node};
pub use one::Resource;
pub(crate) use one::raw_id;
#[cfg(test)]
pub(crate) use parse::read_resources;
pub use parse::{parse_resources, parse_with_source};

pub(crate) use annotations as build_annotations;
