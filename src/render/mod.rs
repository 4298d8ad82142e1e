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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_resource::{FileTree, ResourceId, Scope, Scopes};
use plimsoll_yaml::{Budget, Dialect, Numbers};
use rayon::prelude::*;
use serde_json::Value;

use crate::config::date::Date;
use crate::config::environment::{self, Environment};
use crate::config::{Document, environment_path};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expansion::{Supplied, supplied};
use crate::fetch::schemas::PinnedSchemas;
use crate::secrets::{Permission, UsedPermission};
pub use default_sizes::DefaultSize;
use documents::Piece;
use known_documents::DocumentReader;
use known_resources::{KnownResource, KnownResources, Placing};
use lock::{Inputs, Lock, OwnedFile};
pub use pair::render_pair;
pub use unknown_values::UNKNOWN_VALUE;
use validation::{Known, ManagedResources};

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
    /// Every file, the lock included, with paths from the repository's root.
    pub files: FileTree,
    /// What was written and read.
    pub lock: Lock,
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
    /// Its plain data, where it defines or composes other kinds; of all others [`RenderedEnvironment::value`] reads it, since
    /// plain data takes ten times the memory of its text.
    pub definition: Option<Value>,
}

impl RenderedEnvironment {
    /// The plain data of a resource, read from its file.
    #[must_use]
    pub fn value(&self, resource: &RenderedResource) -> Option<Value> {
        let node = plimsoll_yaml::parse_one(self.files.get(&resource.path)?, Dialect::Helm, &Budget::DEFAULT)
            .ok()?;
        node.to_value(Dialect::Helm, Numbers::AsWritten).ok()
    }
}

impl RenderedResource {
    fn new(id: ResourceId, path: String, source: String, value: Value) -> RenderedResource {
        let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
        let definition = RenderedResource::is_definition(&id).then_some(value);
        RenderedResource { id, path, source, api_version, definition }
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
    finish(request, rendered, how).map(|(environment, _)| environment)
}

/// What the sources and patches of a layer gave, and how long that took.
#[derive(Debug, Clone)]
struct Rendered {
    output: layer::LayerOutput,
    elapsed: Duration,
}

/// How an environment is finished.
#[derive(Clone, Copy, Default)]
struct Finish<'a> {
    /// What resources of another version became.
    known: Option<&'a KnownResources>,
    /// Whether to remember what its own become.
    remembers: bool,
    /// Whether what claims become is validated.
    managed: ManagedResources,
}

/// From what all layers gave to the environment's files.
fn finish(
    request: RenderRequest<'_>,
    rendered: Vec<Rendered>,
    how: Finish<'_>,
) -> Result<(RenderedEnvironment, KnownResources), Diagnostics> {
    let RenderRequest { environment, document, tree, today } = request;
    let name = &environment.metadata.name;
    let in_environment = |found: Diagnostics| found.in_environment(name);
    let mut layers = Vec::new();
    let mut found = Diagnostics::new();
    let mut read = BTreeSet::new();
    let mut default_sizes = Vec::new();
    for Rendered { output, elapsed } in rendered {
        default_sizes.extend(output.default_sizes);
        found.extend(output.found);
        read.extend(output.read);
        layers.push((output.pieces, elapsed));
    }
    if found.has_errors() {
        return Err(in_environment(found));
    }
    let scopes = scopes(environment, layers.iter().flat_map(|(pieces, _)| pieces));
    let mut fates: Vec<Vec<Fate<'_>>> = Vec::with_capacity(layers.len());
    for ((pieces, _), layer) in layers.iter_mut().zip(&environment.spec.layers) {
        let mut of_layer: Vec<Fate<'_>> =
            pieces.iter_mut().map(|piece| Fate::before(piece, layer, &scopes, how)).collect();
        found.extend(layer::set_namespaces(pieces.iter_mut().zip(of_layer.iter().map(|fate| &fate.placing))));
        pieces.iter().zip(&mut of_layer).for_each(|(piece, fate)| fate.look_again(piece, how));
        found.extend(layer::doubled(pieces));
        fates.push(of_layer);
    }
    found.extend(doubled_in_cluster(environment, &layers));
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
    let pieces: Vec<&Piece> = layers.iter().flat_map(|(pieces, _)| pieces).collect();
    let all_fates = || fates.iter().flatten();
    let new: Vec<&Piece> = pieces
        .iter()
        .zip(all_fates())
        .filter(|(_, fate)| fate.known.is_none())
        .map(|(piece, _)| *piece)
        .collect();
    let known = Known { supplied: &supplied, schemas: &schemas, managed: how.managed };
    let (refusal, (invalid, struck)) =
        rayon::join(|| refusal::check(&new, permission), || validation::check(&pieces, &new, known));
    found.extend(refusal.refused);
    found.extend(invalid);
    if found.has_errors() {
        return Err(in_environment(found));
    }
    let of_new = fates.iter_mut().flatten().filter(|fate| fate.known.is_none()).enumerate();
    of_new.for_each(|(index, fate)| {
        fate.is_struck = struck.contains(&index) || refusal.struck.contains(&index)
    });
    let permitted = refusal.permitted;
    let mut written = Writer::new(name);
    let mut rendered_layers = Vec::new();
    for (((pieces, elapsed), layer), fates) in layers.into_iter().zip(&environment.spec.layers).zip(fates) {
        let started = Instant::now();
        let resources = written.write_layer(&layer.name, pieces, fates)?;
        rendered_layers.push(RenderedLayer {
            name: layer.name.clone(),
            destination: layer.destination.clone(),
            resources,
            elapsed: elapsed + started.elapsed(),
        });
    }
    let source = environment_path(name);
    if let Some(sync) = written.write_sync(environment, &rendered_layers, &source)? {
        rendered_layers.push(sync);
    }
    written.add(
        format!("environments/{name}/README.md"),
        sync::bootstrap_note(environment).into_bytes(),
        source.clone(),
    )?;
    let mut inputs: BTreeMap<String, String> = read
        .into_iter()
        .filter_map(|path| tree.get(&path).map(|bytes| (path.clone(), digest::sha256(bytes))))
        .collect();
    inputs.insert(source, environment_digest(document));
    let known = std::mem::take(&mut written.known);
    let (files, lock) = written.finish(Inputs::of(inputs), environment)?;
    let environment = RenderedEnvironment {
        name: name.clone(),
        layers: rendered_layers,
        files,
        lock,
        permitted,
        supplied,
        schemas,
        remarks: in_environment(found),
        default_sizes,
    };
    Ok((environment, known))
}

/// What is known of a resource while its environment is finished.
struct Fate<'a> {
    placing: Placing,
    /// As its source gave it, where that is to be remembered.
    before: Option<Arc<plimsoll_resource::Resource>>,
    /// What the same resource of another version became.
    known: Option<&'a KnownResource>,
    /// Whether something was found in it, so that nobody may take it over unexamined.
    is_struck: bool,
}

impl<'a> Fate<'a> {
    /// Before the resource has its namespace; one that is known gets it here.
    fn before(piece: &mut Piece, layer: &environment::Layer, scopes: &Scopes, how: Finish<'a>) -> Fate<'a> {
        let placing = layer::placing(piece, layer, scopes);
        let known = how.known.and_then(|known| known.of_source(piece, &placing));
        let before = how.remembers.then(|| Arc::clone(&piece.resource));
        if let Some(known) = known {
            piece.resource = Arc::clone(&known.after);
        }
        Fate { placing, before, known, is_struck: false }
    }

    /// Once the resource has its namespace.
    fn look_again(&mut self, piece: &Piece, how: Finish<'a>) {
        if self.known.is_none() {
            self.known = how.known.and_then(|known| known.of_content(piece));
        }
    }
}

/// The digest of what rendering reads of an environment's file, whatever its layout and its other parts.
fn environment_digest(document: &Document) -> String {
    let mut value = document.root().to_value(Dialect::Yaml12, Numbers::AsWritten).unwrap_or_default();
    let mut forget = |parent: &str, keys: &[&str]| {
        if let Some(parent) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.retain(|key, _| !keys.contains(&key.as_str()));
        }
    };
    forget("/spec", &["drift", "lint"]);
    forget("/spec/aws", &["roleArn", "endpointUrl"]);
    if let Some(clusters) = value.pointer_mut("/spec/clusters").and_then(Value::as_object_mut) {
        for cluster in clusters.values_mut().filter_map(Value::as_object_mut) {
            cluster.remove("kubeconfig");
        }
    }
    digest::sha256(value.to_string().as_bytes())
}

fn scopes<'a>(environment: &Environment, pieces: impl Iterator<Item = &'a Piece>) -> Scopes {
    let mut scopes = Scopes::built_in();
    for piece in pieces {
        scopes.learn_from(&piece.resource.node);
    }
    for kind in &environment.spec.kinds {
        let scope = match kind.scope {
            environment::Scope::Namespaced => Scope::Namespaced,
            environment::Scope::Cluster => Scope::Cluster,
        };
        scopes.declare(&kind.group, &kind.kind, scope);
    }
    scopes
}

/// Resources that two layers would apply to one cluster.
fn doubled_in_cluster(environment: &Environment, layers: &[(Vec<Piece>, Duration)]) -> Diagnostics {
    let mut first: HashMap<(&str, &ResourceId), (usize, &Piece)> = HashMap::new();
    let mut found = Diagnostics::new();
    for (index, ((pieces, _), layer)) in layers.iter().zip(&environment.spec.layers).enumerate() {
        for piece in pieces {
            let key = (layer.destination.as_str(), &piece.resource.id);
            match first.get(&key) {
                None => {
                    first.insert(key, (index, piece));
                }
                Some((of, other)) if *of != index => found.push(layer::two_of_one(other, piece)),
                Some(_) => {}
            }
        }
    }
    found
}

/// Collects the files of an environment.
struct Writer {
    environment: String,
    files: FileTree,
    owned: BTreeMap<String, OwnedFile>,
    known: KnownResources,
}

/// A resource that is printed.
struct Printed {
    resource: RenderedResource,
    text: Arc<[u8]>,
    sha256: String,
    /// What another version may take over.
    known: Option<KnownResource>,
}

impl Printed {
    fn new(resource: RenderedResource, text: String) -> Printed {
        let sha256 = digest::sha256(text.as_bytes());
        Printed { resource, text: text.into_bytes().into(), sha256, known: None }
    }

    /// Prints a resource, or takes over what the same one of another version became.
    fn of(piece: Piece, path: String, fate: Fate<'_>) -> Result<Printed, Diagnostics> {
        let resource = &piece.resource;
        let source = resource.origin.file.clone();
        if let Some(known) = fate.known.filter(|_| !RenderedResource::is_definition(&resource.id)) {
            let api_version = resource.node.get("apiVersion").and_then(plimsoll_yaml::Node::as_str);
            let resource = RenderedResource {
                id: resource.id.clone(),
                path,
                source,
                api_version: api_version.unwrap_or_default().to_owned(),
                definition: None,
            };
            let (text, sha256) = (Arc::clone(&known.text), known.sha256.clone());
            return Ok(Printed { resource, text, sha256, known: None });
        }
        let (value, text) = canonical::print(&piece)?;
        let mut printed = Printed::new(RenderedResource::new(resource.id.clone(), path, source, value), text);
        if let Some(before) = fate.before.filter(|_| !fate.is_struck) {
            printed.known = Some(KnownResource {
                before,
                placing: fate.placing,
                after: piece.resource,
                text: Arc::clone(&printed.text),
                sha256: printed.sha256.clone(),
            });
        }
        Ok(printed)
    }
}

impl Writer {
    fn new(environment: &str) -> Writer {
        Writer {
            environment: environment.to_owned(),
            files: FileTree::new(),
            owned: BTreeMap::new(),
            known: KnownResources::default(),
        }
    }

    fn write_layer(
        &mut self,
        layer: &str,
        pieces: Vec<Piece>,
        fates: Vec<Fate<'_>>,
    ) -> Result<Vec<RenderedResource>, Diagnostics> {
        let ids: Vec<&ResourceId> = pieces.iter().map(|piece| &piece.resource.id).collect();
        let paths = output_path::assign(&ids);
        let printed: Vec<Result<Printed, Diagnostics>> = pieces
            .into_par_iter()
            .zip(fates)
            .zip(paths)
            .map(|((piece, fate), path)| {
                Printed::of(piece, format!("environments/{}/{layer}/{path}", self.environment), fate)
            })
            .collect();
        self.collect(printed)
    }

    fn write_sync(
        &mut self,
        environment: &Environment,
        layers: &[RenderedLayer],
        source: &str,
    ) -> Result<Option<RenderedLayer>, Diagnostics> {
        let contents: Vec<sync::LayerContents<'_>> =
            layers.iter().map(|layer| sync::LayerContents { resources: &layer.resources }).collect();
        let objects = sync::objects(environment, &contents);
        if objects.is_empty() {
            return Ok(None);
        }
        let paths = output_path::assign(&objects.iter().map(|(id, _)| id).collect::<Vec<_>>());
        let written = objects
            .into_iter()
            .zip(paths)
            .map(|((id, value), path)| {
                let text = canonical::print_value(&value)?;
                let path = format!("environments/{}/sync/{path}", self.environment);
                Ok(Printed::new(RenderedResource::new(id, path, source.to_owned(), value), text))
            })
            .collect();
        let resources = self.collect(written)?;
        let destination = "management".to_owned();
        Ok(Some(RenderedLayer { name: "sync".to_owned(), destination, resources, elapsed: Duration::ZERO }))
    }

    fn collect(
        &mut self,
        printed: Vec<Result<Printed, Diagnostics>>,
    ) -> Result<Vec<RenderedResource>, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut resources = Vec::with_capacity(printed.len());
        for one in printed {
            match one {
                Ok(Printed { resource, text, sha256, known }) => {
                    let file = OwnedFile { sha256, source: resource.source.clone() };
                    self.owned.insert(resource.path.clone(), file);
                    self.insert(&resource.path, text)?;
                    resources.push(resource);
                    known.into_iter().for_each(|known| self.known.insert(known));
                }
                Err(of_resource) => found.extend(of_resource),
            }
        }
        resources.sort_by(|first, second| first.path.cmp(&second.path));
        if found.has_errors() { Err(found.in_environment(&self.environment)) } else { Ok(resources) }
    }

    fn add(&mut self, path: String, bytes: Vec<u8>, source: String) -> Result<(), Diagnostics> {
        self.owned.insert(path.clone(), OwnedFile { sha256: digest::sha256(&bytes), source });
        self.insert(&path, bytes)
    }

    fn insert(&mut self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Result<(), Diagnostics> {
        self.files
            .insert(path, bytes)
            .map_err(|error| Diagnostic::error(Code::new("render::output-path"), error.to_string()).into())
    }

    fn finish(mut self, inputs: Inputs, environment: &Environment) -> Result<(FileTree, Lock), Diagnostics> {
        let lock = Lock {
            api_version: lock::API_VERSION.to_owned(),
            kind: "Lock".to_owned(),
            environment: self.environment.clone(),
            version: crate::commands::version::VERSION.to_owned(),
            profiles: profiles(environment),
            inputs,
            files: std::mem::take(&mut self.owned),
        };
        self.insert(&lock::path(&self.environment), lock.to_yaml().into_bytes())?;
        Ok((self.files, lock))
    }
}

/// The rules that are rendered by. A change of them changes output, and with it every lock.
fn profiles(environment: &Environment) -> BTreeMap<String, String> {
    let mut sources = environment.spec.layers.iter().flat_map(|layer| &layer.sources);
    let has_charts = sources.any(|source| matches!(source, environment::Source::Helm(_)));
    let charts = has_charts.then_some(("charts", "helm v3.21.4 and v4.2.4"));
    [("patches", "kustomize v5.8.1"), ("templates", "minijinja v3.1"), ("yaml", "kustomize v5.8.1")]
        .into_iter()
        .chain(charts)
        .map(|(engine, follows)| (engine.to_owned(), follows.to_owned()))
        .collect()
}
