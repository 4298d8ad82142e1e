//! Pull requests: which one a commit is the head of, and whether it still is.

use serde::Deserialize;

use super::exchange::Exchange;
use super::github::GitHub;
use super::pages::Listed;
use super::{Clock, ForgeError, RepositoryName};

/// A pull request, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// `open` or `closed`.
    #[serde(default)]
    pub state: String,
    /// The newest commit of its branch.
    pub head: Head,
    /// The commit that a merge would make; pipelines may have looked at that one.
    #[serde(default)]
    pub merge_commit_sha: Option<String>,
}

/// The branch of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Head {
    /// Its newest commit.
    pub sha: String,
}

impl Listed for PullRequest {
    fn number(&self) -> u64 {
        self.number
    }
}

impl PullRequest {
    /// Whether a commit is what the pull request now is.
    #[must_use]
    pub fn is_at(&self, commit: &str) -> bool {
        self.head.sha == commit || self.merge_commit_sha.as_deref() == Some(commit)
    }
}

impl<E: Exchange, C: Clock> GitHub<E, C> {
    /// The pull request of a number.
    pub fn pull_request(&self, repository: &RepositoryName, number: u64) -> Result<PullRequest, ForgeError> {
        self.read("read the pull request", &format!("/repos/{repository}/pulls/{number}"))
    }

    /// The open pull request that a commit is the head of. It is looked for among all that are open: the API's own search by
    /// commit does not know those from forks.
    pub fn pull_request_of(
        &self,
        repository: &RepositoryName,
        commit: &str,
    ) -> Result<Option<PullRequest>, ForgeError> {
        let path = format!("/repos/{repository}/pulls?state=open&sort=created&direction=asc");
        let open: Vec<PullRequest> = self.read_all("list the pull requests", &path)?;
        Ok(open.into_iter().find(|pull_request| pull_request.head.sha == commit))
    }
}
