//! Git objects as bytes: blobs, trees and commits, encoded and named without the object database.
//!
//! Building them ourselves lets a whole commit be written as one pack, or not at all.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid};

use super::GitError;
use super::error::library;

/// An object that has a name and is yet to be written.
pub(super) struct NewObject {
    pub(super) id: Oid,
    pub(super) kind: ObjectType,
    pub(super) data: ObjectData,
}

/// The bytes of an object; those of rendered files are shared with the file tree.
pub(super) enum ObjectData {
    Shared(std::sync::Arc<[u8]>),
    Owned(Vec<u8>),
}

impl ObjectData {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            ObjectData::Shared(bytes) => bytes,
            ObjectData::Owned(bytes) => bytes,
        }
    }
}

/// The header that Git hashes and compresses before an object's bytes.
pub(super) fn header(kind: ObjectType, length: usize) -> String {
    format!("{} {length}\0", kind.str())
}

/// The name of an object.
pub(super) fn name_of(kind: ObjectType, bytes: &[u8]) -> Result<Oid, GitError> {
    use sha1::Digest;
    let mut digest = sha1::Sha1::new();
    digest.update(header(kind, bytes.len()));
    digest.update(bytes);
    Oid::from_bytes(&digest.finalize()).map_err(library("name an object"))
}

/// The mode of a file that is not executable, the only kind that is written.
pub(super) const FILE_MODE: i32 = 0o100_644;
const TREE_MODE: i32 = 0o040_000;

/// Changes to a tree: the name of the blob that a path gets, or none where the file goes.
pub(super) type TreeChanges<'paths> = BTreeMap<&'paths str, Option<Oid>>;

/// The tree that `base` becomes by the changes; new trees are added to `objects`. None where nothing is left.
pub(super) fn change_tree(
    git: &git2::Repository,
    base: Option<Oid>,
    changes: &TreeChanges<'_>,
    objects: &mut Vec<NewObject>,
) -> Result<Option<Oid>, GitError> {
    let mut entries: BTreeMap<Vec<u8>, (i32, Oid)> = BTreeMap::new();
    if let Some(id) = base {
        let tree = git.find_tree(id).map_err(library(format!("read tree {id}")))?;
        for entry in &tree {
            entries.insert(entry.name_bytes().to_vec(), (entry.filemode_raw(), entry.id()));
        }
    }
    let mut folders: BTreeMap<&str, TreeChanges<'_>> = BTreeMap::new();
    let mut added = Vec::new();
    for (path, blob) in changes {
        match (path.split_once('/'), blob) {
            (Some((folder, rest)), blob) => {
                folders.entry(folder).or_default().insert(rest, *blob);
            }
            (None, Some(blob)) => added.push((path.as_bytes().to_vec(), *blob)),
            (None, None) => {
                entries.remove(path.as_bytes());
            }
        }
    }
    for (folder, changes) in folders {
        let name = folder.as_bytes().to_vec();
        let base = entries.get(&name).filter(|(mode, _)| *mode == TREE_MODE).map(|(_, id)| *id);
        if base.is_none() && changes.values().all(Option::is_none) {
            continue;
        }
        match change_tree(git, base, &changes, objects)? {
            Some(id) => entries.insert(name, (TREE_MODE, id)),
            None => entries.remove(&name),
        };
    }
    // Files come last: one may take the place of a folder that the changes have emptied.
    for (name, blob) in added {
        entries.insert(name, (FILE_MODE, blob));
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let bytes = encode_tree(entries);
    let id = name_of(ObjectType::Tree, &bytes)?;
    objects.push(NewObject { id, kind: ObjectType::Tree, data: ObjectData::Owned(bytes) });
    Ok(Some(id))
}

/// The tree of a repository without files, which Git still names.
pub(super) fn empty_tree() -> Result<NewObject, GitError> {
    let id = name_of(ObjectType::Tree, b"")?;
    Ok(NewObject { id, kind: ObjectType::Tree, data: ObjectData::Owned(Vec::new()) })
}

fn encode_tree(entries: BTreeMap<Vec<u8>, (i32, Oid)>) -> Vec<u8> {
    // Git sorts a folder as if its name ended in a slash.
    let mut sorted: Vec<(Vec<u8>, usize, i32, Oid)> = entries
        .into_iter()
        .map(|(mut name, (mode, id))| {
            let length = name.len();
            if mode == TREE_MODE {
                name.push(b'/');
            }
            (name, length, mode, id)
        })
        .collect();
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    let mut bytes = Vec::new();
    for (name, length, mode, id) in sorted {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend(name.into_iter().take(length));
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    bytes
}

/// What a commit says, but for its signature.
pub(super) struct CommitText<'text> {
    pub(super) tree: Oid,
    pub(super) parent: Option<Oid>,
    pub(super) author: &'text str,
    pub(super) committer: &'text str,
    pub(super) message: &'text str,
}

impl CommitText<'_> {
    /// The commit's bytes; the signature, which covers the bytes without it, stands as the last header.
    pub(super) fn encode(&self, signature: Option<&str>) -> Vec<u8> {
        let mut text = format!("tree {}\n", self.tree);
        if let Some(parent) = self.parent {
            text.push_str(&format!("parent {parent}\n"));
        }
        text.push_str(&format!("author {}\ncommitter {}\n", self.author, self.committer));
        if let Some(signature) = signature {
            let mut key = "gpgsig";
            for line in signature.trim_end_matches('\n').split('\n') {
                text.push_str(&format!("{key} {line}\n"));
                key = "";
            }
        }
        text.push('\n');
        text.push_str(self.message.trim_end());
        text.push('\n');
        text.into_bytes()
    }
}
