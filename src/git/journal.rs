//! What a run is about to do to the work tree and the index, written down before the branch moves.
//!
//! The journal and the new files lie in a folder of their own in Git's directory; the folder is gone after a run that ends
//! by itself. New files lie in the work tree's root instead where that is another file system.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::file;
use super::folder::Folder;
use super::{GitError, Repository};

const FOLDER: &str = "plimsoll";
const NAME: &str = "journal.json";
const WORK_FOLDER: &str = ".plimsoll-stage";

/// What is written down.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    /// The reference that moves; none where only files are written.
    pub(super) reference: Option<String>,
    /// The commit that it moves to.
    pub(super) commit: Option<String>,
    /// Files of the work tree.
    pub(super) files: Vec<JournalFile>,
    /// Entries of the index.
    pub(super) index: Vec<JournalEntry>,
}

/// A file as it was found and as it shall be, by the names of its blobs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct JournalFile {
    pub(super) path: String,
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
}

/// An index entry before and after, by the names of its blobs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct JournalEntry {
    pub(super) path: String,
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
    pub(super) is_sparse: bool,
}

/// The folder of one run's own files.
pub(super) struct Scratch {
    folder: PathBuf,
    work_folder: Option<PathBuf>,
    stage: Folder,
}

impl Scratch {
    /// Makes the folder anew.
    pub(super) fn make(repository: &Repository) -> Result<Scratch, GitError> {
        Scratch::remove_all(repository)?;
        let folder = repository.git_directory().join(FOLDER);
        fs::create_dir(&folder).map_err(file("make", &folder))?;
        Scratch::of(repository, folder)
    }

    /// The folder that a killed run left, with its journal if it got so far.
    pub(super) fn left(repository: &Repository) -> Result<Option<(Scratch, Journal)>, GitError> {
        let folder = repository.git_directory().join(FOLDER);
        let path = folder.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file("read", path)(error)),
        };
        let journal = serde_json::from_slice(&bytes)
            .map_err(|error| file("read", &path)(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Ok(Some((Scratch::of(repository, folder)?, journal)))
    }

    /// Whether a killed run left anything.
    pub(super) fn exists(repository: &Repository) -> bool {
        repository.git_directory().join(FOLDER).exists()
    }

    /// Removes whatever is left.
    pub(super) fn remove_all(repository: &Repository) -> Result<(), GitError> {
        let folder = repository.git_directory().join(FOLDER);
        // The journal goes first: without it, the rest says nothing.
        remove(&folder.join(NAME), |path| fs::remove_file(path))?;
        if let Some(root) = repository.work_tree() {
            remove(&root.join(WORK_FOLDER), |path| fs::remove_dir_all(path))?;
        }
        remove(&folder, |path| fs::remove_dir_all(path))
    }

    fn of(repository: &Repository, folder: PathBuf) -> Result<Scratch, GitError> {
        let mut stage = Folder::open_root(&folder)?;
        let mut work_folder = None;
        if let Some(root) = repository.work_tree() {
            let work_root = Folder::open_root(root)?;
            if work_root.device()? != stage.device()? {
                stage = work_root.child_or_new(WORK_FOLDER)?;
                work_folder = Some(root.join(WORK_FOLDER));
            }
        }
        Ok(Scratch { folder, work_folder, stage })
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Where new files wait.
    pub(super) fn stage(&self) -> &Folder {
        &self.stage
    }

    /// Writes the journal, all or nothing.
    pub(super) fn write_journal(&self, journal: &Journal) -> Result<(), GitError> {
        let temporary = self.folder.join("journal.new");
        let path = self.folder.join(NAME);
        let failed = |error| file("write", &path)(error);
        let bytes = serde_json::to_vec(journal).map_err(|error| failed(error.into()))?;
        fs::write(&temporary, bytes).map_err(failed)?;
        fs::File::open(&temporary).and_then(|journal| journal.sync_all()).map_err(failed)?;
        fs::rename(&temporary, &path).map_err(failed)
    }

    /// Removes the journal and then the folder.
    pub(super) fn remove(self) -> Result<(), GitError> {
        remove(&self.folder.join(NAME), |path| fs::remove_file(path))?;
        if let Some(work_folder) = &self.work_folder {
            remove(work_folder, |path| fs::remove_dir_all(path))?;
        }
        remove(&self.folder, |path| fs::remove_dir_all(path))
    }
}

/// The name under which a new file waits.
pub(super) fn staged_name(number: usize) -> String {
    format!("file-{number}")
}

fn remove(path: &Path, how: impl Fn(&Path) -> io::Result<()>) -> Result<(), GitError> {
    match how(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file("remove", path)(error)),
        _ => Ok(()),
    }
}
