//! A strategic merge: what a patch says is put into the destination.
//!
//! [`walk`] takes the destination and the patch at one path; [`adopt`] is the walk of a node with itself, which kyaml does
//! with every part that only the patch has. Neither changes the patch's values; both take its directives out.

use std::collections::BTreeSet;

use plimsoll_yaml::{Node, Style};

use super::associative;
use super::directive::{self, Directive};
use crate::error::Result;
use crate::schema::{SchemaRef, Schemas, field_schema, schema_at};
use crate::tree::fields::{self, NodeKind, is_missing};
use crate::tree::scalar::raw_text;

/// Where items that only the patch has go in a merged list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListIncrease {
    /// After the items that were there.
    #[default]
    Append,
    /// Before them, and those of the patch in the patch's order.
    Prepend,
}

/// How a merge treats lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeOptions {
    /// Where new items go.
    pub increase: ListIncrease,
    /// Whether lists without a schema are merged by the key `name`, where all their items have it.
    pub infer_keys: bool,
}

/// Merges a patch into a node; `None` where the patch deletes the whole node.
pub fn merge_two_way(
    mut dest: Node,
    mut patch: Node,
    options: MergeOptions,
    schemas: &Schemas,
) -> Result<Option<Node>> {
    let merge = Merge { options, schemas };
    Ok(match walk(&merge, Some(&mut dest), Some(&mut patch), None)? {
        Outcome::Nothing => None,
        Outcome::Dest | Outcome::KeptNull => Some(dest),
        Outcome::Patch => Some(patch),
        Outcome::New(node) => Some(node),
    })
}

/// What does not change during one merge.
pub(super) struct Merge<'a> {
    pub(super) options: MergeOptions,
    pub(super) schemas: &'a Schemas,
}

/// Which node is the result of a walk.
pub(super) enum Outcome {
    /// The node is to be cleared.
    Nothing,
    /// The destination, changed in place.
    Dest,
    /// The destination, which is a null that somebody wrote out.
    KeptNull,
    /// The patch's node.
    Patch,
    /// A node that was made.
    New(Node),
}

/// Walks the destination and the patch at one path.
pub(super) fn walk(
    merge: &Merge<'_>,
    dest: Option<&mut Node>,
    patch: Option<&mut Node>,
    schema: Option<SchemaRef>,
) -> Result<Outcome> {
    let schema = schema_at(&[dest.as_deref(), patch.as_deref()], schema, merge.schemas);
    let first = [dest.as_deref(), patch.as_deref()].into_iter().flatten().find(|node| !node.is_null());
    let Some(kind) = first.map(NodeKind::of) else { return walk_mapping(merge, dest, patch, schema) };
    for node in [dest.as_deref(), patch.as_deref()].into_iter().flatten() {
        fields::expect_kind(node, kind)?;
    }
    match kind {
        NodeKind::Mapping => walk_mapping(merge, dest, patch, schema),
        NodeKind::Scalar => Ok(walk_scalar(dest, patch)),
        NodeKind::Sequence => {
            if is_associative(merge, &[dest.as_deref(), patch.as_deref()], schema.as_ref()) {
                walk_list(merge, dest, patch, schema)
            } else {
                Ok(walk_scalar(dest, patch))
            }
        }
    }
}

/// Walks a node with itself.
pub(super) fn adopt(merge: &Merge<'_>, node: &mut Node, schema: Option<SchemaRef>) -> Result<Outcome> {
    let schema = schema_at(&[Some(node)], schema, merge.schemas);
    if node.is_null() {
        // Nothing is kept of a null that nobody but the patch has.
        return Ok(Outcome::Dest);
    }
    match NodeKind::of(node) {
        NodeKind::Scalar => Ok(Outcome::Dest),
        NodeKind::Mapping => match directive::take(Some(node))? {
            Directive::Delete => Ok(Outcome::Nothing),
            Directive::Merge | Directive::Replace => {
                adopt_fields(merge, node, schema)?;
                Ok(Outcome::Dest)
            }
        },
        NodeKind::Sequence => {
            if !is_associative(merge, &[Some(node)], schema.as_ref()) {
                return Ok(Outcome::Dest);
            }
            match directive::take(Some(node))? {
                Directive::Delete => Ok(Outcome::Nothing),
                Directive::Merge | Directive::Replace => associative::adopt_list(merge, node, schema),
            }
        }
    }
}

fn walk_mapping(
    merge: &Merge<'_>,
    dest: Option<&mut Node>,
    patch: Option<&mut Node>,
    schema: Option<SchemaRef>,
) -> Result<Outcome> {
    let mut dest = dest;
    let mut patch = patch;
    copy_comments_and_style(dest.as_deref_mut(), patch.as_deref());
    if is_missing(dest.as_deref()) {
        // An unknown directive is no error here, and stays where it is.
        if matches!(directive::take(patch.as_deref_mut()), Ok(Directive::Delete)) {
            return Ok(Outcome::Nothing);
        }
        return match (patch, dest) {
            (Some(patch), _) => {
                adopt_fields(merge, patch, schema)?;
                Ok(Outcome::Patch)
            }
            (None, Some(dest)) if !raw_text(dest).is_empty() => Ok(Outcome::KeptNull),
            (None, _) => Ok(Outcome::Nothing),
        };
    }
    if patch.as_deref().is_some_and(Node::is_null) {
        return Ok(Outcome::Nothing);
    }
    match (directive::take(patch.as_deref_mut())?, dest, patch) {
        (Directive::Delete, _, _) => Ok(Outcome::Nothing),
        (Directive::Replace, _, Some(patch)) => {
            adopt_fields(merge, patch, schema)?;
            Ok(Outcome::Patch)
        }
        (_, Some(dest), patch) => {
            walk_fields(merge, dest, patch, schema)?;
            Ok(Outcome::Dest)
        }
        (_, None, _) => Ok(Outcome::Nothing),
    }
}

fn walk_fields(
    merge: &Merge<'_>,
    dest: &mut Node,
    mut patch: Option<&mut Node>,
    schema: Option<SchemaRef>,
) -> Result<()> {
    for name in field_names(&[Some(&*dest), patch.as_deref()]) {
        let known = field_schema(&[Some(&*dest), patch.as_deref()], &name, merge.schemas)
            .or_else(|| schema.as_ref().and_then(|schema| schema.field(&name)));
        let key_style = patch
            .as_deref()
            .and_then(|patch| patch.entry(&name))
            .map_or(Style::Plain, |entry| entry.key.style());
        let patch_field = patch.as_deref_mut().and_then(|patch| patch.get_mut(&name));
        let value = match patch_field {
            None => match walk(merge, dest.get_mut(&name), None, known)? {
                Outcome::Dest | Outcome::KeptNull => continue,
                Outcome::Nothing | Outcome::Patch => None,
                Outcome::New(node) => Some(node),
            },
            Some(field) => match walk(merge, dest.get_mut(&name), Some(field), known)? {
                Outcome::Dest | Outcome::KeptNull => continue,
                Outcome::Nothing => None,
                Outcome::Patch => Some(field.clone()),
                Outcome::New(node) => Some(node),
            },
        };
        match value {
            Some(value) => fields::set_field_with_key_style(dest, &name, value, key_style)?,
            None => drop(fields::clear(dest, &name)?),
        }
    }
    Ok(())
}

fn adopt_fields(merge: &Merge<'_>, node: &mut Node, schema: Option<SchemaRef>) -> Result<()> {
    for name in field_names(&[Some(node)]) {
        let known = field_schema(&[Some(&*node)], &name, merge.schemas)
            .or_else(|| schema.as_ref().and_then(|schema| schema.field(&name)));
        let Some(field) = node.get_mut(&name) else { continue };
        let outcome = adopt(merge, field, known)?;
        let is_null = field.is_null();
        match outcome {
            Outcome::New(value) => fields::set_field(node, &name, value)?,
            Outcome::Dest | Outcome::KeptNull | Outcome::Patch if !is_null => {}
            _ => drop(fields::clear(node, &name)?),
        }
    }
    Ok(())
}

/// Scalars, and lists that are not merged: the patch's value, if there is one.
fn walk_scalar(dest: Option<&mut Node>, patch: Option<&mut Node>) -> Outcome {
    copy_comments_and_style(dest, patch.as_deref());
    if patch.is_some() { Outcome::Patch } else { Outcome::Dest }
}

fn walk_list(
    merge: &Merge<'_>,
    mut dest: Option<&mut Node>,
    mut patch: Option<&mut Node>,
    schema: Option<SchemaRef>,
) -> Result<Outcome> {
    copy_comments_and_style(dest.as_deref_mut(), patch.as_deref());
    let adopted = |patch: &mut Node| match associative::adopt_list(merge, patch, schema.clone())? {
        Outcome::Dest => Ok(Outcome::Patch),
        other => Ok(other),
    };
    if is_missing(dest.as_deref()) {
        return patch.map_or(Ok(Outcome::Nothing), adopted);
    }
    if patch.as_deref().is_some_and(Node::is_null) {
        return Ok(Outcome::Nothing);
    }
    match (directive::take(patch.as_deref_mut())?, dest, patch) {
        (Directive::Delete, _, _) | (_, None, _) => Ok(Outcome::Nothing),
        (Directive::Replace, _, Some(patch)) => adopted(patch),
        (_, Some(dest), patch) => associative::walk_list(merge, dest, patch, schema.clone()),
    }
}

fn is_associative(merge: &Merge<'_>, nodes: &[Option<&Node>], schema: Option<&SchemaRef>) -> bool {
    match schema {
        Some(schema) => schema.is_merged_list(),
        None => {
            merge.options.infer_keys
                && nodes
                    .iter()
                    .flatten()
                    .any(|node| !node.is_null() && associative::has_name_everywhere(node))
        }
    }
}

/// The names of all fields, sorted.
pub(super) fn field_names(nodes: &[Option<&Node>]) -> BTreeSet<String> {
    nodes
        .iter()
        .flatten()
        .flat_map(|node| node.entries().unwrap_or_default())
        .map(|entry| raw_text(&entry.key).to_owned())
        .collect()
}

fn copy_comments_and_style(dest: Option<&mut Node>, patch: Option<&Node>) {
    let (Some(dest), Some(patch)) = (dest, patch) else { return };
    if let Some(comments) = patch.extra() {
        let extra = dest.extra_mut();
        if !comments.head_comment.is_empty() {
            extra.head_comment.clone_from(&comments.head_comment);
        }
        if !comments.line_comment.is_empty() {
            extra.line_comment.clone_from(&comments.line_comment);
        }
        if !comments.foot_comment.is_empty() {
            extra.foot_comment.clone_from(&comments.foot_comment);
        }
    }
    if !dest.is_scalar() && fields::is_nil_or_empty(dest) {
        dest.set_style(patch.style());
    }
}
