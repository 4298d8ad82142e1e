//! Compares what shall be with the target's commit, the index and the work tree, path by path, and finds what stands in
//! the way. Writes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use git2::{ObjectType, Oid};
use plimsoll_resource::normalize_path;
use sha2::{Digest, Sha256};

use super::comparison::HandEditPlace;
use super::error::{Refusal, library};
use super::folder::{FileStamp, Folder, Folders, Found, Obstacle, Way};
use super::index_file::{IndexedPath, IndexedPaths};
use super::line_endings::{Conversion, Converter, LineEndings};
use super::objects::{FILE_MODE, NewObject, ObjectData, name_of};
use super::plan::{CommittedChange, Content, WorkChange};
use super::reference::{ResolvedTarget, resolve_target};
use super::sparse::SparsePatterns;
use super::{Change, ChangeKind, CommitRequest, GitError, Repository};

/// Everything that was found out.
pub(super) struct Inspection {
    pub(super) target: ResolvedTarget,
    pub(super) refusals: Vec<Refusal>,
    pub(super) changes: Vec<Change>,
    pub(super) committed: Vec<CommittedChange>,
    pub(super) work: Vec<WorkChange>,
    /// What only the work tree holds and a change would replace.
    pub(super) saved: Vec<(String, NewObject)>,
}

/// A rendered file is never near this; a larger file in its place is certainly not ours.
const FILE_LIMIT: u64 = 1 << 30;

const LINK_MODE: i32 = 0o120_000;
const SUBMODULE_MODE: i32 = 0o160_000;
const EXECUTABLE_MODE: i32 = 0o100_755;

/// What a path of the target's commit is.
#[derive(Debug, Clone, Copy)]
struct CommittedEntry {
    id: Oid,
    mode: i32,
}

pub(super) fn inspect(repository: &Repository, request: &CommitRequest<'_>) -> Result<Inspection, GitError> {
    let target = resolve_target(repository, request.target)?;
    let mut refusals = BTreeSet::new();
    let prefix = normalize_path(request.prefix).filter(|prefix| !prefix.is_empty()).unwrap_or_default();
    let paths = paths_of(request, &prefix, &mut refusals);
    let mut wanted = BTreeMap::new();
    for (path, bytes) in request.contents.iter() {
        let id = name_of(ObjectType::Blob, bytes)?;
        wanted.insert(path, Content { id, bytes: bytes.clone() });
    }
    let committed = committed_files(repository, target.tree, &prefix, &mut refusals)?;
    let mut inspector = Inspector { repository, request, wanted, committed, refusals };
    inspector.check_tree_shape(&paths);
    let mut changes = Vec::new();
    let mut committed_changes = Vec::new();
    for path in &paths {
        inspector.check_commit(path)?;
        if let Some((change, committed)) = inspector.commit_change(path) {
            changes.push(change);
            committed_changes.push(committed);
        }
    }
    let mut work = Vec::new();
    let mut saved = Vec::new();
    if target.has_work_tree {
        let work_tree = WorkTree::open(repository, &prefix)?;
        for path in &paths {
            inspector.check_work_tree(&work_tree, path, &mut work, &mut saved)?;
        }
        for change in &mut committed_changes {
            change.is_sparse = work_tree.leaves_out(&change.path);
        }
    }
    let refusals = inspector.refusals.into_iter().collect();
    Ok(Inspection { target, refusals, changes, committed: committed_changes, work, saved })
}

/// Every path that is wanted or owned, after refusing those that no output may have.
fn paths_of<'request>(
    request: &CommitRequest<'request>,
    prefix: &str,
    refusals: &mut BTreeSet<Refusal>,
) -> BTreeSet<&'request str> {
    let mut paths: BTreeSet<&str> = request.contents.iter().map(|(path, _)| path).collect();
    paths.extend(request.committed.keys().map(String::as_str));
    paths.extend(request.work_tree.keys().map(String::as_str));
    paths.retain(|path| {
        let refusal = if !is_safe(path) {
            Refusal::InvalidPath { path: (*path).to_owned() }
        } else if ["base/", "overlays/"].iter().any(|folder| path.starts_with(folder)) {
            Refusal::InputFolder { path: (*path).to_owned() }
        } else if prefix.is_empty() || !is_below(path, prefix) {
            Refusal::OutsidePrefix { path: (*path).to_owned() }
        } else {
            return true;
        };
        refusals.insert(refusal);
        false
    });
    paths
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether every part of the path is a name that Git and every file system keep as it is.
fn is_safe(path: &str) -> bool {
    normalize_path(path).as_deref() == Some(path)
        && path.split('/').all(|part| {
            let lower = part.to_ascii_lowercase();
            lower != ".git"
                && !lower.starts_with("git~")
                && part.len() <= 255
                && !part.ends_with([' ', '.'])
                && !part.chars().any(|character| {
                    character.is_control() || "\\:\u{200c}\u{200d}\u{feff}".contains(character)
                })
        })
}

/// The files of the commit below the prefix; what is on the way to it and no folder is refused.
fn committed_files(
    repository: &Repository,
    tree: Option<Oid>,
    prefix: &str,
    refusals: &mut BTreeSet<Refusal>,
) -> Result<BTreeMap<String, CommittedEntry>, GitError> {
    let mut files = BTreeMap::new();
    let Some(mut id) = tree else { return Ok(files) };
    let mut path = String::new();
    for part in prefix.split('/') {
        let tree = repository.git.find_tree(id).map_err(library(format!("read the tree of `{path}`")))?;
        let Some(entry) = tree.get_name(part) else { return Ok(files) };
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part);
        match entry.filemode_raw() {
            LINK_MODE => refusals.insert(Refusal::Link { path }),
            SUBMODULE_MODE => refusals.insert(Refusal::Submodule { path }),
            _ if entry.kind() == Some(ObjectType::Tree) => {
                id = entry.id();
                continue;
            }
            _ => refusals.insert(Refusal::InTheWay { path }),
        };
        return Ok(files);
    }
    collect(repository, id, &path, 0, &mut files)?;
    Ok(files)
}

/// Deeper folders than any file system allows are a broken tree.
const FOLDER_DEPTH: usize = 256;

fn collect(
    repository: &Repository,
    tree: Oid,
    path: &str,
    depth: usize,
    files: &mut BTreeMap<String, CommittedEntry>,
) -> Result<(), GitError> {
    let tree = repository.git.find_tree(tree).map_err(library(format!("read the tree of `{path}`")))?;
    for entry in &tree {
        // A name that is not UTF-8 is none of ours, and no output can meet it.
        let Ok(name) = entry.name() else { continue };
        let path = format!("{path}/{name}");
        if entry.kind() == Some(ObjectType::Tree) {
            if depth < FOLDER_DEPTH {
                collect(repository, entry.id(), &path, depth + 1, files)?;
            }
        } else {
            files.insert(path, CommittedEntry { id: entry.id(), mode: entry.filemode_raw() });
        }
    }
    Ok(())
}

struct Inspector<'request> {
    repository: &'request Repository,
    request: &'request CommitRequest<'request>,
    wanted: BTreeMap<&'request str, Content>,
    committed: BTreeMap<String, CommittedEntry>,
    refusals: BTreeSet<Refusal>,
}

impl Inspector<'_> {
    /// An owned file that will not be wanted any more makes room.
    fn makes_room(&self, path: &str) -> bool {
        !self.wanted.contains_key(path)
            && (self.request.committed.contains_key(path) || self.request.work_tree.contains_key(path))
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.insert(refusal);
    }

    fn hand_edited(&mut self, path: &str, place: HandEditPlace) {
        self.refuse(Refusal::HandEdited { path: path.to_owned(), place });
    }

    /// Refuses what in the commit is a file where a folder is needed, or the other way round.
    fn check_tree_shape(&mut self, paths: &BTreeSet<&str>) {
        let mut found = Vec::new();
        let mut folders = BTreeSet::new();
        for path in paths.iter().filter(|path| self.wanted.contains_key(**path)) {
            folders.extend(path.match_indices('/').map(|(end, _)| path.get(..end).unwrap_or_default()));
            let below = format!("{path}/");
            found.extend(
                self.committed
                    .range(below.clone()..)
                    .take_while(|(file, _)| file.starts_with(&below))
                    .filter(|(file, _)| !self.makes_room(file))
                    .map(|(file, entry)| obstacle_in_tree(file, entry.mode)),
            );
        }
        for folder in folders {
            if let Some(entry) = self.committed.get(folder).filter(|_| !self.makes_room(folder)) {
                found.push(obstacle_in_tree(folder, entry.mode));
            }
        }
        self.refusals.extend(found);
    }

    fn check_commit(&mut self, path: &str) -> Result<(), GitError> {
        let recorded = self.request.committed.get(path);
        let wanted = self.wanted.get(path).map(|content| content.id);
        let Some(entry) = self.committed.get(path).copied() else {
            if recorded.is_some() && wanted.is_some() {
                self.hand_edited(path, HandEditPlace::DeletedInCommit);
            }
            return Ok(());
        };
        match entry.mode {
            LINK_MODE => self.refuse(Refusal::Link { path: path.to_owned() }),
            SUBMODULE_MODE => self.refuse(Refusal::Submodule { path: path.to_owned() }),
            _ if wanted == Some(entry.id) => {}
            _ => match recorded {
                Some(recorded) => {
                    let blob = self
                        .repository
                        .git
                        .find_blob(entry.id)
                        .map_err(library(format!("read the committed `{path}`")))?;
                    if !has_digest(blob.content(), recorded) {
                        self.hand_edited(path, HandEditPlace::Commit);
                    }
                }
                None if wanted.is_some() => self.refuse(Refusal::Foreign { path: path.to_owned() }),
                None => {}
            },
        }
        Ok(())
    }

    fn commit_change(&self, path: &str) -> Option<(Change, CommittedChange)> {
        let old = self.committed.get(path);
        let new = self.wanted.get(path);
        let kind = match (old, new) {
            (Some(old), Some(new)) if old.id == new.id && old.mode == FILE_MODE => return None,
            (Some(_), Some(_)) => ChangeKind::Changed,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) if self.request.committed.contains_key(path) => ChangeKind::Removed,
            _ => return None,
        };
        let change = Change { path: path.to_owned(), kind };
        let old = old.map(|entry| entry.id);
        Some((change, CommittedChange { path: path.to_owned(), old, new: new.cloned(), is_sparse: false }))
    }

    fn check_work_tree(
        &mut self,
        work_tree: &WorkTree<'_>,
        path: &str,
        work: &mut Vec<WorkChange>,
        saved: &mut Vec<(String, NewObject)>,
    ) -> Result<(), GitError> {
        let wanted = self.wanted.get(path).cloned();
        let committed = self.committed.get(path).copied();
        let is_owned = self.request.committed.contains_key(path) || self.request.work_tree.contains_key(path);
        if let Some(submodule) = work_tree.indexed.submodule_on(path) {
            self.refuse(Refusal::Submodule { path: submodule });
            return Ok(());
        }
        let indexed = work_tree.indexed.get(path);
        if indexed.is_some_and(|entry| entry.is_conflicted) {
            self.refuse(Refusal::Conflicted { path: path.to_owned() });
            return Ok(());
        }
        let endings = match work_tree.converter.of(path)? {
            Conversion::LineEndings(endings) => endings,
            Conversion::Foreign(attribute) => {
                if wanted.is_some() {
                    self.refuse(Refusal::Filtered { path: path.to_owned(), attribute });
                }
                return Ok(());
            }
        };
        match self.find(work_tree, path)? {
            None => {}
            Some(Found::Missing) => {
                if let Some(content) = wanted
                    && !work_tree.leaves_out(path)
                {
                    if is_owned && committed.is_some() {
                        self.hand_edited(path, HandEditPlace::DeletedInWorkTree);
                    } else if !is_owned
                        && indexed.is_some_and(|entry| entry.id != content.id && committed.is_none())
                    {
                        self.refuse(Refusal::Foreign { path: path.to_owned() });
                    }
                    work.push(WorkChange { path: path.to_owned(), seen: None, new: Some(content) });
                }
            }
            Some(Found::File(stamp)) => {
                let seen = match committed {
                    Some(entry) if work_tree.is_untouched(indexed, entry.id, &stamp) => {
                        Seen { id: entry.id, stamp, bytes: None }
                    }
                    _ => match work_tree.read(path, endings)? {
                        Some(seen) => seen,
                        None => {
                            self.refuse(Refusal::InTheWay { path: path.to_owned() });
                            return Ok(());
                        }
                    },
                };
                self.check_file(work_tree, path, is_owned, &seen);
                let is_wanted = wanted.as_ref().is_some_and(|content| content.id == seen.id)
                    && !(work_tree.keeps_modes && seen.stamp.is_executable());
                if !is_wanted && (wanted.is_some() || is_owned) {
                    if let Some(bytes) = seen.bytes
                        && !self.is_in_database(seen.id)
                    {
                        let data = ObjectData::Owned(bytes);
                        saved
                            .push((path.to_owned(), NewObject { id: seen.id, kind: ObjectType::Blob, data }));
                    }
                    let seen = Some((seen.id, seen.stamp));
                    work.push(WorkChange { path: path.to_owned(), seen, new: wanted });
                }
            }
            Some(Found::Folder) if wanted.is_some() => {
                let mut files = Vec::new();
                work_tree.files_below(path, 0, &mut files)?;
                files.retain(|file| !self.makes_room(file));
                self.refusals.extend(files.into_iter().map(|path| Refusal::InTheWay { path }));
                work.push(WorkChange { path: path.to_owned(), seen: None, new: wanted });
            }
            Some(Found::Folder) => {}
            Some(Found::Link) => self.refuse(Refusal::Link { path: path.to_owned() }),
            Some(Found::Other) => self.refuse(Refusal::InTheWay { path: path.to_owned() }),
        }
        Ok(())
    }

    /// What the work tree has at the path; none where the way to it is refused.
    fn find(&mut self, work_tree: &WorkTree<'_>, path: &str) -> Result<Option<Found>, GitError> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (part, found) = match work_tree.folders.folder(parent)? {
            Way::Open(folder) => return folder.look(name).map(Some),
            Way::Missing => return Ok(Some(Found::Missing)),
            Way::Blocked { part, found } => (part, found),
        };
        match found {
            Obstacle::File if self.makes_room(&part) || !self.wanted.contains_key(path) => {
                return Ok(Some(Found::Missing));
            }
            Obstacle::File => self.refuse(Refusal::InTheWay { path: part }),
            Obstacle::Link => self.refuse(Refusal::Link { path: part }),
            Obstacle::Repository => self.refuse(Refusal::Submodule { path: part }),
        }
        Ok(None)
    }

    /// Refuses a file that is not what was rendered, or not ours.
    fn check_file(&mut self, work_tree: &WorkTree<'_>, path: &str, is_owned: bool, seen: &Seen) {
        let committed = self.committed.get(path).copied();
        let is_wanted = self.wanted.get(path).is_some_and(|content| content.id == seen.id);
        if !is_owned {
            if !is_wanted {
                self.refuse(Refusal::Foreign { path: path.to_owned() });
            }
            return;
        }
        let recorded = [self.request.committed.get(path), self.request.work_tree.get(path)];
        let is_ours = is_wanted
            || committed.is_some_and(|entry| entry.id == seen.id)
            || seen.bytes.as_ref().is_some_and(|bytes| {
                recorded.into_iter().flatten().any(|recorded| has_digest(bytes, recorded))
            });
        let has_other_mode = work_tree.keeps_modes
            && seen.stamp.is_executable()
            && committed.is_none_or(|entry| entry.mode != EXECUTABLE_MODE);
        if !is_ours || has_other_mode {
            self.hand_edited(path, HandEditPlace::WorkTree);
        }
    }

    fn is_in_database(&self, id: Oid) -> bool {
        self.repository.git.odb().is_ok_and(|odb| odb.exists_ext(id, git2::OdbLookupFlags::NO_REFRESH))
    }
}

fn obstacle_in_tree(path: &str, mode: i32) -> Refusal {
    let path = path.to_owned();
    match mode {
        LINK_MODE => Refusal::Link { path },
        SUBMODULE_MODE => Refusal::Submodule { path },
        _ => Refusal::InTheWay { path },
    }
}

/// A file of the work tree, named as Git would store it.
struct Seen {
    id: Oid,
    stamp: FileStamp,
    /// What Git would store; none where the index vouches that it is the committed blob.
    bytes: Option<Vec<u8>>,
}

struct WorkTree<'repository> {
    folders: Folders,
    indexed: IndexedPaths,
    converter: Converter<'repository>,
    sparse: SparsePatterns,
    keeps_modes: bool,
    left_out: std::cell::RefCell<HashMap<String, bool>>,
}

impl<'repository> WorkTree<'repository> {
    fn open(repository: &'repository Repository, prefix: &str) -> Result<WorkTree<'repository>, GitError> {
        let keeps_modes =
            repository.git.config().and_then(|config| config.get_bool("core.filemode")).unwrap_or(true);
        let indexed = IndexedPaths::read(repository, prefix)?;
        Ok(WorkTree {
            folders: Folders::new(repository.work_folder()?),
            converter: Converter::with_attributes(&repository.git, indexed.attribute_folders().clone())?,
            indexed,
            sparse: SparsePatterns::read(repository)?,
            keeps_modes,
            left_out: std::cell::RefCell::default(),
        })
    }

    /// Whether sparse checkout keeps the path out of the work tree.
    fn leaves_out(&self, path: &str) -> bool {
        if let Some(entry) = self.indexed.get(path) {
            return entry.is_skipped;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.sparse.is_by_folder() {
            let mut left_out = self.left_out.borrow_mut();
            return *left_out.entry(folder.to_owned()).or_insert_with(|| !self.sparse.includes(path));
        }
        !self.sparse.includes(path)
    }

    fn is_untouched(&self, indexed: Option<&IndexedPath>, committed: Oid, stamp: &FileStamp) -> bool {
        indexed.is_some_and(|entry| entry.id == committed && self.indexed.vouches_for(entry, stamp))
    }

    fn read(&self, path: &str, endings: LineEndings) -> Result<Option<Seen>, GitError> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Way::Open(folder) = self.folders.folder(parent)? else { return Ok(None) };
        let Some((bytes, stamp)) = folder.read(name, FILE_LIMIT)? else { return Ok(None) };
        let bytes = endings.to_git(&bytes).into_owned();
        Ok(Some(Seen { id: name_of(ObjectType::Blob, &bytes)?, stamp, bytes: Some(bytes) }))
    }

    fn files_below(&self, path: &str, depth: usize, files: &mut Vec<String>) -> Result<(), GitError> {
        let Way::Open(folder) = self.folders.folder(path)? else { return Ok(()) };
        let folder: &Folder = &folder;
        for name in folder.names()? {
            let Ok(name) = name else {
                files.push(format!("{path}/"));
                continue;
            };
            let below = format!("{path}/{name}");
            match folder.look(&name)? {
                Found::Folder if depth < FOLDER_DEPTH => self.files_below(&below, depth + 1, files)?,
                _ => files.push(below),
            }
        }
        Ok(())
    }
}

fn has_digest(bytes: &[u8], recorded: &str) -> bool {
    let digest = Sha256::digest(bytes);
    let mut text = String::with_capacity(64);
    for byte in digest {
        text.push_str(&format!("{byte:02x}"));
    }
    text.eq_ignore_ascii_case(recorded)
}
