//! What a render is to change, decided before anything is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use git2::Oid;
use plimsoll_resource::FileTree;

use super::error::Refusals;
use super::folder::FileStamp;
use super::inspection::{Inspection, inspect};
use super::objects::NewObject;
use super::reference::ResolvedTarget;
use super::{CommitId, GitError, Repository};

/// Owned paths, from the repository's root, with the SHA-256 (64 lower-case hex digits) of what was rendered there.
pub type OwnedPaths = BTreeMap<String, String>;

/// Where a commit goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Target {
    /// Where `HEAD` is: its branch, with or without commits, or the detached commit. The work tree follows.
    #[default]
    Head,
    /// This branch. Where `HEAD` is not on it, work tree and index are not touched. One that does not exist starts at `HEAD`.
    Branch(String),
}

/// What becomes of files in the way and of edits by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Adoption {
    /// They are refused.
    #[default]
    Refuse,
    /// They are replaced and owned from now on. What only the work tree held is kept as a blob and told in
    /// [`super::SavedFile`].
    Adopt,
}

/// What is to be written, and what is known to be ours.
#[derive(Debug, Clone, Copy)]
pub struct CommitRequest<'request> {
    /// Where the commit goes.
    pub target: &'request Target,
    /// The folder that everything is below: `environments/dev`.
    pub prefix: &'request str,
    /// Every file that shall be below the prefix and ours, the lock file included, with paths from the repository's root.
    pub contents: &'request FileTree,
    /// What the lock in the target's commit lists, and that lock file itself with its own SHA-256.
    pub committed: &'request OwnedPaths,
    /// The same by the lock in the work tree, for files that were rendered with `--no-commit`. Empty where there is none or
    /// the target has no work tree.
    pub work_tree: &'request OwnedPaths,
    /// What becomes of files in the way.
    pub adoption: Adoption,
}

/// What happens to a path in the target's commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// It was there with other bytes.
    Changed,
    /// It will not be there.
    Removed,
}

/// One path that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// From the repository's root.
    pub path: String,
    /// How.
    pub kind: ChangeKind,
}

/// Everything that [`Repository::commit`] or [`Repository::write`] will do.
pub struct CommitPlan {
    pub(super) target: ResolvedTarget,
    pub(super) changes: Vec<Change>,
    pub(super) committed: Vec<CommittedChange>,
    pub(super) work: Vec<WorkChange>,
    pub(super) saved: Vec<(String, NewObject)>,
}

/// A path of the target's commit, before and after.
pub(super) struct CommittedChange {
    pub(super) path: String,
    pub(super) old: Option<Oid>,
    pub(super) new: Option<Content>,
    /// The work tree leaves the path out by its sparse patterns.
    pub(super) is_sparse: bool,
}

/// A file of the work tree, as it was found and as it shall be.
pub(super) struct WorkChange {
    pub(super) path: String,
    pub(super) seen: Option<(Oid, FileStamp)>,
    pub(super) new: Option<Content>,
}

/// The bytes of a file, with the name of their blob.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) id: Oid,
    pub(super) bytes: Arc<[u8]>,
}

impl Repository {
    /// Decides what a render changes, or refuses with every path that stands in the way. Where a killed run left something
    /// unfinished, that is finished first; otherwise nothing is written.
    pub fn plan(&self, request: &CommitRequest<'_>) -> Result<CommitPlan, GitError> {
        self.repair(&super::NoObserver)?;
        let Inspection { target, mut refusals, changes, committed, work, saved } = inspect(self, request)?;
        if request.adoption == Adoption::Adopt {
            refusals.retain(|refusal| !refusal.is_adoptable());
        }
        if !refusals.is_empty() {
            return Err(GitError::Refused(Refusals(refusals)));
        }
        Ok(CommitPlan { target, changes, committed, work, saved })
    }
}

impl CommitPlan {
    /// What changes in the target's commit, sorted by path.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How many paths change in this way.
    #[must_use]
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }

    /// Whether neither the commit nor the work tree needs anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.work.is_empty()
    }

    /// Paths of the work tree that are written or removed, sorted.
    pub fn work_tree_paths(&self) -> impl Iterator<Item = &str> {
        self.work.iter().map(|change| change.path.as_str())
    }

    /// The commit that the new one follows; none on a branch without commits.
    #[must_use]
    pub fn parent(&self) -> Option<CommitId> {
        self.target.parent.map(CommitId)
    }

    /// What will move: `refs/heads/main`, or `HEAD` where it is detached.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.target.reference
    }
}
