//! Schemas that comments hold: `items: # {"type": "array", "x-kubernetes-patch-strategy": "merge"}`.
//!
//! Follows `fieldmeta` of kyaml v0.21.1 as far as merging asks: a schema in the comment of a field takes the place of the
//! known one. A reference to a setter is a schema that says nothing.

use plimsoll_yaml::Node;
use serde_json::Value;

use super::custom::read_inline;
use super::document::SchemaRef;

/// The schema in the comment at the end of a node's line, or, where there is none, above it.
pub(crate) fn schema_in_comment(node: &Node) -> Option<SchemaRef> {
    let extra = node.extra()?;
    let comment =
        [&extra.line_comment, &extra.head_comment].into_iter().find(|comment| !comment.is_empty())?;
    let schema: Value = serde_json::from_str(comment.trim_start_matches('#')).ok()?;
    schema.as_object().filter(|fields| !fields.is_empty())?;
    Some(read_inline(&schema))
}
