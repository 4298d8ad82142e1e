//! Fields of mappings: kyaml's `FieldMatcher`, `FieldSetter` and `FieldClearer`.

use plimsoll_yaml::{Entry, Node, Style, Tag};

use super::shared;
use super::{scalar, text};
use crate::error::{Error, Result};

/// The three kinds of node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Scalar,
    Sequence,
    Mapping,
}

impl NodeKind {
    /// The kind of a node.
    pub(crate) fn of(node: &Node) -> NodeKind {
        if node.is_mapping() {
            NodeKind::Mapping
        } else if node.is_sequence() {
            NodeKind::Sequence
        } else {
            NodeKind::Scalar
        }
    }

    /// An empty node of this kind.
    pub(crate) fn empty(self) -> Node {
        match self {
            NodeKind::Scalar => scalar::untagged(""),
            NodeKind::Sequence => Node::sequence(Vec::new()),
            NodeKind::Mapping => Node::mapping(Vec::new()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            NodeKind::Scalar => "ScalarNode",
            NodeKind::Sequence => "SequenceNode",
            NodeKind::Mapping => "MappingNode",
        }
    }
}

/// Whether there is no node, or null.
pub(crate) fn is_missing(node: Option<&Node>) -> bool {
    node.is_none_or(Node::is_null)
}

/// Whether the node is null or an empty collection.
pub(crate) fn is_nil_or_empty(node: &Node) -> bool {
    node.is_null()
        || node.entries().is_some_and(<[Entry]>::is_empty)
        || node.items().is_some_and(<[Node]>::is_empty)
}

/// Refuses a node of another kind; null passes as any kind.
pub(crate) fn expect_kind(node: &Node, kind: NodeKind) -> Result<()> {
    if node.is_null() || NodeKind::of(node) == kind {
        return Ok(());
    }
    Err(Error::new(format!(
        "wrong node kind: expected {} but got {}: node contents:\n{}",
        kind.name(),
        NodeKind::of(node).name(),
        text::print(node)
    )))
}

/// The value of a field; nothing below null, an error below what is no mapping.
pub(crate) fn get<'a>(node: &'a Node, name: &str) -> Result<Option<&'a Node>> {
    if node.is_null() {
        return Ok(None);
    }
    expect_kind(node, NodeKind::Mapping)?;
    Ok(node.get(name))
}

/// The value of a field, to be changed.
pub(crate) fn get_mut<'a>(node: &'a mut Node, name: &str) -> Result<Option<&'a mut Node>> {
    if node.is_null() {
        return Ok(None);
    }
    expect_kind(node, NodeKind::Mapping)?;
    Ok(node.get_mut(name))
}

/// Overwrites a node, which keeps its style and its group.
pub(crate) fn assign(target: &mut Node, mut value: Node) {
    value.set_style(target.style());
    *target = shared::in_place_of(target, value);
}

/// Sets a field, and clears it where the value is null.
pub(crate) fn set_field(node: &mut Node, name: &str, value: Node) -> Result<()> {
    set_field_with_key_style(node, name, value, Style::Plain)
}

/// Sets a field; a new key is written in the given style.
pub(crate) fn set_field_with_key_style(
    node: &mut Node,
    name: &str,
    value: Node,
    key_style: Style,
) -> Result<()> {
    if value.is_null() {
        return clear(node, name).map(drop);
    }
    if let Some(field) = get_mut(node, name)? {
        assign(field, value);
        return Ok(());
    }
    let value = quote_if_ambiguous(value);
    if let Some(entries) = node.entries_mut() {
        // A new key has no type either: one that reads as a number is one.
        entries.push(Entry { key: scalar::untagged(name).with_style(key_style), value });
    }
    Ok(())
}

/// Overwrites a scalar, which keeps its style.
pub(crate) fn set_scalar(node: &mut Node, value: Node) -> Result<()> {
    expect_kind(node, NodeKind::Scalar)?;
    if !value.is_null() {
        assign(node, value);
    }
    Ok(())
}

/// Takes a field out of a mapping.
pub(crate) fn clear(node: &mut Node, name: &str) -> Result<Option<Node>> {
    expect_kind(node, NodeKind::Mapping)?;
    Ok(node.remove(name))
}

/// A string that YAML 1.1 would read as something else is put in quotes when it becomes a new field.
fn quote_if_ambiguous(value: Node) -> Node {
    if scalar::is_string(&value)
        && value.style() == Style::Plain
        && text::is_yaml_1_1_non_string(scalar::raw_text(&value))
    {
        value.with_style(Style::DoubleQuoted)
    } else {
        value
    }
}

/// Makes a collection of a null, as a field specification with `create` does.
pub(crate) fn become_kind(node: &mut Node, kind: NodeKind, tag: Tag) {
    if kind == NodeKind::Scalar {
        node.set_tag(tag);
    } else {
        let style = node.style();
        *node = kind.empty().with_style(style);
    }
}
