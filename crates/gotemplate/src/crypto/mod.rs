//! Private keys and X.509 certificates, laid out as Go's `crypto/x509` lays them out.
//!
//! All randomness and the time come from the caller. Keys are RSA, ECDSA on P-256 and P-384, Ed25519 and, for private
//! keys only, DSA. Not here: encrypted keys, other curves, and any checking of certificates beyond their structure.
//!
//! Upstream: `crypto/x509` of Go 1.26 as sprig 3.3.0 uses it.

mod certificate;
mod der;
mod key;
mod pem;
mod randomness;
mod set_aside;

pub(crate) use certificate::{Certificate, Issuer, Request};
pub(crate) use key::{KeyKind, PrivateKey};
pub(crate) use pem::decode as decode_pem;
pub(crate) use set_aside::SetAside;
