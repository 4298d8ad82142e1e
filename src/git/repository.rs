//! Opening a repository, and finding commits and branches in it.

use std::fmt;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, Oid};

use super::GitError;
use super::error::library;
use super::folder::Folder;
use crate::diagnostic::nearest;

/// The name of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub(super) Oid);

impl fmt::Display for CommitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A Git repository: with a work tree, linked, or bare.
pub struct Repository {
    pub(super) git: git2::Repository,
}

impl Repository {
    /// Opens the repository that this path lies in.
    pub fn discover(path: &Path) -> Result<Repository, GitError> {
        git2::Repository::discover(path).map_err(|error| opening(path, error)).and_then(Repository::checked)
    }

    /// Makes a repository in this folder, on the branch `main`.
    pub fn begin(path: &Path) -> Result<Repository, GitError> {
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        git2::Repository::init_opts(path, &options)
            .map_err(|error| opening(path, error))
            .and_then(Repository::checked)
    }

    /// Opens the repository at this path, and at no other.
    pub fn open(path: &Path) -> Result<Repository, GitError> {
        git2::Repository::open(path).map_err(|error| opening(path, error)).and_then(Repository::checked)
    }

    fn checked(git: git2::Repository) -> Result<Repository, GitError> {
        if git.object_format() != git2::ObjectFormat::Sha1 {
            return Err(GitError::ObjectFormat { path: git.path().to_owned() });
        }
        // Git makes objects that others can rely on only if every one it refers to exists; so do we, and we look them up
        // ourselves, once, instead of at each insertion.
        Ok(Repository { git })
    }

    /// The root of the work tree, unless the repository is bare.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// Where Git keeps this work tree's own state.
    #[must_use]
    pub fn git_directory(&self) -> &Path {
        self.git.path()
    }

    /// Whether there is any repository that `git push` could go to.
    #[must_use]
    pub fn has_remote(&self) -> bool {
        self.git.remotes().is_ok_and(|remotes| !remotes.is_empty())
    }

    /// Whether there is no work tree.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.git.is_bare()
    }

    /// The commit of `HEAD`; none on a branch without commits.
    pub fn head(&self) -> Result<Option<CommitId>, GitError> {
        match self.git.refname_to_id("HEAD") {
            Ok(id) => Ok(Some(CommitId(id))),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::UnbornBranch) => Ok(None),
            Err(error) => Err(library("read `HEAD`")(error)),
        }
    }

    /// The name of the branch that `HEAD` is on, with or without commits; none where it is detached.
    pub fn head_branch(&self) -> Result<Option<String>, GitError> {
        let head = self.git.find_reference("HEAD").map_err(library("read `HEAD`"))?;
        let target = head.symbolic_target().map_err(library("read `HEAD`"))?;
        Ok(target.map(|name| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()))
    }

    /// The commit that a revision names: a branch, a tag, an id, `HEAD~2`.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, GitError> {
        self.git
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map(|commit| CommitId(commit.id()))
            .map_err(|source| GitError::Revision {
                revision: revision.to_owned(),
                nearest: self.nearest_name(revision),
                source,
            })
    }

    /// The branch or tag whose name is nearest to one that there is not.
    fn nearest_name(&self, revision: &str) -> Option<String> {
        let names: Vec<String> = self
            .git
            .references()
            .ok()?
            .flatten()
            .filter_map(|reference| reference.shorthand().ok().map(str::to_owned))
            .collect();
        nearest(revision, names.iter().map(String::as_str)).map(str::to_owned)
    }

    /// The tree that a commit holds, as Git names it: equal for equal contents everywhere.
    pub fn tree_of(&self, commit: CommitId) -> Result<String, GitError> {
        let found = self.git.find_commit(commit.0).map_err(library(format!("read commit {commit}")))?;
        Ok(found.tree_id().to_string())
    }

    /// Whether tracked files below these folders differ from `HEAD`, or files below them are untracked.
    pub fn is_dirty(&self, folders: &[&str]) -> Result<bool, GitError> {
        if self.is_bare() {
            return Ok(false);
        }
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(false).exclude_submodules(true);
        options.disable_pathspec_match(true).no_refresh(false);
        for folder in folders {
            options.pathspec(*folder);
        }
        let statuses =
            self.git.statuses(Some(&mut options)).map_err(library("read the state of the work tree"))?;
        Ok(!statuses.is_empty())
    }

    pub(super) fn work_folder(&self) -> Result<Folder, GitError> {
        let path =
            self.work_tree().ok_or_else(|| GitError::NoWorkTree { path: self.git_directory().to_owned() })?;
        Folder::open_root(path)
    }

    pub(super) fn objects_folder(&self) -> PathBuf {
        self.git.commondir().join("objects")
    }
}

fn opening(path: &Path, error: git2::Error) -> GitError {
    let path = path.to_owned();
    if error.code() == ErrorCode::NotFound {
        return GitError::NotARepository { path };
    }
    if error.code() == ErrorCode::Owner {
        return GitError::Ownership { path };
    }
    // The library has no code of its own for this.
    if error.message().contains("object format") || error.message().contains("objectformat") {
        return GitError::ObjectFormat { path };
    }
    GitError::Library { action: format!("open the repository `{}`", path.display()), source: error }
}
