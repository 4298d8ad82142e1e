//! How much attention a field's change needs, by the tables of `data/classes.yaml`.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::change::{FieldChange, FieldChangeKind};
use crate::image;
use crate::pattern::PathPattern;

/// How much attention a change needs, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Only labels, annotations and checksums.
    MetadataOnly,
    /// Only an image or a version, and not a major one.
    Routine,
    /// Anything else.
    Other,
    /// It may lose data, open a door or stop a service.
    Risky,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Classes {
    images: Vec<PathPattern>,
    versions: Vec<PathPattern>,
    metadata: Vec<PathPattern>,
    behavior: Vec<PathPattern>,
}

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../data/classes.yaml")).expect("a test reads the table")
});

/// The class of a change by itself, risks aside.
pub(crate) fn class_of(change: &FieldChange) -> Class {
    if change.leaves().iter().all(|leaf| is_metadata(&leaf.location)) {
        return Class::MetadataOnly;
    }
    let is_update = change.kind == FieldChangeKind::Changed
        && [&change.before, &change.after]
            .into_iter()
            .all(|value| value.as_ref().and_then(Value::as_str).is_some_and(|text| is_routine(change, text)));
    if is_update { Class::Routine } else { Class::Other }
}

fn is_metadata(location: &crate::Location) -> bool {
    let any = |patterns: &[PathPattern]| patterns.iter().any(|pattern| pattern.covers(location));
    any(&CLASSES.metadata) && !any(&CLASSES.behavior)
}

fn is_routine(change: &FieldChange, text: &str) -> bool {
    let any = |patterns: &[PathPattern]| patterns.iter().any(|pattern| pattern.matches(&change.location));
    is_image_path(&change.location) || any(&CLASSES.versions) && image::major_of(text).is_some()
}

/// Whether the field names a container image, or a package that is pulled like one.
pub(crate) fn is_image_path(location: &crate::Location) -> bool {
    CLASSES.images.iter().any(|pattern| pattern.matches(location))
}

#[cfg(test)]
mod tests {
    use super::CLASSES;

    #[test]
    fn the_table_is_read() {
        assert!(!CLASSES.images.is_empty() && !CLASSES.behavior.is_empty());
    }
}
