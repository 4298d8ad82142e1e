//! Putting new files into the work tree: one rename a file, and only where the old file is still what was expected.

use git2::{ObjectType, Oid};

use super::GitError;
use super::error::file;
use super::folder::{FileStamp, Folder, Folders, Found, Way};
use super::journal::staged_name;
use super::line_endings::{Conversion, Converter};
use super::objects::name_of;
use super::step::{Step, StepObserver};

/// What must be at a path for it to be replaced or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Nothing.
    Nothing,
    /// The file with this stamp.
    Stamp(FileStamp),
    /// A file that Git would store as this blob.
    Blob(Oid),
}

/// One file to replace, make or remove.
pub(super) struct FileChange<'change> {
    pub(super) path: &'change str,
    pub(super) expected: Expected,
    /// The number of the waiting file, or none where the file goes.
    pub(super) staged: Option<usize>,
}

/// Where files go from and to.
pub(super) struct WorkFiles<'work> {
    pub(super) folders: &'work Folders,
    pub(super) stage: &'work Folder,
    pub(super) converter: &'work Converter<'work>,
    pub(super) observer: &'work dyn StepObserver,
}

impl WorkFiles<'_> {
    /// The paths which are not as expected.
    pub(super) fn unexpected<'change>(
        &self,
        changes: &[FileChange<'change>],
    ) -> Result<Vec<&'change str>, GitError> {
        let mut unexpected = Vec::new();
        for change in changes {
            if !self.is_expected(change)? {
                unexpected.push(change.path);
            }
        }
        Ok(unexpected)
    }

    /// Fails where a folder that is to be written in cannot be.
    pub(super) fn check_writable(&self, changes: &[FileChange<'_>]) -> Result<(), GitError> {
        let mut checked = "\0";
        for change in changes {
            let mut folder = parent_of(change.path);
            if folder == checked {
                continue;
            }
            checked = folder;
            loop {
                match self.folders.folder(folder)? {
                    Way::Open(open) => break open.check_writable()?,
                    _ => folder = parent_of(folder),
                }
            }
        }
        Ok(())
    }

    /// Makes the changes, removals first, and gives the stamps of the files it put in place. What is no longer as expected
    /// is left alone.
    pub(super) fn apply(&self, changes: &[FileChange<'_>]) -> Result<Vec<Option<FileStamp>>, GitError> {
        for change in changes.iter().filter(|change| change.staged.is_none()) {
            self.step(Step::RemoveFile)?;
            if self.is_expected(change)? {
                self.remove(change.path)?;
            }
        }
        self.folders.forget();
        let mut stamps = Vec::with_capacity(changes.len());
        for change in changes {
            stamps.push(match change.staged {
                None => None,
                Some(number) => {
                    self.step(Step::ReplaceFile)?;
                    if self.is_expected(change)? { self.replace(change, number)? } else { None }
                }
            });
        }
        Ok(stamps)
    }

    fn is_expected(&self, change: &FileChange<'_>) -> Result<bool, GitError> {
        let (parent, name) = split(change.path);
        let folder = match self.folders.folder(parent)? {
            Way::Open(folder) => folder,
            // A file where a folder is needed was found to be ours, and goes before this is made.
            Way::Missing | Way::Blocked { .. } => return Ok(change.expected == Expected::Nothing),
        };
        Ok(match (change.expected, folder.look(name)?) {
            (Expected::Nothing, Found::Missing | Found::Folder) => true,
            (Expected::Stamp(stamp), Found::File(found)) => stamp == found,
            (Expected::Blob(id), Found::File(found)) => match self.converter.of(change.path)? {
                Conversion::LineEndings(endings) => folder
                    .read(name, found.size)?
                    .map(|(bytes, _)| name_of(ObjectType::Blob, &endings.to_git(&bytes)))
                    .transpose()?
                    .is_some_and(|found| found == id),
                Conversion::Foreign(_) => false,
            },
            _ => false,
        })
    }

    fn replace(&self, change: &FileChange<'_>, number: usize) -> Result<Option<FileStamp>, GitError> {
        let staged = staged_name(number);
        let Found::File(waiting) = self.stage.look(&staged)? else { return Ok(None) };
        let (parent, name) = split(change.path);
        let Way::Open(folder) = self.folders.folder_or_new(parent)? else { return Ok(None) };
        if folder.look(name)? == Found::Folder && !folder.remove_empty(name) {
            return Ok(None);
        }
        if change.expected != Expected::Nothing {
            self.stage.rename_to(&staged, &folder, name)?;
        } else if !self.stage.rename_to_free(&staged, &folder, name)? {
            return Ok(None);
        }
        // The rename changes the time of change, so the stamp is taken after it, and believed only if the rest is the same.
        Ok(match folder.look(name)? {
            Found::File(found)
                if (found.inode, found.size, found.modified)
                    == (waiting.inode, waiting.size, waiting.modified) =>
            {
                Some(found)
            }
            _ => None,
        })
    }

    fn remove(&self, path: &str) -> Result<(), GitError> {
        let (mut parent, name) = split(path);
        let Way::Open(folder) = self.folders.folder(parent)? else { return Ok(()) };
        folder.remove(name)?;
        // Git keeps no empty folders.
        while !parent.is_empty() {
            let (above, name) = split(parent);
            let Way::Open(folder) = self.folders.folder(above)? else { break };
            if !folder.remove_empty(name) {
                break;
            }
            self.folders.forget();
            parent = above;
        }
        Ok(())
    }

    fn step(&self, step: Step) -> Result<(), GitError> {
        self.observer.before(step).map_err(file("write in", self.folders.root().path()))
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn parent_of(path: &str) -> &str {
    split(path).0
}
