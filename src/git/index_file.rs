//! Git's index: what it says of rendered paths, and moving those entries that stood at the old commit to the new one.
//!
//! The index is replaced under Git's own lock, `index.lock`. The new index is made beside it from a copy of the old, so that
//! every other entry, conflict and flag stays. The lock holds a mark by which a later run knows that it is ours.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Index, IndexEntry, IndexTime, Oid};

use super::attribute_files::folder_of;
use super::error::file;
use super::folder::{FileStamp, Folders, Found, Way};
use super::objects::FILE_MODE;
use super::{GitError, Repository};

const NAME: &str = "index";
const LOCK: &str = "index.lock";
const MARK: &[u8] = b"locked by plimsoll\n";
const SKIP_WORK_TREE: u16 = 1 << 14;
const SUBMODULE_MODE: u32 = 0o160_000;
const LOCK_ATTEMPTS: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// What the index says of one path.
pub(super) struct IndexedPath {
    pub(super) id: Oid,
    pub(super) is_conflicted: bool,
    /// Sparse checkout keeps it out of the work tree.
    pub(super) is_skipped: bool,
    entry: IndexEntry,
}

/// What the index says of the paths below a folder, and where submodules are.
pub(super) struct IndexedPaths {
    paths: HashMap<String, IndexedPath>,
    submodules: Vec<String>,
    attributes: BTreeSet<String>,
    written: Option<i64>,
}

impl IndexedPaths {
    pub(super) fn read(repository: &Repository, prefix: &str) -> Result<IndexedPaths, GitError> {
        let path = repository.git_directory().join(NAME);
        let written = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok().and_then(seconds);
        let index = open(repository, &path)?;
        let mut paths = HashMap::new();
        let mut submodules = Vec::new();
        let mut attributes = BTreeSet::new();
        let below = format!("{prefix}/");
        for entry in index.iter() {
            attributes.extend(folder_of(&entry.path));
            let Ok(path) = String::from_utf8(entry.path.clone()) else { continue };
            if entry.mode == SUBMODULE_MODE {
                submodules.push(path);
            } else if path.starts_with(&below) {
                let indexed = IndexedPath {
                    id: entry.id,
                    is_conflicted: stage(&entry) != 0,
                    is_skipped: entry.flags_extended & SKIP_WORK_TREE != 0,
                    entry,
                };
                paths.insert(path, indexed);
            }
        }
        Ok(IndexedPaths { paths, submodules, attributes, written })
    }

    /// The folders whose attributes file the index has.
    pub(super) fn attribute_folders(&self) -> &BTreeSet<String> {
        &self.attributes
    }

    pub(super) fn get(&self, path: &str) -> Option<&IndexedPath> {
        self.paths.get(path)
    }

    /// The submodule that is this path or above it.
    pub(super) fn submodule_on(&self, path: &str) -> Option<String> {
        self.submodules
            .iter()
            .find(|submodule| {
                path.strip_prefix(submodule.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .cloned()
    }

    /// Whether the file is known to hold the entry's blob without reading it: Git's own rule, and its rule for files that
    /// are as new as the index.
    pub(super) fn vouches_for(&self, indexed: &IndexedPath, stamp: &FileStamp) -> bool {
        self.written.is_some_and(|written| stamp.modified.0 < written)
            && matches(&indexed.entry, stamp)
            && indexed.entry.file_size != 0
    }
}

/// A path whose entry moves from the old commit to the new one.
pub(super) struct IndexChange<'change> {
    pub(super) path: &'change str,
    pub(super) old: Option<Oid>,
    pub(super) new: Option<Oid>,
    /// The file as it was written; without it, Git will look at the contents once.
    pub(super) stamp: Option<FileStamp>,
    pub(super) is_sparse: bool,
}

/// Git's lock on the index, held until it is dropped or [`IndexLock::release`]d.
pub(super) struct IndexLock {
    lock: PathBuf,
    is_held: bool,
}

impl IndexLock {
    /// Waits a little for another holder. `scratch` is a folder for our own files on the same file system.
    pub(super) fn take(git_directory: &Path, scratch: &Path) -> Result<IndexLock, GitError> {
        let lock = git_directory.join(LOCK);
        let mark = scratch.join("mark");
        fs::write(&mark, MARK).map_err(file("write", &mark))?;
        for attempt in 1.. {
            // A link appears with its contents, so a killed run never leaves a lock that does not tell whose it is.
            let taken = match fs::hard_link(&mark, &lock) {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
                    ) =>
                {
                    fs::File::create_new(&lock).and_then(|mut file| file.write_all(MARK))
                }
                taken => taken,
            };
            match taken {
                Ok(()) => return Ok(IndexLock { lock, is_held: true }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < LOCK_ATTEMPTS => {
                    std::thread::sleep(LOCK_PAUSE);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(GitError::Locked { what: git_directory.join(NAME).display().to_string() });
                }
                Err(error) => return Err(file("make", &lock)(error)),
            }
        }
        Err(GitError::Locked { what: lock.display().to_string() })
    }

    pub(super) fn release(mut self) -> Result<(), GitError> {
        self.is_held = false;
        fs::remove_file(&self.lock).map_err(file("remove", &self.lock))
    }

    /// Removes the lock of a run that was killed; one of another process is left alone.
    pub(super) fn remove_stale(git_directory: &Path) -> Result<(), GitError> {
        let lock = git_directory.join(LOCK);
        match fs::read(&lock) {
            Ok(bytes) if bytes == MARK => fs::remove_file(&lock).map_err(file("remove", &lock)),
            _ => Ok(()),
        }
    }
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        if self.is_held {
            // Nobody is left to be told; the next run removes it by its mark.
            let _ = fs::remove_file(&self.lock);
        }
    }
}

/// A new index that is ready to take the place of the old.
pub(super) struct NewIndex {
    made: PathBuf,
    place: PathBuf,
}

/// Makes the new index. The caller holds the lock.
pub(super) fn make_index(
    repository: &Repository,
    folders: &Folders,
    scratch: &Path,
    changes: &[IndexChange<'_>],
) -> Result<NewIndex, GitError> {
    let place = repository.git_directory().join(NAME);
    let made = scratch.join(NAME);
    let written = match fs::copy(&place, &made) {
        Ok(_) => fs::metadata(&place).and_then(|metadata| metadata.modified()).ok().and_then(seconds),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(file("copy", &place)(error)),
    };
    let mut index = open(repository, &made)?;
    let failed = |source| GitError::Index { path: repository.git_directory().to_owned(), source };
    if let Some(written) = written {
        smudge_racy(&mut index, folders, written)?;
    }
    for change in changes {
        let path = Path::new(change.path);
        let found = index.get_path(path, 0);
        let is_conflicted = found.is_none() && (1..=3).any(|stage| index.get_path(path, stage).is_some());
        if is_conflicted || found.as_ref().map(|entry| entry.id) != change.old {
            continue;
        }
        match change.new {
            None => index.remove(path, 0).map_err(failed)?,
            Some(id) => {
                let mut entry = entry_for(change.path, id, change.stamp.as_ref());
                if let Some(found) = found {
                    entry.flags = found.flags;
                    entry.flags_extended = found.flags_extended;
                } else if change.is_sparse {
                    entry.flags_extended = SKIP_WORK_TREE;
                }
                index.add(&entry).map_err(failed)?;
            }
        }
    }
    index.write().map_err(failed)?;
    Ok(NewIndex { made, place })
}

impl NewIndex {
    pub(super) fn publish(self) -> Result<(), GitError> {
        fs::rename(&self.made, &self.place).map_err(file("replace", &self.place))
    }
}

fn open(repository: &Repository, path: &Path) -> Result<Index, GitError> {
    Index::open(path)
        .map_err(|source| GitError::Index { path: repository.git_directory().to_owned(), source })
}

/// Entries as new as the old index are compared by contents until the index is written again. Writing it makes them look
/// settled, so those that may have been touched since lose their size, which makes Git look again.
fn smudge_racy(index: &mut Index, folders: &Folders, written: i64) -> Result<(), GitError> {
    let racy: Vec<IndexEntry> = index
        .iter()
        .filter(|entry| {
            stage(entry) == 0 && i64::from(entry.mtime.seconds()) >= written && entry.mode != SUBMODULE_MODE
        })
        .collect();
    for mut entry in racy {
        let Ok(path) = std::str::from_utf8(&entry.path) else { continue };
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_same = match folders.folder(parent)? {
            Way::Open(folder) => match folder.look(name)? {
                Found::File(stamp) => matches_exactly(&entry, &stamp),
                _ => false,
            },
            _ => false,
        };
        if !is_same {
            entry.file_size = 0;
            index.add(&entry).map_err(|source| GitError::Index { path: PathBuf::from(NAME), source })?;
        }
    }
    Ok(())
}

fn entry_for(path: &str, id: Oid, stamp: Option<&FileStamp>) -> IndexEntry {
    let time = |time: (i64, u32)| IndexTime::new(time.0 as i32, time.1);
    let zero = FileStamp {
        modified: (0, 0),
        changed: (0, 0),
        device: 0,
        inode: 0,
        mode: 0,
        user: 0,
        group: 0,
        size: 0,
    };
    let stamp = stamp.unwrap_or(&zero);
    // Git keeps the low 32 bits of each.
    IndexEntry {
        ctime: time(stamp.changed),
        mtime: time(stamp.modified),
        dev: stamp.device as u32,
        ino: stamp.inode as u32,
        mode: FILE_MODE as u32,
        uid: stamp.user,
        gid: stamp.group,
        file_size: stamp.size as u32,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

fn matches(entry: &IndexEntry, stamp: &FileStamp) -> bool {
    let same_time = |kept: IndexTime, found: (i64, u32)| {
        kept.seconds() == found.0 as i32 && (kept.nanoseconds() == 0 || kept.nanoseconds() == found.1)
    };
    same_time(entry.mtime, stamp.modified)
        && same_time(entry.ctime, stamp.changed)
        && entry.ino == stamp.inode as u32
        && entry.uid == stamp.user
        && entry.gid == stamp.group
        && entry.file_size == stamp.size as u32
        && (entry.mode & 0o100 != 0) == stamp.is_executable()
}

fn matches_exactly(entry: &IndexEntry, stamp: &FileStamp) -> bool {
    matches(entry, stamp) && entry.mtime.nanoseconds() != 0 && entry.ctime.nanoseconds() != 0
}

fn stage(entry: &IndexEntry) -> u16 {
    (entry.flags >> 12) & 3
}

fn seconds(time: std::time::SystemTime) -> Option<i64> {
    time.duration_since(std::time::UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok())
}
