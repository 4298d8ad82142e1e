//! Reading files into memory: from a revision without a checkout, or from the work tree without leaving it.
//!
//! A symbolic link stands for what it points at, in the same revision or work tree; one that leads out of the repository, or
//! nowhere, is told and not followed. Submodules, and names that are not UTF-8, are told and not read.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use git2::{ObjectType, Oid};
use plimsoll_resource::{FileTree, normalize_path};
use rayon::prelude::*;

use super::error::library;
use super::folder::{Folders, Found, Way};
use super::{CommitId, GitError, Repository};

/// How much may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files.
    pub bytes: u64,
    /// Files.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 512 << 20, files: 200_000 }
    }
}

/// Files that were read, and what could not be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The files, with paths from the repository's root.
    pub files: FileTree,
    /// What is not among them, sorted by path.
    pub unread: Vec<Unread>,
}

/// A path that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// From the repository's root.
    pub path: String,
    /// Why.
    pub reason: UnreadReason,
}

/// Why a path was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadReason {
    /// It is a submodule or another repository.
    Submodule,
    /// It is a link that leads out of the repository.
    LeadsOut,
    /// It is a link that leads nowhere, or in a circle.
    Dangling,
    /// It is neither a file nor a folder nor a link.
    Special,
    /// Its name is not UTF-8.
    Name,
    /// It would pass the limits; nothing after it was read.
    Limit,
}

/// Committed files that were read before, by their content: what two commits share is read once, and shared in memory.
#[derive(Debug, Default)]
pub struct ReadBlobs(RefCell<HashMap<Oid, Arc<[u8]>>>);

/// From how many files on it is worth opening the repository once more for each thread.
const MANY: usize = 16;

impl ReadBlobs {
    /// Reads what is not known yet on several threads. What cannot be read, or is too much, is left for the one who needs it: it
    /// is told there, with its path.
    fn read_ahead(&self, repository: &Path, blobs: &[Oid], limits: Limits) {
        let unknown: Vec<Oid> = {
            let known = self.0.borrow();
            let mut seen = HashSet::new();
            blobs.iter().copied().filter(|id| !known.contains_key(id) && seen.insert(*id)).collect()
        };
        if unknown.len() < MANY {
            return;
        }
        let left = AtomicU64::new(limits.bytes);
        let read_some = |ids: &[Oid]| -> Vec<(Oid, Arc<[u8]>)> {
            let Ok(git) = git2::Repository::open(repository) else { return Vec::new() };
            let mut read = Vec::with_capacity(ids.len());
            for id in ids {
                let Ok(blob) = git.find_blob(*id) else { break };
                let size = blob.size() as u64;
                let is_within = |left: u64| left.checked_sub(size);
                if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_within).is_err() {
                    break;
                }
                read.push((*id, blob.content().into()));
            }
            read
        };
        let each = unknown.len().div_ceil(rayon::current_num_threads()).max(MANY / 2);
        let read: Vec<Vec<(Oid, Arc<[u8]>)>> = unknown.par_chunks(each).map(read_some).collect();
        self.0.borrow_mut().extend(read.into_iter().flatten());
    }
}

const LINK_DEPTH: usize = 16;
const FOLDER_DEPTH: usize = 128;

impl Repository {
    /// Reads a commit's files below a folder; the empty path is everything. Paths stay as from the root.
    pub fn read_commit(&self, commit: CommitId, folder: &str, limits: Limits) -> Result<Snapshot, GitError> {
        read(&self.committed_tree(commit, None)?, folder, limits)
    }

    /// The same, with what was read before taken from there, and the rest read by several threads.
    pub fn read_commit_again(
        &self,
        commit: CommitId,
        folder: &str,
        limits: Limits,
        known: &ReadBlobs,
    ) -> Result<Snapshot, GitError> {
        let tree = self.committed_tree(commit, Some(known))?;
        known.read_ahead(self.git.path(), &tree.blobs_below(folder, limits.files), limits);
        read(&tree, folder, limits)
    }

    fn committed_tree<'a>(
        &'a self,
        commit: CommitId,
        known: Option<&'a ReadBlobs>,
    ) -> Result<CommittedTree<'a>, GitError> {
        let found = self.git.find_commit(commit.0).map_err(library(format!("read commit {commit}")))?;
        Ok(CommittedTree { git: &self.git, root: found.tree_id(), trees: RefCell::default(), known })
    }

    /// Reads the work tree's files below a folder; the empty path is everything but `.git`.
    pub fn read_work_tree(&self, folder: &str, limits: Limits) -> Result<Snapshot, GitError> {
        read(&Folders::new(self.work_folder()?), folder, limits)
    }

    /// The bytes of one committed file; none where the commit has no file there.
    pub fn read_committed_file(&self, commit: CommitId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let tree = self.committed_tree(commit, None)?;
        match tree.node(path)? {
            Node::File => Ok(tree.bytes(path, u64::MAX)?.map(|bytes| bytes.to_vec())),
            _ => Ok(None),
        }
    }

    /// The bytes of one file of the work tree; none where there is no file, or a link is on the way.
    pub fn read_work_file(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let folders = Folders::new(self.work_folder()?);
        match folders.node(path)? {
            Node::File => Ok(folders.bytes(path, u64::MAX)?.map(|bytes| bytes.to_vec())),
            _ => Ok(None),
        }
    }
}

enum Node {
    Missing,
    File,
    Folder,
    Link,
    Submodule,
    Special,
}

/// A tree of files, asked path by path. No method follows a link.
trait Tree {
    fn node(&self, path: &str) -> Result<Node, GitError>;
    fn names(&self, folder: &str) -> Result<Vec<Result<String, Vec<u8>>>, GitError>;
    fn link(&self, path: &str) -> Result<Vec<u8>, GitError>;
    /// None where the file is larger than the limit, or gone.
    fn bytes(&self, path: &str, limit: u64) -> Result<Option<Arc<[u8]>>, GitError>;
}

fn read(tree: &dyn Tree, folder: &str, limits: Limits) -> Result<Snapshot, GitError> {
    let mut reader = Reader {
        tree,
        limits,
        visits: limits.files.saturating_mul(4).saturating_add(1000),
        is_full: false,
        snapshot: Snapshot::default(),
    };
    match normalize_path(folder) {
        Some(folder) => reader.visit(&folder, &folder, 0, 0)?,
        None => reader.tell(folder, UnreadReason::LeadsOut),
    }
    reader.snapshot.unread.sort();
    Ok(reader.snapshot)
}

struct Reader<'tree> {
    tree: &'tree dyn Tree,
    limits: Limits,
    /// Links to folders without files would multiply without reaching any other limit.
    visits: usize,
    is_full: bool,
    snapshot: Snapshot,
}

impl Reader<'_> {
    /// Reads what is at `place` under the name `path`; they differ below a link.
    fn visit(&mut self, path: &str, place: &str, links: usize, depth: usize) -> Result<(), GitError> {
        if self.is_full {
            return Ok(());
        }
        let Some(visits) = self.visits.checked_sub(1) else {
            self.fill(path);
            return Ok(());
        };
        self.visits = visits;
        match self.tree.node(place)? {
            Node::Missing if links == 0 => {}
            Node::Missing => self.tell(path, UnreadReason::Dangling),
            Node::Submodule => self.tell(path, UnreadReason::Submodule),
            Node::Special => self.tell(path, UnreadReason::Special),
            Node::File => self.read_file(path, place)?,
            Node::Link if links >= LINK_DEPTH => self.tell(path, UnreadReason::Dangling),
            Node::Link => match self.resolve(place)? {
                Some(target) if target.is_empty() || is_within(place, &target) => {
                    self.tell(path, UnreadReason::Dangling)
                }
                Some(target) => self.visit(path, &target, links + 1, depth)?,
                None => self.tell(path, UnreadReason::LeadsOut),
            },
            Node::Folder if depth >= FOLDER_DEPTH => self.fill(path),
            Node::Folder => {
                for name in self.tree.names(place)? {
                    match name {
                        Ok(name) if name == ".git" => {}
                        Ok(name) => self.visit(&join(path, &name), &join(place, &name), links, depth + 1)?,
                        Err(bytes) => {
                            self.tell(&join(path, &String::from_utf8_lossy(&bytes)), UnreadReason::Name);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &str, place: &str) -> Result<(), GitError> {
        if self.limits.files == 0 {
            self.fill(path);
            return Ok(());
        }
        match self.tree.bytes(place, self.limits.bytes)? {
            Some(bytes) => {
                self.limits.files -= 1;
                self.limits.bytes = self.limits.bytes.saturating_sub(bytes.len() as u64);
                if self.snapshot.files.insert(path, bytes).is_err() {
                    self.tell(path, UnreadReason::LeadsOut);
                }
            }
            None => self.fill(path),
        }
        Ok(())
    }

    /// Where a link leads; none where that is out of the repository.
    fn resolve(&self, place: &str) -> Result<Option<String>, GitError> {
        let Ok(target) = String::from_utf8(self.tree.link(place)?) else { return Ok(None) };
        if target.starts_with('/') || target.contains(['\\', '\0']) {
            return Ok(None);
        }
        let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
        let target = normalize_path(&join(folder, &target));
        Ok(target.filter(|target| !target.split('/').any(|part| part.eq_ignore_ascii_case(".git"))))
    }

    fn fill(&mut self, path: &str) {
        self.is_full = true;
        self.tell(path, UnreadReason::Limit);
    }

    fn tell(&mut self, path: &str, reason: UnreadReason) {
        self.snapshot.unread.push(Unread { path: path.to_owned(), reason });
    }
}

/// Whether the path is the folder or below it: a link to where it stands would be read for ever.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

impl Tree for Folders {
    fn node(&self, path: &str) -> Result<Node, GitError> {
        if path.is_empty() {
            return Ok(Node::Folder);
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Way::Open(parent) = self.folder(parent)? else { return Ok(Node::Missing) };
        Ok(match parent.look(name)? {
            Found::Missing => Node::Missing,
            Found::File(_) => Node::File,
            Found::Link => Node::Link,
            Found::Other => Node::Special,
            Found::Folder => match self.folder(path)? {
                Way::Open(_) => Node::Folder,
                Way::Missing => Node::Missing,
                Way::Blocked { .. } => Node::Submodule,
            },
        })
    }

    fn names(&self, folder: &str) -> Result<Vec<Result<String, Vec<u8>>>, GitError> {
        match self.folder(folder)? {
            Way::Open(folder) => folder.names(),
            _ => Ok(Vec::new()),
        }
    }

    fn link(&self, path: &str) -> Result<Vec<u8>, GitError> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        match self.folder(parent)? {
            Way::Open(parent) => parent.read_link(name),
            _ => Ok(Vec::new()),
        }
    }

    fn bytes(&self, path: &str, limit: u64) -> Result<Option<Arc<[u8]>>, GitError> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Way::Open(parent) = self.folder(parent)? else { return Ok(None) };
        match parent.look(name)? {
            Found::File(stamp) if stamp.size <= limit => {
                Ok(parent.read(name, limit)?.map(|(bytes, _)| bytes.into()))
            }
            _ => Ok(None),
        }
    }
}

struct CommittedTree<'git> {
    git: &'git git2::Repository,
    root: Oid,
    /// Every tree on the way to a file is needed for all that lie below it.
    trees: RefCell<HashMap<Oid, Rc<git2::Tree<'git>>>>,
    known: Option<&'git ReadBlobs>,
}

impl<'git> CommittedTree<'git> {
    fn tree(&self, id: Oid, path: &str) -> Result<Rc<git2::Tree<'git>>, GitError> {
        if let Some(tree) = self.trees.borrow().get(&id) {
            return Ok(Rc::clone(tree));
        }
        let tree = self.git.find_tree(id).map_err(library(format!("read the tree of `{path}`")))?;
        let tree = Rc::new(tree);
        self.trees.borrow_mut().insert(id, Rc::clone(&tree));
        Ok(tree)
    }

    fn entry(&self, path: &str) -> Result<Option<(Oid, i32, Option<ObjectType>)>, GitError> {
        let mut id = self.root;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let tree = self.tree(id, path)?;
            let Some(entry) = tree.get_name(part) else { return Ok(None) };
            if parts.peek().is_none() {
                return Ok(Some((entry.id(), entry.filemode_raw(), entry.kind())));
            }
            if entry.kind() != Some(ObjectType::Tree) {
                return Ok(None);
            }
            id = entry.id();
        }
        Ok(None)
    }
}

impl CommittedTree<'_> {
    /// The files below a folder, as far as they can be listed.
    fn blobs_below(&self, folder: &str, most: usize) -> Vec<Oid> {
        let id = match normalize_path(folder).as_deref() {
            Some("") => Some(self.root),
            Some(folder) => self.entry(folder).ok().flatten().map(|(id, _, _)| id),
            None => None,
        };
        let mut blobs = Vec::new();
        let Some(tree) = id.and_then(|id| self.git.find_tree(id).ok()) else { return blobs };
        // A tree that cannot be walked to its end is told by the one who reads it.
        let _ = tree.walk(git2::TreeWalkMode::PreOrder, |_, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                blobs.push(entry.id());
            }
            if blobs.len() < most { git2::TreeWalkResult::Ok } else { git2::TreeWalkResult::Abort }
        });
        blobs
    }
}

impl Tree for CommittedTree<'_> {
    fn node(&self, path: &str) -> Result<Node, GitError> {
        if path.is_empty() {
            return Ok(Node::Folder);
        }
        Ok(match self.entry(path)? {
            None => Node::Missing,
            Some((_, 0o120_000, _)) => Node::Link,
            Some((_, 0o160_000, _)) => Node::Submodule,
            Some((_, _, Some(ObjectType::Tree))) => Node::Folder,
            Some(_) => Node::File,
        })
    }

    fn names(&self, folder: &str) -> Result<Vec<Result<String, Vec<u8>>>, GitError> {
        let id = match folder {
            "" => self.root,
            folder => match self.entry(folder)? {
                Some((id, _, Some(ObjectType::Tree))) => id,
                _ => return Ok(Vec::new()),
            },
        };
        let tree = self.tree(id, folder)?;
        Ok(tree
            .iter()
            .map(|entry| {
                String::from_utf8(entry.name_bytes().to_vec()).map_err(std::string::FromUtf8Error::into_bytes)
            })
            .collect())
    }

    fn link(&self, path: &str) -> Result<Vec<u8>, GitError> {
        Ok(self.bytes(path, 1 << 16)?.map(|bytes| bytes.to_vec()).unwrap_or_default())
    }

    fn bytes(&self, path: &str, limit: u64) -> Result<Option<Arc<[u8]>>, GitError> {
        let Some((id, _, Some(ObjectType::Blob))) = self.entry(path)? else { return Ok(None) };
        if let Some(bytes) = self.known.and_then(|known| known.0.borrow().get(&id).cloned()) {
            return Ok((bytes.len() as u64 <= limit).then_some(bytes));
        }
        let blob = self.git.find_blob(id).map_err(library(format!("read the committed `{path}`")))?;
        if blob.size() as u64 > limit {
            return Ok(None);
        }
        let bytes: Arc<[u8]> = blob.content().into();
        if let Some(known) = self.known {
            known.0.borrow_mut().insert(id, Arc::clone(&bytes));
        }
        Ok(Some(bytes))
    }
}
