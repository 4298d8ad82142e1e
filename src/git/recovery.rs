//! What a killed run left: finished where its branch has moved, removed where it has not.

use std::fs;
use std::time::Duration;

use git2::Oid;

use super::error::{file, library};
use super::folder::Folders;
use super::index_file::{IndexChange, IndexLock, make_index};
use super::journal::{Journal, Scratch};
use super::line_endings::Converter;
use super::pack::remove_temporaries;
use super::reference::current;
use super::run_lock::RunLock;
use super::step::{NoObserver, Step, StepObserver};
use super::work_files::{Expected, FileChange, WorkFiles};
use super::{GitError, Repository};

/// What a repair did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaired {
    /// No run had left anything.
    Nothing,
    /// Leftovers of a run that had changed nothing are gone.
    Removed,
    /// A run that had moved its branch, or was writing files, is finished.
    Finished,
}

/// An empty lock file of a reference is left by whoever was killed in the instant of taking it; no one holds one so long.
const EMPTY_LOCK_AGE: Duration = Duration::from_secs(2);

impl Repository {
    /// Finishes or removes what a killed run left. Cheap where there is nothing.
    pub fn repair(&self, observer: &dyn StepObserver) -> Result<Repaired, GitError> {
        if !RunLock::exists(self) && !Scratch::exists(self) {
            return Ok(Repaired::Nothing);
        }
        let _lock = RunLock::take(self)?;
        self.repair_locked(observer)
    }

    pub(super) fn repair_locked(&self, observer: &dyn StepObserver) -> Result<Repaired, GitError> {
        observer.before(Step::Recover).map_err(file("write in", self.git_directory()))?;
        remove_temporaries(&self.objects_folder())?;
        let Some((scratch, journal)) = Scratch::left(self)? else {
            let has_left = Scratch::exists(self);
            Scratch::remove_all(self)?;
            return Ok(if has_left { Repaired::Removed } else { Repaired::Nothing });
        };
        IndexLock::remove_stale(self.git_directory())?;
        let is_moved = match (&journal.reference, &journal.commit) {
            (Some(reference), Some(commit)) => {
                self.remove_stale_reference_lock(reference, commit)?;
                self.contains(reference, commit)?
            }
            _ => true,
        };
        if is_moved && self.work_tree().is_some() {
            self.finish(&scratch, &journal)?;
        }
        scratch.remove()?;
        Ok(if is_moved { Repaired::Finished } else { Repaired::Removed })
    }

    /// Whether the reference has the commit in its history.
    fn contains(&self, reference: &str, commit: &str) -> Result<bool, GitError> {
        let Some(current) = current(self, reference)? else { return Ok(false) };
        let Ok(commit) = Oid::from_str(commit) else { return Ok(false) };
        if current == commit {
            return Ok(true);
        }
        match self.git.graph_descendant_of(current, commit) {
            Ok(is_descendant) => Ok(is_descendant),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(false),
            Err(error) => Err(library(format!("read the history of `{reference}`"))(error)),
        }
    }

    fn finish(&self, scratch: &Scratch, journal: &Journal) -> Result<(), GitError> {
        let folders = Folders::new(self.work_folder()?);
        let converter = Converter::new(&self.git)?;
        let work_files = WorkFiles {
            folders: &folders,
            stage: scratch.stage(),
            converter: &converter,
            observer: &NoObserver,
        };
        let id = |name: &Option<String>| name.as_deref().and_then(|name| Oid::from_str(name).ok());
        let changes: Vec<FileChange<'_>> = journal
            .files
            .iter()
            .enumerate()
            .map(|(number, change)| FileChange {
                path: &change.path,
                expected: id(&change.old).map_or(Expected::Nothing, Expected::Blob),
                staged: change.new.as_ref().map(|_| number),
            })
            .collect();
        let lock = if journal.index.is_empty() {
            None
        } else {
            Some(IndexLock::take(self.git_directory(), scratch.path())?)
        };
        let stamps = work_files.apply(&changes)?;
        if let Some(lock) = lock {
            let index: Vec<IndexChange<'_>> = journal
                .index
                .iter()
                .map(|change| IndexChange {
                    path: &change.path,
                    old: id(&change.old),
                    new: id(&change.new),
                    stamp: changes
                        .binary_search_by(|file| file.path.cmp(&change.path))
                        .ok()
                        .and_then(|number| stamps.get(number).copied().flatten()),
                    is_sparse: change.is_sparse,
                })
                .collect();
            make_index(self, &folders, scratch.path(), &index)?.publish()?;
            lock.release()?;
        }
        Ok(())
    }

    fn remove_stale_reference_lock(&self, reference: &str, commit: &str) -> Result<(), GitError> {
        let folder = if reference == "HEAD" { self.git.path() } else { self.git.commondir() };
        let path = folder.join(format!("{reference}.lock"));
        let Ok(bytes) = fs::read(&path) else { return Ok(()) };
        let age = fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|time| time.elapsed().ok());
        let is_ours = bytes.trim_ascii() == commit.as_bytes()
            || (bytes.is_empty() && age.is_some_and(|age| age > EMPTY_LOCK_AGE));
        if is_ours { fs::remove_file(&path).map_err(file("remove", path)) } else { Ok(()) }
    }
}
