//! TOML as Helm writes and reads it.
//!
//! The writer gives the bytes of upstream's encoder: keys sorted, tables behind plain values and indented by two spaces,
//! nil left out. The reader takes TOML 1.0 and gives the errors of upstream's decoder for what charts get wrong.
//!
//! Upstream: BurntSushi/toml v1.6.0.

mod decode;
mod encode;
mod lines;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
