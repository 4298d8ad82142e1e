//! SOPS ciphertext: a resource whose values are encrypted in place, sealed by a message authentication code.

use plimsoll_yaml::Node;

/// Whether the document carries the seal of SOPS. Which values are encrypted is a matter of each value.
pub fn is_sealed(resource: &Node) -> bool {
    resource.at(&["sops", "mac"]).and_then(Node::as_str).is_some_and(is_ciphertext)
}

/// Whether a value is ciphertext of SOPS.
pub(super) fn is_ciphertext(value: &str) -> bool {
    value.starts_with("ENC[") && value.ends_with(']')
}
