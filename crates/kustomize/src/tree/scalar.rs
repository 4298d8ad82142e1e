//! Scalars as programs write them.
//!
//! kyaml makes most scalars without a tag: what they mean is decided only when the tree is printed and read again, by the
//! text and by the quotes of the field that they were written to. [`untagged`] is that state; [`settle`] decides.

use plimsoll_yaml::{Node, Style, Tag};

use super::text;

/// A scalar whose type its text and style decide.
pub(crate) fn untagged(text: &str) -> Node {
    Node::scalar(text, Tag::Custom)
}

/// Whether the node is a scalar of no type yet.
pub(crate) fn is_untagged(node: &Node) -> bool {
    node.tag() == Tag::Custom
        && node.is_scalar()
        && node.extra().is_none_or(|extra| extra.custom_tag.is_empty())
}

/// Whether kyaml takes the node for a string: one by its tag, or without a tag.
pub(crate) fn is_string(node: &Node) -> bool {
    node.is_scalar() && (node.tag() == Tag::Str || is_untagged(node))
}

/// Whether the scalar is written in quotes or as a block, and so is read as a string.
pub(crate) fn is_quoted(node: &Node) -> bool {
    matches!(node.style(), Style::SingleQuoted | Style::DoubleQuoted | Style::Literal | Style::Folded)
}

/// The text of a scalar, empty for null and collections.
pub(crate) fn value_text(node: &Node) -> &str {
    if node.is_null() { "" } else { raw_text(node) }
}

/// The text of a scalar, also of null; empty for collections.
pub(crate) fn raw_text(node: &Node) -> &str {
    node.scalar_text().unwrap_or_default()
}

/// The type that a scalar has once it was printed and read again; `None` where it cannot be read as what its tag says.
pub(crate) fn settled_tag(node: &Node) -> Option<Tag> {
    let read = text::resolve(raw_text(node));
    if is_untagged(node) {
        return Some(if is_quoted(node) || raw_text(node).contains('\n') { Tag::Str } else { read });
    }
    match node.tag() {
        Tag::Str => Some(Tag::Str),
        tag if tag == read => Some(if is_quoted(node) { Tag::Str } else { tag }),
        Tag::Float if read == Tag::Int => Some(Tag::Float),
        tag @ (Tag::Binary | Tag::Merge) => Some(tag),
        Tag::Custom => Some(Tag::Custom),
        _ => None,
    }
}

/// Gives every scalar without a type the one that printing and reading would.
pub(crate) fn settle(node: &mut Node) {
    if is_untagged(node) {
        if let Some(tag) = settled_tag(node) {
            node.set_tag(tag);
        }
    } else if let Some(items) = node.items_mut() {
        items.iter_mut().for_each(settle);
    } else if let Some(entries) = node.entries_mut() {
        for entry in entries {
            settle(&mut entry.key);
            settle(&mut entry.value);
        }
    }
}
