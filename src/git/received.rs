//! Repositories of others: the files of one commit, from a pack that was received or from another repository on this machine.

use std::io::Write;
use std::path::Path;

use git2::{ErrorCode, Oid};

use super::error::{file, library};
use super::{CommitId, GitError, Limits, Repository, Snapshot};

/// What a name stands for in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// A tag, or the whole name of a commit.
    Fixed(CommitId),
    /// A branch, which moves on.
    Branch(CommitId),
}

/// The files of a commit in a pack. The pack is unpacked below `folder`, which must not exist yet and is the caller's to remove;
/// every object is verified by its name.
pub fn read_pack(folder: &Path, pack: &[u8], commit: &str, limits: Limits) -> Result<Snapshot, GitError> {
    let git = git2::Repository::init_bare(folder).map_err(library("unpack what was received"))?;
    {
        let objects = git.odb().map_err(library("unpack what was received"))?;
        let mut writer = objects.packwriter().map_err(library("unpack what was received"))?;
        writer.write_all(pack).map_err(file("unpack what was received into", folder))?;
        writer.commit().map_err(library("unpack what was received"))?;
    }
    let id = Oid::from_str(commit).map_err(library(format!("read commit {commit}")))?;
    Repository { git }.read_commit(CommitId(id), "", limits)
}

impl Repository {
    /// What a tag, a commit or a branch stands for; none where there is nothing of the name.
    pub fn revision(&self, name: &str) -> Result<Option<Revision>, GitError> {
        let tag = self.committed(&format!("refs/tags/{name}"))?.map(Revision::Fixed);
        let is_whole = name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let commit = || if is_whole { self.committed(name) } else { Ok(None) };
        let branch = || self.committed(&format!("refs/heads/{name}"));
        Ok(match tag {
            Some(tag) => Some(tag),
            None => match commit()? {
                Some(commit) => Some(Revision::Fixed(commit)),
                None => branch()?.map(Revision::Branch),
            },
        })
    }

    fn committed(&self, specification: &str) -> Result<Option<CommitId>, GitError> {
        match self.git.revparse_single(specification).and_then(|object| object.peel_to_commit()) {
            Ok(commit) => Ok(Some(CommitId(commit.id()))),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(error) => Err(library(format!("read `{specification}`"))(error)),
        }
    }
}
