//! Base64 and Base32 as Go's decoders read them, with their error texts.
//!
//! Go skips line ends anywhere, accepts a last character whose spare bits are set, and reports the offset of the
//! first byte at fault; general libraries differ in each of these.

pub(crate) mod base32;
mod base64;

pub use base64::decode as base64_decode;

/// Input that is not in the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("illegal {name} data at input byte {offset}")]
pub struct CorruptInput {
    pub(crate) name: &'static str,
    pub(crate) offset: usize,
}
