//! Versions of charts and of Kubernetes held against ranges, by Masterminds' rules.

use plimsoll_gotemplate::semver::{Constraints, Version};

/// Whether a text is a version, also a short one such as `1.2`.
pub(crate) fn is_version(text: &str) -> bool {
    Version::parse(text).is_ok()
}

/// Whether a version lies in a range; what cannot be parsed never does.
pub(crate) fn is_in_range(range: &str, version: &str) -> bool {
    match (Constraints::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.check(&version),
        _ => false,
    }
}
