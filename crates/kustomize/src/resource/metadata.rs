//! Names, labels and annotations inside a resource's tree.

use std::collections::BTreeMap;

use plimsoll_yaml::{Entry, Node, Style};

use crate::error::Result;
use crate::tree::fields::{self, NodeKind};
use crate::tree::scalar::{self, raw_text};
use crate::tree::{paths, text};

/// The text of a field of the whole resource, such as `kind`.
pub(super) fn top_text<'a>(node: &'a Node, name: &str) -> &'a str {
    node.get(name).map(raw_text).unwrap_or_default()
}

/// The text of a field of the metadata.
pub(super) fn text_of<'a>(node: &'a Node, name: &str) -> &'a str {
    let field = metadata(node).and_then(|metadata| metadata.get(name));
    field.filter(|field| !fields::is_nil_or_empty(field)).map(raw_text).unwrap_or_default()
}

/// The value of one annotation.
pub(super) fn annotation<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    metadata(node)?.get("annotations")?.get(key).map(raw_text)
}

/// Labels or annotations.
pub(super) fn map_of(node: &Node, name: &str) -> BTreeMap<String, String> {
    let entries =
        metadata(node).and_then(|metadata| metadata.get(name)).and_then(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| (raw_text(&entry.key).to_owned(), raw_text(&entry.value).to_owned())).collect()
}

/// The entries of a mapping of the whole resource, such as `data`.
pub(super) fn string_map(node: &Node, name: &str) -> BTreeMap<String, String> {
    let entries = node.get(name).and_then(Node::entries).unwrap_or_default();
    entries
        .iter()
        .map(|entry| (raw_text(&entry.key).to_owned(), scalar::value_text(&entry.value).to_owned()))
        .collect()
}

/// Replaces labels or annotations as a whole; none at all takes the field away.
pub(super) fn set_map(node: &mut Node, name: &str, map: &BTreeMap<String, String>) -> Result<()> {
    let Some(metadata) = paths::lookup_or_create(node, &["metadata"], NodeKind::Mapping)? else {
        return Ok(());
    };
    fields::clear(metadata, name)?;
    if map.is_empty() || !metadata.is_mapping() {
        return Ok(());
    }
    let mut made = Node::mapping(Vec::with_capacity(map.len()));
    for (key, value) in map {
        fields::set_field(&mut made, key, string_node(value))?;
    }
    fields::set_field(metadata, name, made)
}

/// Sets one annotation or label, in single quotes, as generators do.
pub(crate) fn set_quoted(node: &mut Node, name: &str, key: &str, value: &str) -> Result<()> {
    if let Some(map) = paths::lookup_or_create(node, &["metadata", name], NodeKind::Mapping)? {
        fields::set_field(map, key, string_node(value).with_style(Style::SingleQuoted))?;
    }
    Ok(())
}

/// Takes annotations away that hold nothing, and metadata that then holds nothing.
pub(crate) fn clear_empty_annotations(node: &mut Node) -> Result<()> {
    let holds_nothing = |node: &Node| !node.is_sequence() && node.entries().is_none_or(<[Entry]>::is_empty);
    if let Some(metadata) = node.get_mut("metadata").filter(|metadata| !metadata.is_null()) {
        fields::expect_kind(metadata, NodeKind::Mapping)?;
        if metadata.get("annotations").is_some_and(holds_nothing) {
            metadata.remove("annotations");
        }
    }
    if node.get("metadata").is_some_and(holds_nothing) {
        node.remove("metadata");
    }
    Ok(())
}

/// Sets a field of the metadata, with no type of its own.
pub(super) fn set_text(node: &mut Node, name: &str, value: &str) -> Result<()> {
    match paths::lookup_or_create(node, &["metadata"], NodeKind::Mapping)? {
        Some(metadata) => fields::set_field(metadata, name, scalar::untagged(value)),
        None => Ok(()),
    }
}

fn metadata(node: &Node) -> Option<&Node> {
    node.get("metadata").filter(|metadata| !fields::is_nil_or_empty(metadata))
}

/// A string; text of several lines is written as a block.
pub(crate) fn string_node(value: &str) -> Node {
    let node = Node::string(value);
    if value.contains('\n') {
        node.with_style(Style::Literal)
    } else if text::resolve(value) != plimsoll_yaml::Tag::Str {
        node.with_style(Style::DoubleQuoted)
    } else {
        node
    }
}
