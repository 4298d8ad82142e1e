//! Resources with the memory that a build needs, and sets of them.

pub(crate) mod annotations;
mod map;
mod metadata;
mod one;
mod parse;

pub use map::ResourceMap;
pub use one::Resource;
pub use parse::parse_resources;

pub(crate) use annotations as build_annotations;
pub(crate) use map::Lookup;
