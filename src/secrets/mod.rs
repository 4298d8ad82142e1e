//! Secrets: what must never be written into the repository, and must never be shown.
//!
//! [`policy`] decides what of the rendered resources is a plaintext secret, by kind and by the [`detectors`]; [`sops`] knows
//! ciphertext; [`mask`] keeps lines that may hold a secret out of diagnostics. Nothing here keeps or returns a value.

pub mod detectors;
pub mod mask;
pub mod policy;
mod shown;
mod sops;

pub use policy::{Permission, UsedPermission, check};
pub use shown::must_be_hidden;
pub use sops::is_sealed;
