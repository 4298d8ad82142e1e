//! Rendering: an environment and its input files into the files of `environments/<env>`.
//!
//! A function of values: the same inputs give the same bytes on any machine and any number of threads. It reads no clock (the
//! day, which permissions end by, is passed in), no environment and no disk, and starts nothing.
//!
//! Sources become resources ([`source`], [`documents`]), patches change them ([`patching`]), the layer's namespace is set
//! ([`layer`]), secrets are refused ([`crate::secrets`]), and what is left is written as canonical YAML ([`canonical`]) under
//! safe names ([`output_path`]), with the sync objects ([`sync`]) and the lock ([`lock`]).

mod built_in_kinds;
pub mod canonical;
pub mod chart_engine;
mod default_sizes;
pub mod digest;
pub mod documents;
mod helm_failure;
mod helm_randomness;
mod helm_source;
mod helm_templates;
pub mod known_documents;
mod known_resources;
pub mod kustomize_source;
pub mod layer;
pub mod lock;
pub mod output_path;
mod pair;
pub mod patching;
mod placed;
mod placed_pair;
mod quoted_content;
mod refusal;
pub mod source;
pub mod source_text;
pub mod sync;
pub mod template;
mod unknown_values;
pub mod validation;
mod value_places;
pub mod values;
mod writer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_resource::{FileTree, Resource, ResourceId};
use plimsoll_yaml::{Budget, Dialect, Numbers};
use rayon::prelude::*;
use serde_json::Value;

use crate::config::Document;
use crate::config::date::Date;
use crate::config::environment::{self, Environment};
use crate::diagnostic::Diagnostics;
use crate::expansion::{Supplied, supplied};
use crate::fetch::schemas::PinnedSchemas;
use crate::secrets::{Permission, UsedPermission};
pub use default_sizes::DefaultSize;
use documents::Piece;
use known_documents::DocumentReader;
use known_resources::{KnownResource, KnownResources};
use layer::LayerOutput;
pub use pair::render_pair;
use placed::Placed;
pub use unknown_values::UNKNOWN_VALUE;
use validation::{Known, ManagedResources};
use writer::Writer;

/// What rendering needs.
#[derive(Debug, Clone, Copy)]
pub struct RenderRequest<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// Its file.
    pub document: &'a Document,
    /// The input files.
    pub tree: &'a FileTree,
    /// The day by which permissions have ended or not.
    pub today: Date,
}

/// A rendered environment.
#[derive(Debug, Clone)]
pub struct RenderedEnvironment {
    /// The environment's name.
    pub name: String,
    /// Its layers, in the order of the environment's file; `sync` last, where there is one.
    pub layers: Vec<RenderedLayer>,
    /// Every file but the lock, with paths from the repository's root.
    pub files: FileTree,
    /// The input files that were read, with paths from the repository's root; the environment's own is not among them.
    pub read: BTreeSet<String>,
    /// Literals that were permitted although they look like secrets.
    pub permitted: Vec<UsedPermission>,
    /// What is supplied for claims to be expanded.
    pub supplied: Supplied,
    /// Definitions of kinds that the environment has pinned.
    pub schemas: PinnedSchemas,
    /// What is worth knowing, and stopped nothing.
    pub remarks: Diagnostics,
    /// Workloads of charts that have the size which their chart chose.
    pub default_sizes: Vec<DefaultSize>,
}

/// One layer of a rendered environment.
#[derive(Debug, Clone)]
pub struct RenderedLayer {
    /// Its name.
    pub name: String,
    /// The cluster that it goes to.
    pub destination: String,
    /// Its resources with the paths of their files, sorted by path.
    pub resources: Vec<RenderedResource>,
    /// How long its sources took.
    pub elapsed: Duration,
}

/// One resource of a rendered environment.
#[derive(Debug, Clone)]
pub struct RenderedResource {
    /// Its identity.
    pub id: ResourceId,
    /// Its file, from the repository's root.
    pub path: String,
    /// The input that it came from.
    pub source: String,
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its plain data, where it defines or composes other kinds; of all others [`RenderedEnvironment::value`] makes it, since
    /// plain data takes ten times the memory of its text.
    pub definition: Option<Value>,
    /// Its tree, where it was kept to be compared.
    tree: Option<Arc<Resource>>,
}

impl RenderedEnvironment {
    /// The plain data of a resource, from its tree or else from its file.
    #[must_use]
    pub fn value(&self, resource: &RenderedResource) -> Option<Value> {
        if let Some(tree) = &resource.tree {
            return tree.node.to_value(Dialect::Kustomize, Numbers::AsWritten).ok();
        }
        let node = plimsoll_yaml::parse_one(self.files.get(&resource.path)?, Dialect::Helm, &Budget::DEFAULT)
            .ok()?;
        node.to_value(Dialect::Helm, Numbers::AsWritten).ok()
    }
}

impl RenderedResource {
    fn new(id: ResourceId, path: String, source: String, value: Value) -> RenderedResource {
        let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
        let definition = RenderedResource::is_definition(&id).then_some(value);
        RenderedResource { id, path, source, api_version, definition, tree: None }
    }

    /// Whether resources like this one define or compose other kinds.
    fn is_definition(id: &ResourceId) -> bool {
        id.group == "apiextensions.crossplane.io"
    }
}

/// Renders an environment, or tells everything that stands against it.
pub fn render(request: RenderRequest<'_>) -> Result<RenderedEnvironment, Diagnostics> {
    render_as(request, Finish::default())
}

/// Renders an environment whose claims are expanded next. What they become is not examined.
pub fn render_claims(request: RenderRequest<'_>) -> Result<RenderedEnvironment, Diagnostics> {
    render_as(request, Finish { managed: ManagedResources::LeftAlone, ..Finish::default() })
}

fn render_as(request: RenderRequest<'_>, how: Finish<'_>) -> Result<RenderedEnvironment, Diagnostics> {
    let layers = request.environment.spec.layers.par_iter().enumerate();
    let rendered =
        layers.map(|(index, layer)| Rendered::of(request, index, layer, DocumentReader::Plain)).collect();
    let placed = Placed::of(request.environment, rendered);
    finish(request, placed, how).map(|(environment, _)| environment)
}

/// What the sources and patches of a layer gave, and how long that took.
#[derive(Debug, Clone)]
struct Rendered {
    output: LayerOutput,
    elapsed: Duration,
}

impl Rendered {
    /// Renders a layer's sources and patches.
    fn of(
        request: RenderRequest<'_>,
        index: usize,
        layer: &environment::Layer,
        documents: DocumentReader<'_>,
    ) -> Rendered {
        let started = Instant::now();
        let output =
            layer::render(request.environment, request.document, index, layer, request.tree, documents);
        Rendered { output, elapsed: started.elapsed() }
    }
}

/// How an environment is finished.
#[derive(Clone, Copy, Default)]
struct Finish<'a> {
    /// What resources of another version became.
    known: Option<&'a KnownResources>,
    /// What is left of the resources once they are printed.
    trees: Trees,
    /// Whether what claims become is validated.
    managed: ManagedResources,
}

/// What is left of resources once they are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Trees {
    /// Nothing but their texts.
    #[default]
    Dropped,
    /// The trees of those that no other version has, to be compared.
    Kept,
    /// The trees of all, to be compared and to be taken over by another version.
    Remembered,
}

/// From what all layers gave to the environment's files.
fn finish(
    request: RenderRequest<'_>,
    placed: Placed,
    how: Finish<'_>,
) -> Result<(RenderedEnvironment, KnownResources), Diagnostics> {
    let RenderRequest { environment, tree, today, .. } = request;
    let name = &environment.metadata.name;
    let in_environment = |found: Diagnostics| found.in_environment(name);
    let Placed { layers, mut read, mut found, default_sizes, .. } = placed;
    // What is wrong by then is told by itself: all that follows from it would be told as well.
    if !placed.is_whole {
        return Err(in_environment(found));
    }
    let supplied = match supplied::outputs_of(tree, name) {
        Ok(outputs) => Supplied { outputs: Arc::new(outputs), observed: Vec::new() },
        Err(problems) => {
            found.extend(problems);
            Supplied::default()
        }
    };
    read.insert(supplied::path(name));
    let schemas = PinnedSchemas::of(tree, name).unwrap_or_else(|problems| {
        found.extend(problems);
        PinnedSchemas::default()
    });
    read.extend(schemas.source.clone());
    let permission = Permission { rules: &environment.spec.secrets.allow, today };
    let pieces: Vec<&Piece> = layers.iter().flat_map(|layer| &layer.pieces).collect();
    let fates: Vec<Option<&KnownResource>> =
        pieces.iter().map(|piece| how.known.and_then(|known| known.of(piece))).collect();
    let is_new = |(_, fate): &(&&Piece, &Option<&KnownResource>)| fate.is_none();
    let new: Vec<&Piece> = pieces.iter().zip(&fates).filter(is_new).map(|(piece, _)| *piece).collect();
    let known = Known { supplied: &supplied, schemas: &schemas, managed: how.managed };
    let (refusal, (invalid, struck)) =
        rayon::join(|| refusal::check(&new, permission), || validation::check(&pieces, &new, known));
    found.extend(refusal.refused);
    found.extend(invalid);
    if found.has_errors() {
        return Err(in_environment(found));
    }
    let mut of_new = 0..new.len();
    let mut fates = fates.into_iter().map(|known| match known {
        Some(known) => Fate::Known(known),
        None => match of_new.next() {
            Some(index) if struck.contains(&index) || refusal.struck.contains(&index) => Fate::Struck,
            _ => Fate::New,
        },
    });
    let fates: Vec<Vec<Fate<'_>>> =
        layers.iter().map(|layer| fates.by_ref().take(layer.pieces.len()).collect()).collect();
    let mut written = Writer::new(name, how.trees);
    let mut rendered_layers = Vec::new();
    for ((layer, of_environment), fates) in layers.into_iter().zip(&environment.spec.layers).zip(fates) {
        let started = Instant::now();
        let resources = written.write_layer(&of_environment.name, layer.pieces, fates)?;
        rendered_layers.push(RenderedLayer {
            name: of_environment.name.clone(),
            destination: of_environment.destination.clone(),
            resources,
            elapsed: layer.elapsed + started.elapsed(),
        });
    }
    if let Some(sync) = written.write_sync(environment, &rendered_layers)? {
        rendered_layers.push(sync);
    }
    written
        .insert(&format!("environments/{name}/README.md"), sync::bootstrap_note(environment).into_bytes())?;
    let Writer { files, known, .. } = written;
    let environment = RenderedEnvironment {
        name: name.clone(),
        layers: rendered_layers,
        files,
        read,
        permitted: refusal.permitted,
        supplied,
        schemas,
        remarks: in_environment(found),
        default_sizes,
    };
    Ok((environment, known))
}

/// What is known of a resource before it is printed.
#[derive(Clone, Copy)]
enum Fate<'a> {
    /// It is what the same resource of another version is.
    Known(&'a KnownResource),
    /// It is printed.
    New,
    /// It is printed, and something was found in it, so that nobody may take it over unexamined.
    Struck,
}
