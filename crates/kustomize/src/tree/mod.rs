//! Reading and changing [`plimsoll_yaml::Node`] trees the way kyaml v0.21.1 does.
//!
//! The rules that show in the output: what counts as missing, that a field which is overwritten keeps its quotes, and that
//! a scalar written by a program has no type until it is printed. It deliberately knows nothing of resources.

pub(crate) mod elements;
pub(crate) mod fields;
pub(crate) mod json;
pub(crate) mod path_matcher;
pub(crate) mod paths;
pub(crate) mod scalar;
pub(crate) mod shared;
pub(crate) mod text;
pub(crate) mod yaml_node;
