//! Merging one tree into another, two-way (a strategic merge patch) and three-way.
//!
//! Follows kyaml v0.21.1 (`yaml/walk`, `yaml/merge2`, `yaml/merge3`), including what its pointers make visible: where a
//! patch adds a new mapping or list, the added part is walked as if it were merged into itself, which is what takes
//! directives and nulls out of it.

mod associative;
mod directive;
mod three_way;
mod two_way;

pub use three_way::merge_three_way;
pub use two_way::{ListIncrease, MergeOptions, merge_two_way};
