//! The nodes that a field specification means in one resource.
//!
//! Follows `filters/fieldspec` of kustomize api v0.21.1: lists on the way are gone through whole, `name[]` must be one, and what
//! is missing is made only where the specification and the transformer both want it.

use plimsoll_yaml::{Node, Tag};

use crate::config::FieldSpec;
use crate::error::{Error, Result};
use crate::tree::fields::{self, NodeKind};
use crate::tree::paths;
use crate::tree::scalar::raw_text;

/// What a transformer makes of a field that is missing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Creation {
    pub(crate) kind: NodeKind,
    pub(crate) tag: Tag,
}

impl Creation {
    /// A mapping.
    pub(crate) const MAPPING: Creation = Creation { kind: NodeKind::Mapping, tag: Tag::Mapping };
    /// A string.
    pub(crate) const STRING: Creation = Creation { kind: NodeKind::Scalar, tag: Tag::Str };
    /// A scalar whose type its text decides.
    pub(crate) const UNTAGGED: Creation = Creation { kind: NodeKind::Scalar, tag: Tag::Custom };
    /// An integer.
    pub(crate) const INTEGER: Creation = Creation { kind: NodeKind::Scalar, tag: Tag::Int };
}

/// Calls `set` with every node of every specification.
pub(crate) fn visit_fields(
    root: &mut Node,
    specs: &[FieldSpec],
    creation: Option<Creation>,
    set: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    specs.iter().try_for_each(|spec| visit_field(root, spec, creation, set))
}

/// Calls `set` with every node of a specification.
pub(crate) fn visit_field(
    root: &mut Node,
    spec: &FieldSpec,
    creation: Option<Creation>,
    set: &mut dyn FnMut(&mut Node) -> Result<()>,
) -> Result<()> {
    let text = |name: &str| root.get(name).map(raw_text).unwrap_or_default();
    if !spec.selects(text("apiVersion"), text("kind")) {
        return Ok(());
    }
    let creation = if spec.create { creation } else { None };
    let mut visit = Visit { creation, set };
    visit.walk(root, spec.parts()).map_err(|error| {
        let id = crate::resource::raw_id(root);
        error.wrap(format!("considering field '{}' of object {id}", spec.path))
    })
}

struct Visit<'a> {
    creation: Option<Creation>,
    set: &'a mut dyn FnMut(&mut Node) -> Result<()>,
}

impl Visit<'_> {
    fn walk(&mut self, node: &mut Node, path: &[String]) -> Result<()> {
        let Some((first, rest)) = path.split_first() else { return (self.set)(node) };
        if node.is_null() {
            return Ok(());
        }
        if let Some(items) = node.items_mut() {
            return items.iter_mut().try_for_each(|item| {
                self.walk(item, path).map_err(|error| {
                    error.wrap(format!("visit traversal on path: {}", crate::go::list(path)))
                })
            });
        }
        if !node.is_mapping() {
            return Err(Error::new("expected sequence or mapping node"));
        }
        self.walk_field(node, first, rest)
    }

    fn walk_field(&mut self, node: &mut Node, part: &str, rest: &[String]) -> Result<()> {
        let name = part.strip_suffix("[]").unwrap_or(part);
        let is_list = name.len() != part.len();
        if name.is_empty() {
            return Err(Error::new("cannot set or create an empty field name"));
        }
        let in_field = |error: Error| error.wrap(format!("fieldName: {name}"));
        let (field, kind, tag) = match self.creation {
            Some(creation) if !is_list => {
                let Creation { kind, tag } = if rest.is_empty() { creation } else { Creation::MAPPING };
                (paths::lookup_or_create(node, &[name], kind).map_err(in_field)?, Some(kind), tag)
            }
            _ => {
                let kind = is_list.then_some(NodeKind::Sequence);
                (paths::lookup_mut(node, &[name]).map_err(in_field)?, kind, Tag::Sequence)
            }
        };
        let Some(field) = field else { return Ok(()) };
        if let Some(kind) = kind.filter(|_| field.is_null()) {
            fields::become_kind(field, kind, tag);
        }
        self.walk(field, rest)
    }
}
