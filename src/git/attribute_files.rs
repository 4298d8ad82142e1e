//! Which paths any attributes file could speak about.
//!
//! Asking libgit2 for one attribute of one path looks for attributes files in every folder above it, some hundred system calls
//! a path. Most repositories have none of those files, so each is looked for once, and libgit2 is asked only where one is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The attributes files of a repository and of its surroundings.
pub(super) struct AttributeFiles {
    /// Some file outside the work tree speaks about all paths.
    is_outer: bool,
    work_tree: Option<PathBuf>,
    /// Folders whose attributes file the index has, as paths from the root; the root is empty.
    indexed: BTreeSet<String>,
    /// Folders that were looked at.
    seen: RefCell<BTreeMap<String, bool>>,
}

const NAME: &str = ".gitattributes";

impl AttributeFiles {
    /// Looks at everything but the folders of the work tree, which are looked at when they are asked for, and the index, whose
    /// folders with an attributes file are given.
    pub(super) fn of(
        git: &git2::Repository,
        config: &git2::Config,
        indexed: BTreeSet<String>,
    ) -> AttributeFiles {
        AttributeFiles {
            is_outer: config.get_entry("core.attributesfile").is_ok()
                || outer_files(git).iter().any(|path| path.exists()),
            work_tree: git.workdir().map(Path::to_path_buf),
            indexed,
            seen: RefCell::default(),
        }
    }

    /// Whether some attributes file could speak about this path.
    pub(super) fn could_speak_about(&self, path: &str) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.is_outer || self.is_at_or_above(folder)
    }

    fn is_at_or_above(&self, folder: &str) -> bool {
        if let Some(seen) = self.seen.borrow().get(folder) {
            return *seen;
        }
        let is_here = self.indexed.contains(folder)
            || self
                .work_tree
                .as_ref()
                .is_some_and(|root| root.join(folder).join(NAME).symlink_metadata().is_ok());
        let above = folder.rsplit_once('/').map_or("", |(above, _)| above);
        let result = is_here || (!folder.is_empty() && self.is_at_or_above(above));
        self.seen.borrow_mut().insert(folder.to_owned(), result);
        result
    }
}

/// The folders whose attributes file an index has.
pub(super) fn indexed_folders(index: &git2::Index) -> BTreeSet<String> {
    index.iter().filter_map(|entry| folder_of(&entry.path)).collect()
}

/// The folder whose attributes file this is.
pub(super) fn folder_of(path: &[u8]) -> Option<String> {
    let folder = path.strip_suffix(NAME.as_bytes())?;
    let folder = folder.strip_suffix(b"/").or_else(|| folder.is_empty().then_some(folder))?;
    String::from_utf8(folder.to_owned()).ok()
}

/// The files of the repository's own folder, of the user and of the machine.
fn outer_files(git: &git2::Repository) -> Vec<PathBuf> {
    let mut files = vec![git.commondir().join("info/attributes"), git.path().join("info/attributes")];
    // A variable that is empty counts as one that is not set.
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let user = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    files.extend(user.map(|folder| folder.join("git/attributes")));
    files.push(PathBuf::from("/etc/gitattributes"));
    files
}
