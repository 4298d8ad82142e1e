//! What `--check` and `--dry-run` tell: how the target and the work tree differ from a render. Writes nothing, repairs
//! nothing, and does not fail for what stands in the way.

use std::fmt;

use super::error::Refusal;
use super::inspection::inspect;
use super::{Change, ChangeKind, CommitRequest, GitError, Repository};

/// Where an edit by hand was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HandEditPlace {
    /// The commit holds other bytes than were rendered.
    Commit,
    /// The commit does not have the file.
    DeletedInCommit,
    /// The work tree holds other bytes, or another mode.
    WorkTree,
    /// The work tree does not have the file.
    DeletedInWorkTree,
}

impl fmt::Display for HandEditPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            HandEditPlace::Commit => "edited by hand and committed",
            HandEditPlace::DeletedInCommit => "deleted by hand and committed",
            HandEditPlace::WorkTree => "edited by hand",
            HandEditPlace::DeletedInWorkTree => "deleted by hand",
        })
    }
}

/// One owned file that is not what was rendered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HandEdit {
    /// The file.
    pub path: String,
    /// Where.
    pub place: HandEditPlace,
}

/// How a render differs from what Git and the work tree have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// What a commit would change, sorted by path.
    pub stale: Vec<Change>,
    /// What only the work tree lacks or has otherwise, sorted by path; each also an edit by hand or left by `--no-commit`.
    pub work_tree: Vec<Change>,
    /// Owned files that were edited by hand.
    pub hand_edits: Vec<HandEdit>,
    /// Everything else that a commit would refuse.
    pub refusals: Vec<Refusal>,
}

impl Comparison {
    /// Whether a render would change nothing and refuse nothing.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.stale.is_empty()
            && self.work_tree.is_empty()
            && self.hand_edits.is_empty()
            && self.refusals.is_empty()
    }
}

impl Repository {
    /// Compares a render with the target and the work tree.
    pub fn compare(&self, request: &CommitRequest<'_>) -> Result<Comparison, GitError> {
        let inspection = inspect(self, request)?;
        let mut comparison = Comparison::default();
        for refusal in inspection.refusals {
            match refusal {
                Refusal::HandEdited { path, place } => comparison.hand_edits.push(HandEdit { path, place }),
                other => comparison.refusals.push(other),
            }
        }
        let is_stale =
            |path: &str| inspection.changes.binary_search_by(|change| change.path.as_str().cmp(path)).is_ok();
        comparison.work_tree = inspection
            .work
            .iter()
            .filter(|change| !is_stale(&change.path))
            .map(|change| Change {
                path: change.path.clone(),
                kind: match (&change.seen, &change.new) {
                    (None, _) => ChangeKind::Added,
                    (Some(_), Some(_)) => ChangeKind::Changed,
                    (Some(_), None) => ChangeKind::Removed,
                },
            })
            .collect();
        comparison.stale = inspection.changes;
        Ok(comparison)
    }
}
