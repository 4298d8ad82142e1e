//! One layer into resources: its sources, its patches, its namespace.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use plimsoll_resource::{FileTree, Scope, Scopes};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::default_sizes::DefaultSize;
use super::documents::Piece;
use super::known_documents::DocumentReader;
use super::patching::{self, PatchContext};
use super::source::{self, SourceContext};
use crate::config::environment::{Environment, Layer};
use crate::config::{Document, Step};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::fetch::pinned::Pinned;

/// The namespace that namespaced resources are in where nothing says another.
const DEFAULT_NAMESPACE: &str = "default";

/// What a layer's sources and patches gave.
#[derive(Debug, Clone, Default)]
pub struct LayerOutput {
    /// The resources.
    pub pieces: Vec<Piece>,
    /// The files that were read.
    pub read: BTreeSet<String>,
    /// What is wrong.
    pub found: Diagnostics,
    /// Workloads of charts that have the size which their chart chose.
    pub default_sizes: Vec<DefaultSize>,
}

/// Renders a layer, but for its namespace: which kinds have one is known once all layers are rendered.
#[must_use]
pub fn render(
    environment: &Environment,
    document: &Document,
    index: usize,
    layer: &Layer,
    tree: &FileTree,
    documents: DocumentReader<'_>,
) -> LayerOutput {
    let at = |rest: &[Step<'_>]| {
        document.place_at(&[&[Step::Key("spec"), Step::Key("layers"), Step::Index(index)], rest].concat())
    };
    let folder = format!("overlays/{}/{}", environment.metadata.name, layer.name);
    let layer_values = format!("{folder}/values.yaml");
    let facts = facts(environment, layer);
    let pinned = match Pinned::of(tree, &environment.metadata.name) {
        Ok(pinned) => pinned,
        Err(found) => return LayerOutput { found, ..LayerOutput::default() },
    };
    let places: Vec<Place> =
        (0..layer.sources.len()).map(|source| at(&[Step::Key("sources"), Step::Index(source)])).collect();
    let outputs: Vec<source::SourceOutput> = layer
        .sources
        .par_iter()
        .zip(&places)
        .map(|(source, place)| {
            let context = SourceContext {
                tree,
                facts: &facts,
                folder: &folder,
                layer_values: &layer_values,
                namespace: layer.namespace.as_deref(),
                place,
                pinned: &pinned,
                documents,
            };
            source::render(source, context)
        })
        .collect();
    let mut output = LayerOutput::default();
    for source in outputs {
        output.pieces.extend(source.pieces);
        output.read.extend(source.read);
        output.found.extend(source.found);
        output.default_sizes.extend(source.default_sizes);
    }
    output.found.extend(doubled(&output.pieces));
    if output.found.has_errors() {
        return output;
    }
    let places: Vec<Place> =
        (0..layer.patches.len()).map(|patch| at(&[Step::Key("patches"), Step::Index(patch)])).collect();
    let context = PatchContext { tree, folder: &folder, places: &places };
    match patching::apply(std::mem::take(&mut output.pieces), &layer.patches, context) {
        Ok((pieces, read)) => {
            output.pieces = pieces;
            output.read.extend(read);
        }
        Err(found) => output.found.extend(found),
    }
    output
}

/// What templates see besides their values.
pub(super) fn facts(environment: &Environment, layer: &Layer) -> Map<String, Value> {
    let spec = &environment.spec;
    let clusters: Map<String, Value> = spec
        .clusters
        .iter()
        .map(|(name, cluster)| {
            (name.clone(), json!({"eks": cluster.eks.as_ref().map(|eks| json!({"name": eks.name}))}))
        })
        .collect();
    let facts = json!({
        "parameters": spec.parameters,
        "aws": spec.aws.as_ref().map(|aws| json!({"accountId": aws.account_id, "region": aws.region})),
        "clusters": clusters,
        "environment": {"name": environment.metadata.name},
        "layer": {"name": layer.name, "namespace": layer.namespace, "destination": layer.destination},
    });
    match facts {
        Value::Object(facts) => facts,
        _ => Map::new(),
    }
}

/// Resources that stand twice, each with both places.
#[must_use]
pub fn doubled(pieces: &[Piece]) -> Diagnostics {
    let mut first = HashMap::new();
    let mut found = Diagnostics::new();
    for piece in pieces {
        let key = &piece.resource.id;
        match first.get(key) {
            None => {
                first.insert(key, piece);
            }
            Some(other) => found.push(two_of_one(other, piece)),
        }
    }
    found
}

/// A resource that two places produce.
#[must_use]
pub fn two_of_one(first: &Piece, second: &Piece) -> Diagnostic {
    Diagnostic::error(Code::new("render::doubled"), format!("`{}` is produced twice", second.resource.id))
        .at(place_of(second))
        .with_link("first at", Place { excerpt: None, ..place_of(first) })
        .with_help("take one away, or change the other by a patch")
}

/// Where a resource was written.
#[must_use]
pub fn place_of(piece: &Piece) -> Place {
    let keys = piece.resource.node.entries().unwrap_or_default().iter();
    // After a patch a key may come from the patch, whose text is another.
    let own = keys.map(|entry| &entry.key).find(|key| {
        let text = piece.source.text.get(key.span().start as usize..).unwrap_or_default();
        key.span().is_known() && key.scalar_text().is_some_and(|name| text.starts_with(name))
    });
    match own {
        Some(key) => piece.source.place(key.span()),
        None if piece.resource.origin.line == 0 => Place::file(piece.resource.origin.file.clone()),
        None => Place::line(piece.resource.origin.file.clone(), piece.resource.origin.line),
    }
}

/// What decides about the namespace of a resource besides the resource itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placing {
    scope: Option<Scope>,
    given: Option<String>,
}

/// What decides about the namespace of a layer's resource.
pub(super) fn placing(piece: &Piece, layer: &Layer, scopes: &Scopes) -> Placing {
    let id = &piece.resource.id;
    Placing {
        scope: scopes.of(&id.group, &id.kind),
        given: piece.namespace.clone().or_else(|| layer.namespace.clone()),
    }
}

/// Puts a resource of a namespaced kind that names no namespace into its own. Done again, it changes nothing.
pub(super) fn set_namespace(piece: &mut Piece, placing: &Placing) -> Option<Diagnostic> {
    let id = &piece.resource.id;
    match (placing.scope, &id.namespace, &placing.given) {
        (Some(Scope::Namespaced), None, Some(namespace)) => {
            Arc::make_mut(&mut piece.resource).set_namespace(namespace);
        }
        // The text says none, and the API server takes it for this one.
        (Some(Scope::Namespaced), None, None) => {
            Arc::make_mut(&mut piece.resource).id.namespace = Some(DEFAULT_NAMESPACE.to_owned());
        }
        (Some(Scope::Cluster), Some(_), _) => Arc::make_mut(&mut piece.resource).id.namespace = None,
        (None, None, Some(namespace)) => {
            let message = format!(
                "`{}` may need the namespace `{namespace}`, but the scope of `{}` is unknown",
                id, id.kind
            );
            let group = if id.group.is_empty() { "\"\"" } else { &id.group };
            let help = format!(
                "declare it in `spec.kinds`: {{group: {group}, kind: {}, scope: Namespaced}}, or scope: Cluster",
                id.kind
            );
            let code = Code::new("render::unknown-scope");
            return Some(Diagnostic::error(code, message).at(place_of(piece)).with_help(help));
        }
        _ => {}
    }
    None
}
