//! A finding, as a short text that stays while the finding is the same.
//!
//! It is made of the resource, its state and the paths and kinds of its changes: not of values, so that it says nothing of a
//! secret and a value that keeps moving stays one finding.

use sha2::{Digest, Sha256};

use crate::finding::Finding;

/// The fingerprint of a finding on a resource, whose identity is given as any text that names it alone.
#[must_use]
pub fn fingerprint(identity: &str, finding: &Finding) -> String {
    let mut digest = Sha256::new();
    let mut part = |text: &str| {
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    };
    part(identity);
    part(&finding.state.to_string());
    for field in &finding.fields {
        part(&field.path);
        part(&field.change.to_string());
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
