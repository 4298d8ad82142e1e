//! Container images and version numbers, as far as a diff needs to read them.

use serde_json::Value;

use crate::change::{FieldChange, Location};
use crate::class::is_image_path;

/// Numbers from here on are years and dates: calendar versions have no major version to break.
const LEAST_DATE: u64 = 1000;

/// An image that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageChange {
    /// The field.
    pub location: Location,
    /// The older image.
    pub before: Option<String>,
    /// The newer image.
    pub after: Option<String>,
}

/// The images among the fields that change.
#[must_use]
pub fn images(fields: &[FieldChange]) -> Vec<ImageChange> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    fields
        .iter()
        .flat_map(FieldChange::leaves)
        .filter(|leaf| is_image_path(&leaf.location))
        .map(|leaf| ImageChange {
            before: text(leaf.before),
            after: text(leaf.after),
            location: leaf.location,
        })
        .filter(|change| change.before.is_some() || change.after.is_some())
        .collect()
}

/// The major version in a version number or in an image's tag.
pub(crate) fn major_of(text: &str) -> Option<u64> {
    let text = text.split('@').next().unwrap_or(text);
    let version = match text.rsplit_once(':') {
        Some((_, tag)) if !tag.contains('/') => tag,
        _ if text.contains('/') => return None,
        _ => text,
    };
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let digits = version.split(|character: char| !character.is_ascii_digit()).next()?;
    let rest = version.get(digits.len()..).unwrap_or_default();
    if !(rest.is_empty() || rest.starts_with(['.', '-', '+'])) {
        return None;
    }
    digits.parse().ok().filter(|major| *major < LEAST_DATE)
}

/// Whether both are versions, and of different major versions.
pub(crate) fn changes_major(before: &Value, after: &Value) -> bool {
    let major = |value: &Value| match value {
        Value::String(text) => major_of(text),
        Value::Number(number) => number.as_f64().and_then(|_| major_of(&number.to_string())),
        _ => None,
    };
    major(before).zip(major(after)).is_some_and(|(before, after)| before != after)
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn majors_are_read_from_versions_and_tags() {
        for (text, major) in [
            ("15.4", Some(15)),
            ("v1.2.3", Some(1)),
            ("registry.example.com:5000/web:2.0.1-alpine", Some(2)),
            ("postgres:16", Some(16)),
            ("nginx@sha256:0123", None),
            ("nginx:1.27@sha256:0123", Some(1)),
            ("registry.example.com:5000/web", None),
            ("web:latest", None),
            ("web:20240101", None),
            ("web:2024.1", None),
            ("web:3f2a91c", None),
        ] {
            assert_eq!(major_of(text), major, "{text}");
        }
    }
}
