//! Two versions of an environment, rendered side by side: the sources of a layer that reads the same in both are rendered once, and
//! of the other layers what is the same in both is read, examined and printed once.
//!
//! A layer is the same if the environment says the same of it, what templates see besides files is the same, and no file that
//! differs can be read by it: none below its own folders, none that it did read, and none outside of the folders of other
//! layers. Whatever is not known to be the same is rendered; a difference is never passed over to save time.

use std::collections::BTreeSet;

use plimsoll_resource::{FileTree, normalize_path};
use rayon::prelude::*;

use super::known_documents::{DocumentReader, KnownDocuments};
use super::known_resources::KnownResources;
use super::layer;
use super::placed_pair::place_both;
use super::{Finish, RenderRequest, Rendered, RenderedEnvironment, Trees, finish};
use crate::config::environment::{Environment, Layer, Source};
use crate::config::environment_path;
use crate::diagnostic::Diagnostics;

/// What is known of a layer of the head before it is rendered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sameness {
    /// It is this layer of the base.
    Same(usize),
    /// It is this layer of the base if that one read nothing that differs.
    Open(usize),
    /// It is another.
    Other,
}

/// Renders both versions, or tells everything that stands against each.
pub fn render_pair(
    base: RenderRequest<'_>,
    head: RenderRequest<'_>,
) -> (Result<RenderedEnvironment, Diagnostics>, Result<RenderedEnvironment, Diagnostics>) {
    let (of_base, of_head) = render_sources(base, head);
    let (of_base, of_head) = place_both(base.environment, of_base, head.environment, of_head);
    let of_base = finish(base, of_base, Finish { trees: Trees::Remembered, ..Finish::default() });
    let known = of_base.as_ref().ok().map(|(_, known)| known);
    let of_head = finish(head, of_head, Finish { known, trees: Trees::Kept, ..Finish::default() });
    let environment = |finished: (RenderedEnvironment, KnownResources)| finished.0;
    (of_base.map(environment), of_head.map(environment))
}

/// Renders the sources of both versions.
fn render_sources(base: RenderRequest<'_>, head: RenderRequest<'_>) -> (Vec<Rendered>, Vec<Rendered>) {
    let differing = differing_paths(base.tree, head.tree);
    let layers = &head.environment.spec.layers;
    let sameness: Vec<Sameness> =
        layers.iter().map(|layer| sameness(layer, base.environment, head.environment, &differing)).collect();
    // Engines take the time where sources are built by them, and reading texts where they are files. The former are run side by
    // side; of the latter the head reads only those that the base has not read.
    let is_other = |index: usize| sameness.get(index) == Some(&Sameness::Other);
    let is_built = |index: usize| layers.get(index).is_some_and(|layer| !reads_its_folders_only(layer));
    let documents = KnownDocuments::default();
    let (of_base, mut of_head) = rayon::join(
        || render_some(base, DocumentReader::Remembering(&documents), |_| true),
        || render_some(head, DocumentReader::Plain, |index| is_other(index) && is_built(index)),
    );
    for (slot, sameness) in of_head.iter_mut().zip(&sameness) {
        let (from, is_open) = match sameness {
            Sameness::Same(from) => (*from, false),
            Sameness::Open(from) => (*from, true),
            Sameness::Other => continue,
        };
        let rendered = of_base.get(from).and_then(Option::as_ref);
        let may_be_taken = |one: &&Rendered| {
            !is_open || one.output.read.iter().all(|path| !differing.contains(path.as_str()))
        };
        *slot = rendered.filter(may_be_taken).cloned();
    }
    let is_left: Vec<bool> = of_head.iter().map(Option::is_none).collect();
    let of_left =
        render_some(head, DocumentReader::Knowing(&documents), |index| is_left.get(index) == Some(&true));
    for (slot, rendered) in of_head.iter_mut().zip(of_left) {
        if rendered.is_some() {
            *slot = rendered;
        }
    }
    let whole = |outputs: Vec<Option<Rendered>>| outputs.into_iter().flatten().collect();
    (whole(of_base), whole(of_head))
}

fn render_some(
    request: RenderRequest<'_>,
    documents: DocumentReader<'_>,
    is_wanted: impl Fn(usize) -> bool + Sync,
) -> Vec<Option<Rendered>> {
    let layers = request.environment.spec.layers.par_iter().enumerate();
    let rendered = |index, layer| Rendered::of(request, index, layer, documents);
    layers.map(|(index, layer)| is_wanted(index).then(|| rendered(index, layer))).collect()
}

/// The paths that only one tree has, or whose bytes differ; the environment's own file is compared by what it says.
fn differing_paths<'a>(one: &'a FileTree, other: &'a FileTree) -> BTreeSet<&'a str> {
    let of_one = one.iter().filter(|(path, bytes)| other.get(path) != Some(*bytes));
    let of_other = other.iter().filter(|(path, _)| one.get(path).is_none());
    of_one.chain(of_other).map(|(path, _)| path).collect()
}

fn sameness(layer: &Layer, base: &Environment, head: &Environment, differing: &BTreeSet<&str>) -> Sameness {
    let found = base.spec.layers.iter().position(|other| other.name == layer.name);
    let Some((index, other)) = found.and_then(|index| Some((index, base.spec.layers.get(index)?))) else {
        return Sameness::Other;
    };
    let says_the_same = base.metadata.name == head.metadata.name
        && serde_json::to_value(layer).ok() == serde_json::to_value(other).ok()
        && layer::facts(head, layer) == layer::facts(base, other);
    let own = folders(head, layer);
    if !says_the_same || differing.iter().any(|path| is_below_any(path, &own)) {
        return Sameness::Other;
    }
    if reads_its_folders_only(layer) {
        return Sameness::Same(index);
    }
    let others: Vec<String> = [base, head]
        .into_iter()
        .flat_map(|environment| environment.spec.layers.iter().map(move |layer| (environment, layer)))
        .filter(|(_, other)| other.name != layer.name)
        .flat_map(|(environment, other)| folders(environment, other))
        .collect();
    let environment_file = environment_path(&head.metadata.name);
    let is_of_others = |path: &&str| **path == *environment_file || is_below_any(path, &others);
    if differing.iter().all(is_of_others) { Sameness::Open(index) } else { Sameness::Other }
}

fn reads_its_folders_only(layer: &Layer) -> bool {
    layer.sources.iter().all(|source| matches!(source, Source::Templates(_) | Source::Manifests(_)))
}

/// The folders that a layer reads first of all: those of its sources, and its own among the overlays.
fn folders(environment: &Environment, layer: &Layer) -> Vec<String> {
    let sources = layer.sources.iter().filter_map(|source| match source {
        Source::Templates(folder) | Source::Manifests(folder) | Source::Kustomize(folder) => {
            normalize_path(&folder.path)
        }
        Source::Helm(helm) => normalize_path(&helm.chart),
    });
    sources.chain([format!("overlays/{}/{}", environment.metadata.name, layer.name)]).collect()
}

fn is_below_any(path: &str, folders: &[String]) -> bool {
    folders.iter().any(|folder| {
        path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
