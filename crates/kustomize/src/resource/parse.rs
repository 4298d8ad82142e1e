//! Texts into resources.
//!
//! Follows `kio.FromBytes` and `resource.Factory` v0.21.1: documents are split before they are parsed, lists are replaced by
//! their items, and what has no kind or name is refused.

use std::borrow::Cow;
use std::sync::Arc;

use plimsoll_yaml::{Node, Span};
use rayon::prelude::*;
use serde_json::Value;

use super::Resource;
use crate::error::{Error, Place, Result, shifted};
use crate::tree::{fields, json, text};

/// The resources of a YAML or JSON text, with lists expanded.
pub fn parse_resources(content: &str) -> Result<Vec<Resource>> {
    let nodes = read_nodes(content)?;
    let mut queue = std::collections::VecDeque::from(keep_valid(nodes)?);
    let mut resources = Vec::new();
    while let Some(resource) = queue.pop_front() {
        if !resource.kind().ends_with("List") {
            resources.push(resource);
            continue;
        }
        let kind = resource.kind().to_owned();
        let value = resource.to_json().map_err(|error| {
            let message = format!(
                "trouble expanding list of {kind}; received error {} for the following resource:\n{}",
                error.message(),
                text::print(resource.node())
            );
            error.with_message(message)
        })?;
        match value.get("items") {
            None => resources.push(resource),
            Some(Value::Null) => {}
            Some(Value::Array(items)) => {
                let items = items.iter().map(read_item).collect::<Result<Vec<_>>>()?;
                queue.extend(keep_valid(items)?);
            }
            Some(other) => {
                let found = go_type(other);
                return Err(Error::new(format!("expected array in {kind}/items, but found {found}")));
            }
        }
    }
    Ok(resources)
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn read_item(item: &Value) -> Result<Read> {
    // The item is printed as JSON and read as YAML, so that integers stay what they are.
    let node = text::parse_one(&json::to_go_string(item))?;
    Ok(Read { node, source: None, doubled_key: None, span: Span::NONE })
}

/// From this many bytes on the documents of a text are read on all processors; below it the threads would take longer to
/// start.
const LONG_TEXT: usize = 128 * 1024;

/// A document, or an item of a list.
struct Read {
    node: Node,
    source: Option<Arc<str>>,
    doubled_key: Option<Span>,
    /// What names the tree, in the text.
    span: Span,
}

/// The trees of all documents that hold anything; one list alone is replaced by its items.
fn read_nodes(content: &str) -> Result<Vec<Read>> {
    let content = if content.contains('\r') {
        Cow::Owned(content.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(content)
    };
    let is_as_written = matches!(content, Cow::Borrowed(_));
    let documents = split_documents(&content)?;
    let alone = documents.len() == 1;
    // What follows the first document of a part is not read: the parts were split before.
    let trees: Vec<_> = if content.len() < LONG_TEXT {
        documents.iter().map(|document| text::parse_with_doubled_keys(document)).collect()
    } else {
        documents.par_iter().map(|document| text::parse_with_doubled_keys(document)).collect()
    };
    let mut nodes = Vec::new();
    for (document, tree) in documents.into_iter().zip(trees) {
        let offset = document.as_ptr().addr().saturating_sub(content.as_ptr().addr());
        let (root, doubled_key) = tree.map_err(|error| error.wrap("MalformedYAMLError").within(offset))?;
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let doubled_key = doubled_key.map(|span| shifted(span, offset));
        let place_of = |node: &Node| match is_as_written {
            true => shifted(name_span(node), offset),
            false => Span::NONE,
        };
        if root.is_null() {
            continue;
        }
        let kind = root.get("kind").map(crate::tree::scalar::raw_text).unwrap_or_default();
        if alone
            && matches!(kind, "ResourceList" | "List")
            && (root.get("items").is_some() || root.get("functionConfig").is_some())
        {
            let items = root.get("items").and_then(Node::items).unwrap_or_default();
            nodes.extend(items.iter().map(|item| {
                let span = place_of(item);
                Read { node: item.clone(), source: None, doubled_key, span }
            }));
            continue;
        }
        let wants_source = document.contains("needsHashSuffix") && Resource::hash_depends_on_places(kind);
        let source = wants_source.then(|| Arc::from(document));
        let span = place_of(&root);
        nodes.push(Read { node: root, source, doubled_key, span });
    }
    Ok(nodes)
}

/// Where a tree says its name, or where it starts.
fn name_span(node: &Node) -> Span {
    let name = node.get("metadata").and_then(|metadata| metadata.get("name"));
    name.map_or_else(|| node.span(), Node::span)
}

fn split_documents(content: &str) -> Result<Vec<&str>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut from = 0;
    while let Some(at) = content[from..].find("\n---").map(|at| at + from) {
        let Some(end) = content[at + 1..].find('\n').map(|end| end + at + 1) else { break };
        let rest = content[at + 4..end].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(Error::new(format!("invalid document separator: {}", content[at..end].trim())));
        }
        documents.push(&content[start..=at]);
        start = end + 1;
        from = start;
    }
    if !content.is_empty() {
        documents.push(&content[start..]);
    }
    Ok(documents)
}

/// The trees of a text as resources, whatever they are.
#[cfg(test)]
pub(crate) fn read_resources(content: &str) -> Result<Vec<Resource>> {
    Ok(read_nodes(content)?.into_iter().map(|read| Resource::new(read.node)).collect())
}

/// The one resource of a text, of which any hash can be made.
pub fn parse_with_source(content: &str) -> Result<Resource> {
    let mut resource = Resource::new(text::parse_one(content)?);
    resource.source = Some(Arc::from(content));
    Ok(resource)
}

fn keep_valid(nodes: Vec<Read>) -> Result<Vec<Resource>> {
    let mut resources = Vec::with_capacity(nodes.len());
    for Read { node, source, doubled_key, span } in nodes {
        if fields::is_nil_or_empty(&node) {
            continue;
        }
        let mut resource = Resource::new(node);
        resource.source = source;
        resource.span = span;
        resource.doubled_key = doubled_key.map(|span| Box::new(Place { file: String::new(), span }));
        resource.validate()?;
        resources.push(resource);
    }
    Ok(resources)
}
