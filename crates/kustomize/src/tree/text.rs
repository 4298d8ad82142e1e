//! The door to the YAML crate: texts into trees and back, in kustomize's dialect.

use plimsoll_yaml::{Budget, Dialect, EmitOptions, Node, Numbers, Span, Tag};
use serde_json::Value;

use super::scalar;
use crate::error::{Error, Result};

/// The first document of a text. Keys may stand twice in it: kyaml does not mind until the tree becomes data.
pub(crate) fn parse_one(text: &str) -> Result<Node> {
    parse_with_doubled_keys(text).map(|(node, _)| node)
}

/// The first document of a text, and where in it a key stands twice.
pub(crate) fn parse_with_doubled_keys(text: &str) -> Result<(Node, Option<Span>)> {
    let parsed = plimsoll_yaml::parse_one_with_doubled_keys(text, Dialect::Kustomize, &Budget::DEFAULT);
    let (node, doubled) = parsed.map_err(located)?;
    Ok((node, doubled.as_ref().and_then(span_of)))
}

/// The error of a tree in which a key stands twice, as go-yaml reports it of the text that the tree is printed as.
pub(crate) fn refuse_doubled_keys(node: &Node) -> Error {
    let reread = plimsoll_yaml::parse_one(print(node), Dialect::Kustomize, &Budget::DEFAULT);
    Error::new(reread.err().map_or_else(|| "yaml: a key stands twice".to_owned(), |error| error.to_string()))
}

fn located(error: plimsoll_yaml::Error) -> Error {
    let span = span_of(&error);
    let error = Error::new(error.to_string());
    match span {
        Some(span) => error.at(span),
        None => error,
    }
}

fn span_of(error: &plimsoll_yaml::Error) -> Option<Span> {
    let start = u32::try_from(error.offset()?).ok()?;
    Some(Span::new(start, start.saturating_add(1)))
}

/// A configuration file as plain data: YAML 1.1, as sigs.k8s.io/yaml reads it.
pub(crate) fn yaml_to_json(text: impl AsRef<[u8]>) -> Result<Value> {
    let node = plimsoll_yaml::parse_one(text, Dialect::Helm, &Budget::DEFAULT);
    let value = node.and_then(|node| node.to_value(Dialect::Helm, Numbers::AsWritten));
    value.map_err(located)
}

/// The type that go-yaml v3 gives to a plain scalar.
pub(crate) fn resolve(text: &str) -> Tag {
    plimsoll_yaml::resolve_plain(text, Dialect::Kustomize)
}

/// Whether a plain scalar with this text is no string in YAML 1.1.
pub(crate) fn is_yaml_1_1_non_string(text: &str) -> bool {
    if text.is_empty() || text.contains('\n') {
        return false;
    }
    if plimsoll_yaml::resolve_plain(text, Dialect::Helm) != Tag::Str {
        return true;
    }
    // Text that is no plain scalar may be a whole document: a comment, a mapping, a list.
    let may_be_more = text.starts_with(['#', '[', '{', '-', '?', '!', '&', '*', '|', '>', ' ', '\t'])
        || text.contains(": ")
        || text.ends_with(':')
        || text.contains(" #");
    may_be_more
        && plimsoll_yaml::parse_one(text, Dialect::Helm, &Budget::DEFAULT)
            .is_ok_and(|node| !(node.is_scalar() && node.tag() == Tag::Str))
}

/// The short tag of a node, as messages name it.
pub(crate) fn short_tag(node: &Node) -> &'static str {
    scalar::settled_tag(node).unwrap_or_else(|| node.tag()).short_name()
}

/// The tree as go-yaml v3 prints it: two spaces, lists not indented.
pub(crate) fn print(node: &Node) -> String {
    let mut settled = node.clone();
    scalar::settle(&mut settled);
    plimsoll_yaml::emit_node(&settled, &EmitOptions::KYAML)
}

/// Plain data as kyaml's `Marshal` prints it, keys in order.
pub(crate) fn marshal(value: &Value) -> String {
    plimsoll_yaml::emit_value_with(value, &EmitOptions::KYAML)
}

/// Plain data as sigs.k8s.io/yaml prints it.
pub(crate) fn print_json(value: &Value) -> Result<String> {
    plimsoll_yaml::emit_value(value).map_err(|error| Error::new(error.to_string()))
}
