//! Schemas that comments hold: `items: # {"type": "array", "x-kubernetes-patch-strategy": "merge"}`.
//!
//! Follows `fieldmeta` of kyaml v0.21.1 as far as merging asks: a schema in the comment of a field takes the place of the
//! known one, and may refer to a definition of the schema in use. A reference to a setter is a schema that says nothing.

use plimsoll_yaml::Node;
use serde_json::Value;

use super::document::SchemaRef;
use super::selection::Schemas;
use crate::tree::scalar::value_text;

/// The type of what stands at one path of several trees: what a comment says, else what is known from above, else what
/// `apiVersion` and `kind` of a tree say.
pub(crate) fn schema_at(
    nodes: &[Option<&Node>],
    known: Option<SchemaRef>,
    schemas: &Schemas,
) -> Option<SchemaRef> {
    let mut present = nodes.iter().flatten().filter(|node| !node.is_null());
    let commented = present.find_map(|node| schema_in_comment(node, schemas));
    commented.or(known).or_else(|| {
        nodes.iter().flatten().find_map(|node| {
            let named = |key: &str| node.get(key).map(value_text).filter(|text| !text.is_empty());
            schemas.of_resource(named("apiVersion")?, named("kind")?)
        })
    })
}

/// The schema in the comment of a field, which stands at its key where the field is a list.
pub(crate) fn field_schema(nodes: &[Option<&Node>], name: &str, schemas: &Schemas) -> Option<SchemaRef> {
    nodes.iter().flatten().find_map(|node| {
        let entry = node.entry(name)?;
        schema_in_comment(&entry.value, schemas).or_else(|| schema_in_comment(&entry.key, schemas))
    })
}

/// The schema in the comment at the end of a node's line, or, where there is none, above it.
fn schema_in_comment(node: &Node, schemas: &Schemas) -> Option<SchemaRef> {
    let extra = node.extra()?;
    let comment =
        [&extra.line_comment, &extra.head_comment].into_iter().find(|comment| !comment.is_empty())?;
    let schema: Value = serde_json::from_str(comment.trim_start_matches('#')).ok()?;
    schema.as_object().filter(|fields| !fields.is_empty())?;
    Some(schemas.read_inline(&schema))
}
