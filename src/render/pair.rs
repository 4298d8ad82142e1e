//! Two versions of an environment, rendered side by side: the sources of a layer that reads the same in both are rendered once.
//!
//! A layer is the same if the environment says the same of it, what templates see besides files is the same, and no file that
//! differs can be read by it: none below its own folders, none that it did read, and none outside of the folders of other
//! layers. Whatever is not known to be the same is rendered; a difference is never passed over to save time.

use std::collections::BTreeSet;

use plimsoll_resource::{FileTree, normalize_path};
use rayon::prelude::*;

use super::layer::{self, LayerOutput};
use super::{RenderRequest, Rendered, RenderedEnvironment, finish};
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
    let differing = differing_paths(base.tree, head.tree);
    let sameness: Vec<Sameness> = head
        .environment
        .spec
        .layers
        .iter()
        .map(|layer| sameness(layer, base.environment, head.environment, &differing))
        .collect();
    let (of_base, mut of_head) = rayon::join(
        || render_some(base, |_| true),
        || render_some(head, |index| sameness.get(index) == Some(&Sameness::Other)),
    );
    let mut left = BTreeSet::new();
    for (index, (slot, sameness)) in of_head.iter_mut().zip(&sameness).enumerate() {
        let (from, is_open) = match sameness {
            Sameness::Same(from) => (*from, false),
            Sameness::Open(from) => (*from, true),
            Sameness::Other => continue,
        };
        let rendered = of_base.get(from).and_then(Option::as_ref);
        let may_be_taken = |one: &&Rendered| {
            !is_open || one.output.read.iter().all(|path| !differing.contains(path.as_str()))
        };
        match rendered.filter(may_be_taken) {
            Some(rendered) => *slot = Some(rendered.clone()),
            None => {
                left.insert(index);
            }
        }
    }
    for (slot, rendered) in of_head.iter_mut().zip(render_some(head, |index| left.contains(&index))) {
        if rendered.is_some() {
            *slot = rendered;
        }
    }
    let whole = |outputs: Vec<Option<Rendered>>| outputs.into_iter().flatten().collect();
    rayon::join(|| finish(base, whole(of_base)), || finish(head, whole(of_head)))
}

fn render_some(
    request: RenderRequest<'_>,
    is_wanted: impl Fn(usize) -> bool + Sync,
) -> Vec<Option<Rendered>> {
    let layers = request.environment.spec.layers.par_iter().enumerate();
    layers.map(|(index, layer)| is_wanted(index).then(|| Rendered::of(request, index, layer))).collect()
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
    let reads_its_folders_only =
        |source: &Source| matches!(source, Source::Templates(_) | Source::Manifests(_));
    if layer.sources.iter().all(reads_its_folders_only) {
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

impl Rendered {
    /// Renders a layer's sources and patches.
    pub(super) fn of(request: RenderRequest<'_>, index: usize, layer: &Layer) -> Rendered {
        let started = std::time::Instant::now();
        let output: LayerOutput =
            layer::render(request.environment, request.document, index, layer, request.tree);
        Rendered { output, elapsed: started.elapsed() }
    }
}
