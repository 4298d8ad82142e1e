//! Which revision another is compared with: the default branch, and where two revisions parted.

use git2::ErrorCode;

use super::error::library;
use super::{CommitId, GitError, Repository};

/// Names that branches have which others start from, where no remote says which it is.
const USUAL_BRANCHES: [&str; 4] = ["origin/main", "origin/master", "main", "master"];

impl Repository {
    /// The branch that others start from, as a revision: what `origin`'s `HEAD` names, else `main` or `master`, the
    /// remote's before the repository's own.
    pub fn default_branch(&self) -> Result<Option<String>, GitError> {
        match self.git.find_reference("refs/remotes/origin/HEAD") {
            Ok(reference) => {
                let target = reference.symbolic_target().map_err(library("read `origin/HEAD`"))?;
                let branch = target.and_then(|name| name.strip_prefix("refs/remotes/")).map(str::to_owned);
                if let Some(branch) = branch.filter(|branch| self.resolve(branch).is_ok()) {
                    return Ok(Some(branch));
                }
            }
            Err(error) if error.code() == ErrorCode::NotFound => {}
            Err(error) => return Err(library("read `origin/HEAD`")(error)),
        }
        let found = USUAL_BRANCHES.iter().find(|branch| {
            let folder = if branch.contains('/') { "remotes" } else { "heads" };
            self.git.refname_to_id(&format!("refs/{folder}/{branch}")).is_ok()
        });
        Ok(found.map(|branch| (*branch).to_owned()))
    }

    /// The commit where two revisions parted; none where they have nothing in common, or a shallow clone does not have it.
    pub fn merge_base(&self, one: CommitId, other: CommitId) -> Result<Option<CommitId>, GitError> {
        match self.git.merge_base(one.0, other.0) {
            Ok(id) => Ok(Some(CommitId(id))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(library(format!("find where {one} and {other} parted"))(error)),
        }
    }

    /// Whether the repository has only a part of the history.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }
}
