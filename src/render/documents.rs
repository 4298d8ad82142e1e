//! Text into resources: documents are told apart, lists expanded, empty documents dropped.
//!
//! Documents are read as kustomize reads resources. A `List`, or any kind that ends in `List` and has `items`, stands for its
//! items. Every document that is no resource is reported, not only the first.

use std::sync::Arc;

use plimsoll_resource::{NotAResource, Origin, Resource};
use plimsoll_yaml::{Budget, Dialect, Node, Span};

use super::source_text::SourceText;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, yaml_message};

/// A resource with the text that it was read from.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The resource, which several versions of an environment may share.
    pub resource: Arc<Resource>,
    /// The text.
    pub source: Arc<SourceText>,
    /// The namespace of a namespaced resource that names none, where it is not the layer's.
    pub namespace: Option<String>,
}

impl Piece {
    /// The resource as one's own.
    #[must_use]
    pub fn into_resource(self) -> Resource {
        Arc::unwrap_or_clone(self.resource)
    }
}

/// The resources of a text.
#[must_use]
pub fn read(source: Arc<SourceText>) -> (Vec<Piece>, Diagnostics) {
    let mut pieces = Vec::new();
    let mut found = Diagnostics::new();
    for document in plimsoll_yaml::parse_each(&*source.text, Dialect::Kustomize, &Budget::DEFAULT) {
        match document {
            Ok(document) => expand(document.root, &source, 0, &mut pieces, &mut found),
            Err(error) => found.push(syntax(&source, &error)),
        }
    }
    (pieces, found)
}

/// Lists may hold lists; nobody nests them deeper than this.
const DEEPEST_LIST: usize = 8;

fn expand(
    mut node: Node,
    source: &Arc<SourceText>,
    depth: usize,
    pieces: &mut Vec<Piece>,
    found: &mut Diagnostics,
) {
    let is_empty = node.is_null() || node.entries().is_some_and(<[_]>::is_empty);
    if is_empty {
        return;
    }
    let is_list = node.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"))
        && node.get("items").is_some_and(|items| items.is_sequence() || items.is_null())
        && node.at(&["metadata", "name"]).is_none();
    if is_list && depth < DEEPEST_LIST {
        let items = node.get_mut("items").and_then(Node::items_mut).map(std::mem::take).unwrap_or_default();
        for item in items {
            expand(item, source, depth + 1, pieces, found);
        }
        return;
    }
    let span = node.span();
    let origin = Origin { file: source.file.clone(), line: line_of(source, span) };
    match Resource::from_node(node, origin) {
        Ok(resource) => {
            pieces.push(Piece { resource: Arc::new(resource), source: Arc::clone(source), namespace: None })
        }
        Err(reason) => found.push(not_a_resource(source, span, reason)),
    }
}

/// Counting lines from the start each time would be quadratic; a manifest's are known.
fn line_of(source: &SourceText, span: Span) -> u32 {
    if source.is_rendered() || !span.is_known() { 0 } else { source.line_of(span.start) }
}

fn not_a_resource(source: &SourceText, span: Span, reason: NotAResource) -> Diagnostic {
    let (code, help) = match reason {
        NotAResource::GeneratedName => ("random::name", "write `metadata.name`"),
        _ => ("manifest::not-a-resource", "every document needs `apiVersion`, `kind` and `metadata.name`"),
    };
    Diagnostic::error(Code::new(code), reason.to_string()).at(source.place(span)).with_help(help)
}

fn syntax(source: &SourceText, error: &plimsoll_yaml::Error) -> Diagnostic {
    let span =
        error.offset().and_then(|offset| u32::try_from(offset).ok()).map(|offset| Span::new(offset, offset));
    let place = span.map_or_else(|| Place::file(source.file.clone()), |span| source.place(span));
    let diagnostic = Diagnostic::error(Code::new("manifest::syntax"), yaml_message(error)).at(place);
    match (source.is_rendered(), error.position()) {
        (true, Some(position)) => {
            diagnostic.with_cause(format!("line {} of what the template gives is no YAML", position.line))
        }
        _ => diagnostic,
    }
}
