//! A path that is parsed once and followed often.

use std::fmt;

use serde_json::Value;

use super::expand::expand_segments;
use super::merge::{MergeOptions, merge_at};
use super::read::follow;
use super::{PathError, Segments};

/// The text of a path with its segments. Where the text is no path, following it is the error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParsedPath {
    text: String,
    segments: Result<Segments, PathError>,
}

impl ParsedPath {
    pub(crate) fn new(text: String) -> ParsedPath {
        let segments = Segments::parse(&text);
        ParsedPath { text, segments }
    }

    /// The path as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The segments, where the text is a path.
    pub(crate) fn parsed(&self) -> Option<&Segments> {
        self.segments.as_ref().ok()
    }

    /// The value at the path.
    pub(crate) fn value_in<'a>(&self, object: &'a Value) -> Result<&'a Value, PathError> {
        follow(object, self.segments()?)
    }

    /// Puts a value at the path, as [`super::merge_value`] does.
    pub(crate) fn merge_into(
        &self,
        object: &mut Value,
        value: Value,
        options: Option<MergeOptions>,
    ) -> Result<(), PathError> {
        merge_at(object, self.segments()?, value, options)
    }

    /// The paths that the path stands for, as [`super::expand_wildcards`] finds them.
    pub(crate) fn expanded_in(&self, object: &Value) -> Result<Vec<Segments>, PathError> {
        expand_segments(object, self.segments()?)
    }

    fn segments(&self) -> Result<&Segments, PathError> {
        self.segments.as_ref().map_err(Clone::clone)
    }
}

impl fmt::Display for ParsedPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}
