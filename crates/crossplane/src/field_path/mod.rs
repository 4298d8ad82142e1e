//! Crossplane's field paths: reads, writes, expands and merges by a path such as `spec.items[0].name`.
//!
//! The rules and the error texts are those of crossplane-runtime v2.2.1, `pkg/fieldpath`. They differ from
//! [`plimsoll_yaml::FieldPath`], the notation of our own reports, in quoting, in wildcards and in what is an error; the two are
//! deliberately not shared.

mod expand;
mod merge;
mod parse;
mod parsed;
mod read;
mod write;

use std::fmt;

pub use expand::expand_wildcards;
pub(crate) use merge::go_type;
pub use merge::{MergeOptions, merge_value};
pub use parse::{Segment, Segments};
pub(crate) use parsed::ParsedPath;
pub use read::{bool_at, integer_at, string_at, value_at};
pub use write::{delete_field, set_value};

/// Why a path could not be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    message: String,
    kind: PathErrorKind,
}

/// Whether the thing was absent, which optional patches forgive, or the path itself was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathErrorKind {
    /// The field, the element or a parent of it does not exist.
    NotFound,
    /// The path cannot be parsed, or does not fit the value.
    Invalid,
}

impl PathError {
    pub(crate) fn not_found(message: String) -> PathError {
        PathError { message, kind: PathErrorKind::NotFound }
    }

    pub(crate) fn invalid(message: String) -> PathError {
        PathError { message, kind: PathErrorKind::Invalid }
    }

    /// Whether the thing was absent.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == PathErrorKind::NotFound
    }

    /// The same error with `context: ` before it.
    #[must_use]
    pub fn within(self, context: &str) -> PathError {
        PathError { message: format!("{context}: {}", self.message), kind: self.kind }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for PathError {}
