//! What Git declares: the committed files of an environment, as resources with their place, layer and cluster.
//!
//! Compared are the files that the lock lists or, where there is no lock, all YAML files below `environments/<env>`. The
//! environment file comes from the same tree. Only identities are kept; a resource is parsed again when it is compared, so
//! that the memory of a check does not grow with the trees of all resources.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use plimsoll_crossplane::supplied_output::SuppliedOutput;
use plimsoll_resource::{Resource, ResourceId, Scope, Scopes};
use plimsoll_yaml::Node;

use super::composed::Composed;
use super::outcome::Source;
use crate::commands::inputs::git_problem;
use crate::config::environment::{self, Environment};
use crate::config::{environment_path, read_environment};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::expansion::supplied;
use crate::git::{CommitId, GitError, Limits, Repository, Snapshot, UnreadReason};
use crate::render::RenderedEnvironment;
use crate::render::documents;
use crate::render::lock::{self, Lock};
use crate::render::source_text::SourceText;

/// The layer of the objects that apply the other layers.
pub const SYNC_LAYER: &str = "sync";

/// The cluster that the layer `sync` goes to.
pub const SYNC_CLUSTER: &str = "management";

/// Where the files are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    /// A commit.
    Commit(CommitId),
    /// The work tree.
    WorkTree,
}

/// What Git declares for one environment.
#[derive(Debug, Clone)]
pub struct Desired {
    /// The environment, from the same tree.
    pub environment: Environment,
    /// The commit that was read; `None` for the work tree.
    pub revision: Option<String>,
    /// Every resource of every layer, in the order of their files. What is told of one cluster shares them.
    pub resources: Vec<Arc<DesiredResource>>,
    /// What functions answer when claims are expanded.
    pub outputs: Arc<Vec<SuppliedOutput>>,
}

/// A resource that Git declares.
#[derive(Debug, Clone)]
pub struct DesiredResource {
    /// Which resource. The namespace is the one that it goes to; none for kinds that are known to have none.
    pub id: ResourceId,
    /// `apps/v1`.
    pub api_version: String,
    /// The layer.
    pub layer: Arc<str>,
    /// The cluster that it goes to, by its name in the environment; `None` where the environment does not have the layer.
    pub cluster: Option<Arc<str>>,
    /// Whether the kind is known to lie in namespaces; `None` where only the server knows.
    pub scope: Option<Scope>,
    /// Where it is declared.
    pub source: Source,
    /// How it comes from the claim that declares it; `None` for what stands in a file itself.
    pub composed: Option<Box<Composed>>,
    text: Arc<[u8]>,
    position: usize,
}

impl DesiredResource {
    /// What a claim becomes, with its own text.
    #[must_use]
    pub fn of_claim(
        id: ResourceId,
        api_version: String,
        claim: &DesiredResource,
        text: Arc<[u8]>,
        scope: Scope,
        composed: Composed,
    ) -> DesiredResource {
        DesiredResource {
            id,
            api_version,
            layer: Arc::clone(&claim.layer),
            cluster: claim.cluster.clone(),
            scope: Some(scope),
            source: claim.source.clone(),
            composed: Some(Box::new(composed)),
            text,
            position: 0,
        }
    }

    /// The version in `apiVersion`.
    #[must_use]
    pub fn version(&self) -> &str {
        plimsoll_resource::split_api_version(&self.api_version).1
    }

    /// The file that it stands in, as bytes.
    #[must_use]
    pub fn file_text(&self) -> &Arc<[u8]> {
        &self.text
    }

    /// The resource's tree, and the text that its spans count in.
    #[must_use]
    pub fn parse(&self) -> Option<(Node, Arc<str>)> {
        let text: Arc<str> = String::from_utf8_lossy(&self.text).into();
        let source = SourceText::manifest(self.source.file.clone(), Arc::clone(&text));
        let (pieces, _) = documents::read(Arc::new(source));
        let piece = pieces.into_iter().nth(self.position)?;
        Some((piece.into_resource().node, text))
    }
}

/// Reads what an environment declares.
pub fn read(repository: &Repository, tree: Tree, name: &str) -> Result<Desired, Diagnostics> {
    let git = |error: GitError| git_problem(&error).in_environment(name);
    let file = |path: &str| match tree {
        Tree::Commit(commit) => repository.read_committed_file(commit, path),
        Tree::WorkTree => repository.read_work_file(path),
    };
    let path = environment_path(name);
    let Some(bytes) = file(&path).map_err(git)? else {
        let message = format!("there is no environment `{name}`: no `{path}` {}", place_of(tree));
        return Err(Diagnostic::error(Code::new("config::unknown-environment"), message)
            .with_help(
                "commit it: a check compares what Git has (`--work-tree` compares the files as they lie)",
            )
            .into());
    };
    let (environment, _) = read_environment(name, &bytes)?;
    let folder = format!("environments/{name}");
    let snapshot = match tree {
        Tree::Commit(commit) => repository.read_commit(commit, &folder, Limits::default()),
        Tree::WorkTree => repository.read_work_tree(&folder, Limits::default()),
    }
    .map_err(git)?;
    let revision = match tree {
        Tree::Commit(commit) => Some(commit.to_string()),
        Tree::WorkTree => None,
    };
    let resources = of_files(&environment, &snapshot, name).map_err(|found| found.in_environment(name))?;
    let resources = resources.into_iter().map(Arc::new).collect();
    let outputs = match file(&supplied::path(name)).map_err(git)? {
        Some(bytes) => supplied::read_outputs(&supplied::path(name), &bytes)
            .map_err(|found| found.in_environment(name))?,
        None => Vec::new(),
    };
    Ok(Desired { environment, revision, resources, outputs: Arc::new(outputs) })
}

/// What an environment will declare once it is committed as it was rendered.
pub fn of_rendered(
    environment: &Environment,
    rendered: &RenderedEnvironment,
) -> Result<Desired, Diagnostics> {
    let snapshot = Snapshot { files: rendered.files.clone(), unread: Vec::new() };
    let name = &environment.metadata.name;
    let resources = of_files(environment, &snapshot, name).map_err(|found| found.in_environment(name))?;
    let resources = resources.into_iter().map(Arc::new).collect();
    let outputs = Arc::clone(&rendered.supplied.outputs);
    Ok(Desired { environment: environment.clone(), revision: None, resources, outputs })
}

fn place_of(tree: Tree) -> &'static str {
    match tree {
        Tree::Commit(_) => "in this commit",
        Tree::WorkTree => "in the work tree",
    }
}

/// The resources of the files that count.
fn of_files(
    environment: &Environment,
    snapshot: &Snapshot,
    name: &str,
) -> Result<Vec<DesiredResource>, Diagnostics> {
    let (paths, mut found) = compared_paths(snapshot, name)?;
    let mut scopes = Scopes::built_in();
    for kind in &environment.spec.kinds {
        let scope = match kind.scope {
            environment::Scope::Namespaced => Scope::Namespaced,
            environment::Scope::Cluster => Scope::Cluster,
        };
        scopes.declare(&kind.group, &kind.kind, scope);
    }
    let prefix = format!("environments/{name}/");
    let mut resources = Vec::new();
    for path in paths {
        let Some(bytes) = snapshot.files.get(&path) else { continue };
        let Ok(text) = std::str::from_utf8(bytes) else {
            found.push(
                Diagnostic::error(Code::new("check::manifest"), "the file is not UTF-8")
                    .at(Place::file(&*path)),
            );
            continue;
        };
        let (pieces, problems) = documents::read(Arc::new(SourceText::manifest(path.clone(), text.into())));
        found.extend(problems);
        let layer: Arc<str> =
            path.strip_prefix(&prefix).and_then(|rest| rest.split('/').next()).unwrap_or_default().into();
        for (position, piece) in pieces.into_iter().enumerate() {
            let resource = piece.into_resource();
            scopes.learn_from(&resource.node);
            resources.push(of_resource(resource, Arc::clone(&layer), Arc::clone(bytes), position));
        }
    }
    place(environment, &scopes, &mut resources);
    found.extend(doubled(&resources));
    if found.has_errors() { Err(found) } else { Ok(resources) }
}

/// The paths that are compared: the lock's, or all YAML files where there is no lock.
fn compared_paths(snapshot: &Snapshot, name: &str) -> Result<(Vec<String>, Diagnostics), Diagnostics> {
    let mut found = Diagnostics::new();
    let lock_path = lock::path(name);
    let paths: Vec<String> = match snapshot.files.get(&lock_path) {
        Some(bytes) => {
            let lock = Lock::parse(&lock_path, bytes)?;
            for path in lock.files.keys().filter(|path| snapshot.files.get(path).is_none()) {
                let message = format!("`{path}` is in the lock file and not in Git");
                found.push(
                    Diagnostic::error(Code::new("check::incomplete-tree"), message)
                        .at(Place::file(lock_path.clone()))
                        .with_help("render again, and commit everything that render wrote"),
                );
            }
            lock.files.into_keys().filter(|path| is_yaml(path)).collect()
        }
        None => snapshot.files.iter().map(|(path, _)| path.to_owned()).filter(|path| is_yaml(path)).collect(),
    };
    for unread in &snapshot.unread {
        if unread.reason == UnreadReason::Limit || is_yaml(&unread.path) {
            let message = format!("`{}` cannot be read from the tree", unread.path);
            found.push(Diagnostic::error(Code::new("check::incomplete-tree"), message));
        }
    }
    Ok((paths, found))
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

fn of_resource(resource: Resource, layer: Arc<str>, text: Arc<[u8]>, position: usize) -> DesiredResource {
    let api_version = resource.node.get("apiVersion").and_then(Node::as_str).unwrap_or_default().to_owned();
    DesiredResource {
        id: resource.id,
        api_version,
        layer,
        cluster: None,
        scope: None,
        source: Source { file: resource.origin.file, line: resource.origin.line.max(1) },
        composed: None,
        text,
        position,
    }
}

/// Gives every resource its cluster, its scope and its namespace.
fn place(environment: &Environment, scopes: &Scopes, resources: &mut [DesiredResource]) {
    let mut layers: HashMap<&str, (Arc<str>, &str)> = HashMap::new();
    for layer in &environment.spec.layers {
        let namespace = layer.namespace.as_deref().unwrap_or("default");
        layers.insert(&layer.name, (layer.destination.as_str().into(), namespace));
    }
    if environment.spec.clusters.contains_key(SYNC_CLUSTER) && !layers.contains_key(SYNC_LAYER) {
        layers.insert(SYNC_LAYER, (SYNC_CLUSTER.into(), "default"));
    }
    for resource in resources {
        let layer = layers.get(&*resource.layer);
        resource.cluster = layer.map(|(cluster, _)| Arc::clone(cluster));
        resource.scope = scopes.of(&resource.id.group, &resource.id.kind);
        let default = layer.map_or("default", |(_, namespace)| namespace);
        resource.take_scope(resource.scope, default);
    }
}

impl DesiredResource {
    /// Whether what is known of the kind says something new of the resource.
    #[must_use]
    pub fn is_moved_by(&self, scope: Option<Scope>) -> bool {
        self.scope != scope
            || (scope == Some(Scope::Namespaced) && self.id.namespace.is_none())
            || (scope == Some(Scope::Cluster) && self.id.namespace.is_some())
    }

    /// Says where the kind's resources lie, once that is known, and so what its namespace is.
    pub fn take_scope(&mut self, scope: Option<Scope>, default_namespace: &str) {
        self.scope = scope;
        match scope {
            Some(Scope::Cluster) => self.id.namespace = None,
            Some(Scope::Namespaced) if self.id.namespace.is_none() => {
                self.id.namespace = Some(default_namespace.to_owned());
            }
            _ => {}
        }
    }
}

/// What is declared twice for one cluster: which of the two holds cannot be known.
fn doubled(resources: &[DesiredResource]) -> Diagnostics {
    let mut seen: BTreeMap<(Option<&str>, &ResourceId), &DesiredResource> = BTreeMap::new();
    let mut found = Diagnostics::new();
    for resource in resources {
        match seen.insert((resource.cluster.as_deref(), &resource.id), resource) {
            None => {}
            Some(first) => found.push(
                Diagnostic::error(
                    Code::new("check::declared-twice"),
                    format!("`{}` is declared twice for one cluster", resource.id),
                )
                .at(Place::line(&resource.source.file, resource.source.line))
                .with_link("also at", Place::line(&first.source.file, first.source.line)),
            ),
        }
    }
    found
}
