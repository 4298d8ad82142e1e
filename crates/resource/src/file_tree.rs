//! Files in memory: what crosses between Git, disk and the engines.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Paths with their bytes, sorted by path.
///
/// Invariant: every path is relative, separated by `/`, and has no `.` or `..` part, so that no engine can leave the tree.
/// Bytes are shared, so a clone costs no copy of the contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTree {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl FileTree {
    /// A tree without files.
    #[must_use]
    pub fn new() -> FileTree {
        FileTree::default()
    }

    /// Adds or replaces a file. The path is normalised; one that leaves the tree is refused and given back.
    pub fn insert(&mut self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Result<(), LeavesTree> {
        let path = normalize_path(path).ok_or_else(|| LeavesTree(path.to_owned()))?;
        self.files.insert(path, bytes.into());
        Ok(())
    }

    /// The bytes of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        match self.files.get(path) {
            Some(bytes) => Some(bytes),
            None => self.files.get(&normalize_path(path)?),
        }
    }

    /// Whether some file lies below this folder.
    #[must_use]
    pub fn is_folder(&self, path: &str) -> bool {
        self.below(path).next().is_some()
    }

    /// The files below a folder, with their whole paths, sorted. The empty path is the whole tree.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        let prefix = normalize_path(folder).map(|path| if path.is_empty() { path } else { path + "/" });
        let start = prefix.clone().unwrap_or_default();
        self.files
            .range(start..)
            .take_while(move |(path, _)| prefix.as_ref().is_some_and(|prefix| path.starts_with(prefix)))
            .map(|(path, bytes)| (path.as_str(), bytes))
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes))
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// The path, as it was given, that would leave the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeavesTree(pub String);

impl std::fmt::Display for LeavesTree {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}` leads out of the tree", self.0)
    }
}

impl std::error::Error for LeavesTree {}

/// The path without empty and `.` parts and with `..` resolved; `None` where it is absolute or leads out of the tree.
#[must_use]
pub fn normalize_path(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
