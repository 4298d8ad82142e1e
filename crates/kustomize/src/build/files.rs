//! Where a build reads from: paths that begin with `/`, looked up when they are needed.

use std::sync::Arc;

use plimsoll_resource::FileTree;

/// What stands at a path, with the path that it has once links are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A folder.
    Folder(String),
    /// A file.
    File(String),
}

/// Files that a build may read.
pub trait Files {
    /// What stands at a path. The error is what the system would say, such as
    /// `lstat /x: no such file or directory`.
    fn locate(&self, path: &str) -> Result<Entry, String>;

    /// The bytes of a file. The error is what the system would say, such as `open /x: no such file or directory`.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, String>;

    /// The files below a folder, by their paths from there.
    fn below(&self, folder: &str) -> FileTree;
}

/// A tree in memory, whose root is `/`.
#[derive(Debug, Clone, Default)]
pub struct TreeFiles {
    tree: FileTree,
}

impl TreeFiles {
    /// The files of a tree.
    #[must_use]
    pub fn new(tree: FileTree) -> TreeFiles {
        TreeFiles { tree }
    }
}

impl Files for TreeFiles {
    fn locate(&self, path: &str) -> Result<Entry, String> {
        let path = clean_path(path);
        let relative = path.trim_start_matches('/');
        if self.tree.get(relative).is_some() {
            return Ok(Entry::File(path));
        }
        if relative.is_empty() || self.tree.is_folder(relative) {
            return Ok(Entry::Folder(path));
        }
        // The first part that is missing is the one that a walk along the path would miss.
        let mut reached = String::new();
        for part in relative.split('/') {
            let parent = reached.clone();
            reached.push('/');
            reached.push_str(part);
            let inner = reached.trim_start_matches('/');
            if self.tree.get(parent.trim_start_matches('/')).is_some() && !parent.is_empty() {
                return Err("not a directory".to_owned());
            }
            if self.tree.get(inner).is_none() && !self.tree.is_folder(inner) {
                return Err(format!("lstat {reached}: no such file or directory"));
            }
        }
        Err(format!("lstat {path}: no such file or directory"))
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let cleaned = clean_path(path);
        let relative = cleaned.trim_start_matches('/');
        match self.tree.get(relative) {
            Some(bytes) => Ok(Arc::clone(bytes)),
            None if self.tree.is_folder(relative) => Err(format!("read {path}: is a directory")),
            None => Err(format!("open {path}: no such file or directory")),
        }
    }

    fn below(&self, folder: &str) -> FileTree {
        let folder = clean_path(folder);
        let prefix = folder.trim_start_matches('/');
        let mut tree = FileTree::new();
        for (path, bytes) in self.tree.below(prefix) {
            let inner = path.get(prefix.len()..).unwrap_or_default().trim_start_matches('/');
            // A path of a tree stays within it.
            let _ = tree.insert(inner, Arc::clone(bytes));
        }
        tree
    }
}

/// A path without `.`, `..` and doubled separators, as Go's `filepath.Clean` gives it.
pub(crate) fn clean_path(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => drop(parts.pop()),
                _ if is_absolute => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// Two paths as one, as Go's `filepath.Join` joins them.
pub(crate) fn join_paths(folder: &str, path: &str) -> String {
    match (folder.is_empty(), path.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean_path(path),
        (false, true) => clean_path(folder),
        (false, false) => clean_path(&format!("{folder}/{path}")),
    }
}

/// Whether a path is the folder or lies below it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    folder == "/" || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
