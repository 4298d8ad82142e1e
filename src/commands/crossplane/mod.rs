//! `plimsoll crossplane`: drop-ins for commands of Crossplane's own program.

pub mod flags;
pub mod render;
pub mod validate;
