//! Files of the disk as kustomizations read them: looked up when they are needed, links followed before anything is compared.
//!
//! Errors are in the words of Go's `os` package, which kustomize prints.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use plimsoll_kustomize::{Entry, Files};
use plimsoll_resource::FileTree;

/// The disk, with paths from a folder where they are not absolute.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    current: PathBuf,
}

impl DiskFiles {
    /// The disk as seen from a folder.
    #[must_use]
    pub fn seen_from(current: PathBuf) -> DiskFiles {
        DiskFiles { current }
    }

    /// Follows every link on the way, and says at which part the way ends.
    fn resolve(&self, path: &str) -> Result<PathBuf, String> {
        let absolute = clean(&self.current.join(path));
        let mut reached = PathBuf::from("/");
        let mut parts = absolute.components().peekable();
        while let Some(part) = parts.next() {
            let Component::Normal(part) = part else { continue };
            reached.push(part);
            let metadata =
                std::fs::symlink_metadata(&reached).map_err(|error| reason("lstat", &reached, &error))?;
            if metadata.is_symlink() {
                reached =
                    std::fs::canonicalize(&reached).map_err(|error| reason("lstat", &reached, &error))?;
            }
            if parts.peek().is_some() && !reached.is_dir() {
                return Err("not a directory".to_owned());
            }
        }
        Ok(reached)
    }
}

impl Files for DiskFiles {
    fn locate(&self, path: &str) -> Result<Entry, String> {
        let resolved = self.resolve(path)?;
        let text = resolved.to_string_lossy().into_owned();
        Ok(if resolved.is_dir() { Entry::Folder(text) } else { Entry::File(text) })
    }

    fn read(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let absolute = self.current.join(path);
        if absolute.is_dir() {
            return Err(format!("read {path}: is a directory"));
        }
        let bytes = std::fs::read(&absolute).map_err(|error| reason("open", Path::new(path), &error))?;
        Ok(bytes.into())
    }

    fn below(&self, folder: &str) -> FileTree {
        let root = self.current.join(folder);
        let mut tree = FileTree::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind) if kind.is_file() => {
                        if let (Ok(inner), Ok(bytes)) = (path.strip_prefix(&root), std::fs::read(&path)) {
                            // Below its own root no path leaves the tree.
                            let _ = tree.insert(&inner.to_string_lossy(), bytes);
                        }
                    }
                    _ => {}
                }
            }
        }
        tree
    }
}

fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::ParentDir => drop(cleaned.pop()),
            Component::Normal(part) => cleaned.push(part),
            _ => {}
        }
    }
    cleaned
}

fn reason(operation: &str, path: &Path, error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut characters = text.chars();
    let lower: String =
        characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect();
    format!("{operation} {}: {lower}", path.display())
}
