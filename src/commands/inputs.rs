//! The inputs of environments: which are there, and the files that each is made of, from the work tree or from a commit.

use std::collections::BTreeSet;

use plimsoll_resource::{FileTree, normalize_path};
use plimsoll_yaml::{Budget, Dialect, Node};

use crate::config::environment::{Environment, Source};
use crate::config::{Document, environment_path, read_environment};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, did_you_mean};
use crate::fetch::{ChartAddress, pinned};
use crate::git::{CommitId, GitError, Limits, ReadBlobs, Repository, Snapshot, Unread, UnreadReason};

/// Which environments a command works on.
#[derive(Debug, Clone, clap::Args)]
pub struct Selection {
    /// The environment; may be given more than once.
    #[arg(long, value_name = "NAME", required_unless_present = "all")]
    pub env: Vec<String>,
    /// Every environment that has an `overlays/<env>/environment.yaml`.
    #[arg(long, conflicts_with = "env")]
    pub all: bool,
}

/// Where inputs are read from.
#[derive(Debug, Clone, Copy)]
pub enum Revision {
    /// The files as they lie in the work tree.
    WorkTree,
    /// The files of a commit.
    Commit(CommitId),
}

/// An environment with its input files.
#[derive(Debug, Clone)]
pub struct EnvironmentInputs {
    /// The environment.
    pub environment: Environment,
    /// Its file.
    pub document: Document,
    /// Every file that rendering may read.
    pub tree: FileTree,
}

impl Selection {
    /// The names of the environments, in the order in which they were asked for, each once.
    pub fn names(&self, repository: &Repository, revision: Revision) -> Result<Vec<String>, Diagnostics> {
        if !self.all {
            let mut seen = BTreeSet::new();
            return Ok(self.env.iter().filter(|name| seen.insert(name.as_str())).cloned().collect());
        }
        let names = existing(repository, revision)?;
        if names.is_empty() {
            return Err(Diagnostic::error(
                Code::new("config::unknown-environment"),
                "there is no `overlays/<env>/environment.yaml`",
            )
            .with_help("run inside an environments repository")
            .into());
        }
        Ok(names)
    }
}

/// The environments that are there.
fn existing(repository: &Repository, revision: Revision) -> Result<Vec<String>, Diagnostics> {
    let snapshot = read(repository, revision, "overlays").map_err(|error| git_problem(&error))?;
    let names = snapshot.files.iter().filter_map(|(path, _)| {
        let (name, file) = path.strip_prefix("overlays/")?.split_once('/')?;
        (file == "environment.yaml").then(|| name.to_owned())
    });
    Ok(names.collect())
}

/// Whether a revision has an environment of this name.
pub fn exists(repository: &Repository, revision: Revision, name: &str) -> Result<bool, Diagnostics> {
    let path = environment_path(name);
    let bytes = match revision {
        Revision::WorkTree => repository.read_work_file(&path),
        Revision::Commit(commit) => repository.read_committed_file(commit, &path),
    };
    Ok(bytes.map_err(|error| git_problem(&error))?.is_some())
}

/// Reads an environment and all its input files.
pub fn load(
    repository: &Repository,
    revision: Revision,
    name: &str,
) -> Result<EnvironmentInputs, Diagnostics> {
    load_again(repository, revision, name, &ReadBlobs::default())
}

/// The same, with files that another revision was read to have taken from there.
pub fn load_again(
    repository: &Repository,
    revision: Revision,
    name: &str,
    known: &ReadBlobs,
) -> Result<EnvironmentInputs, Diagnostics> {
    let read = |folder: &str| match revision {
        Revision::WorkTree => repository.read_work_tree(folder, Limits::default()),
        Revision::Commit(commit) => repository.read_commit_again(commit, folder, Limits::default(), known),
    };
    let folder = normalize_path(&format!("overlays/{name}")).filter(|_| !name.contains('/'));
    let snapshot = match &folder {
        Some(folder) => read(folder).map_err(|error| git_problem(&error))?,
        None => Snapshot::default(),
    };
    let path = environment_path(name);
    let Some(bytes) = snapshot.files.get(&path).cloned() else {
        let names = existing(repository, revision)?;
        let help =
            did_you_mean(name, names.iter().map(String::as_str)).unwrap_or_else(|| match names.as_slice() {
                [] => "run inside an environments repository".to_owned(),
                names => format!("the environments are {}", names.join(", ")),
            });
        let message = format!("there is no environment `{name}`: no `{path}`");
        return Err(Diagnostic::error(Code::new("config::unknown-environment"), message)
            .with_help(help)
            .into());
    };
    let (environment, document) = read_environment(name, &bytes)?;
    let mut tree = snapshot.files;
    let mut unread = snapshot.unread;
    let mut folders = source_folders(&environment);
    let mut loaded = BTreeSet::from([format!("overlays/{name}")]);
    folders.extend(kustomized_folders(&tree));
    while let Some(folder) = folders.pop_first() {
        if !loaded.insert(folder.clone()) {
            continue;
        }
        let source = read(&folder).map_err(|error| git_problem(&error))?;
        unread.extend(source.unread);
        folders.extend(kustomized_folders(&source.files));
        for (path, bytes) in source.files.iter() {
            // Paths of a snapshot lie inside the tree, so none is refused.
            let _ = tree.insert(path, bytes.clone());
        }
    }
    unread.sort();
    unread.dedup();
    let found: Diagnostics = unread.iter().map(unreadable).collect();
    if found.has_errors() {
        return Err(found.in_environment(name));
    }
    pinned::add_to(&mut tree, name).map_err(|found| found.in_environment(name))?;
    Ok(EnvironmentInputs { environment, document, tree })
}

/// The folders outside of the overlay that an environment's sources lie in.
fn source_folders(environment: &Environment) -> BTreeSet<String> {
    let own = format!("overlays/{}/", environment.metadata.name);
    environment
        .spec
        .layers
        .iter()
        .flat_map(|layer| &layer.sources)
        .filter_map(|source| match source {
            Source::Templates(folder) | Source::Manifests(folder) | Source::Kustomize(folder) => {
                normalize_path(&folder.path)
            }
            Source::Helm(helm) => match ChartAddress::of_source(helm) {
                Ok(None) => normalize_path(&helm.chart),
                _ => None,
            },
        })
        .filter(|path| !path.is_empty() && !path.starts_with(&own))
        .collect()
}

/// The folders that kustomizations of these files name outside of their own.
fn kustomized_folders(files: &FileTree) -> BTreeSet<String> {
    let is_kustomization =
        |path: &str| ["kustomization.yaml", "kustomization.yml", "Kustomization"].contains(&file_name(path));
    let mut folders = BTreeSet::new();
    for (path, bytes) in files.iter().filter(|(path, _)| is_kustomization(path)) {
        let Ok(tree) = plimsoll_yaml::parse_one(bytes, Dialect::Kustomize, &Budget::DEFAULT) else {
            continue;
        };
        let own = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        collect_paths_outside(&tree, own, &mut folders);
    }
    folders
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path that leaves its folder has a part `..`; one that ends in a file's name is loaded with the file's folder.
fn collect_paths_outside(node: &Node, own: &str, folders: &mut BTreeSet<String>) {
    if let Some(text) = node.as_str()
        && text.split('/').any(|part| part == "..")
        && !text.contains('\n')
        && let Some(path) = normalize_path(&format!("{own}/{text}"))
    {
        let folder = if file_name(&path).contains('.') {
            path.rsplit_once('/').map_or("", |(folder, _)| folder)
        } else {
            &path
        };
        if !folder.is_empty() && folder != "environments" && !folder.starts_with("environments/") {
            folders.insert(folder.to_owned());
        }
    }
    node.items().into_iter().flatten().for_each(|item| collect_paths_outside(item, own, folders));
    for entry in node.entries().into_iter().flatten() {
        collect_paths_outside(&entry.value, own, folders);
    }
}

fn read(repository: &Repository, revision: Revision, folder: &str) -> Result<Snapshot, GitError> {
    match revision {
        Revision::WorkTree => repository.read_work_tree(folder, Limits::default()),
        Revision::Commit(commit) => repository.read_commit(commit, folder, Limits::default()),
    }
}

fn unreadable(unread: &Unread) -> Diagnostic {
    let (reason, help) = match unread.reason {
        UnreadReason::Submodule => ("is a submodule or another repository", "copy what is needed from it"),
        UnreadReason::LeadsOut => ("is a link that leads out of the repository", "copy the file instead"),
        UnreadReason::Dangling => ("is a link that leads nowhere", "mend or remove the link"),
        UnreadReason::Special => ("is neither a file nor a folder", "remove it"),
        UnreadReason::Name => ("has a name that is not UTF-8", "rename it"),
        UnreadReason::Limit => ("is more than may be read", "keep large files out of the folders of sources"),
    };
    Diagnostic::error(Code::new("render::unreadable-input"), format!("`{}` {reason}", unread.path))
        .at(Place::file(unread.path.clone()))
        .with_help(help)
}

/// An error of Git as diagnostics: one for each path that was refused.
#[must_use]
pub fn git_problem(error: &GitError) -> Diagnostics {
    if let GitError::Refused(refusals) = error {
        let adopt = "nothing was changed; look at it, then `--adopt` takes it over";
        return refusals
            .0
            .iter()
            .map(|refusal| {
                let help = if refusal.is_adoptable() {
                    adopt
                } else {
                    "nothing was changed; move it out of the way"
                };
                Diagnostic::error(Code::new("git::refused"), refusal.to_string()).with_help(help)
            })
            .collect();
    }
    let mut diagnostic =
        Diagnostic::error(Code::new(git_code(error)), error.to_string()).with_optional_help(error.help());
    let mut cause = std::error::Error::source(error);
    while let Some(below) = cause {
        diagnostic = diagnostic.with_cause(below.to_string());
        cause = below.source();
    }
    diagnostic.into()
}

fn git_code(error: &GitError) -> &'static str {
    match error {
        GitError::NotARepository { .. } | GitError::NoWorkTree { .. } | GitError::Ownership { .. } => {
            "git::repository"
        }
        GitError::ObjectFormat { .. } | GitError::Index { .. } => "git::unsupported",
        GitError::Revision { .. }
        | GitError::BranchName { .. }
        | GitError::BranchInUse { .. }
        | GitError::InProgress { .. } => "git::branch",
        GitError::Refused(_) => "git::refused",
        GitError::Moved { .. } | GitError::ChangedMeanwhile { .. } => "git::moved",
        GitError::Locked { .. } | GitError::Busy { .. } => "git::busy",
        GitError::Identity { .. } | GitError::Configuration { .. } => "git::configuration",
        GitError::Signing { .. } => "git::signing",
        GitError::Unfinished { .. } => "git::unfinished",
        GitError::File { .. } | GitError::Library { .. } => "git::failed",
    }
}
