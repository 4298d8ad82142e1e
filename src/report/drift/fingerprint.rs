//! The fingerprint of a finding: the same as long as the finding is the same, so that a program can tell new from known.
//!
//! It is made of the resource, its state, and of each field its path, how it differs and the values that are shown. Lines,
//! times, writers and causes are left out: they may change while the finding stays.

use serde_json::json;

use super::model::{Resource, State};
use crate::render::digest::sha256;

/// How many hexadecimal digits a fingerprint has.
const LENGTH: usize = 32;

/// The fingerprint of a resource's finding; none where it is in sync.
#[must_use]
pub fn fingerprint(resource: &Resource) -> Option<String> {
    if resource.state == State::InSync {
        return None;
    }
    let fields: Vec<_> = resource
        .fields
        .iter()
        .map(|field| json!([field.path, field.change, field.desired, field.live]))
        .collect();
    let told = json!([resource.id, resource.state, fields]);
    let mut digest = sha256(told.to_string().as_bytes());
    digest.truncate(LENGTH);
    Some(digest)
}
