//! Comments found by a hidden marker and their author, written once and edited in place.

use serde::Deserialize;
use serde_json::json;

use super::exchange::{Exchange, Request};
use super::github::GitHub;
use super::identity::Account;
use super::pages::Listed;
use super::{Clock, ForgeError, Identity, RepositoryName};

/// A comment, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Comment {
    id: u64,
    #[serde(default)]
    html_url: String,
    #[serde(default)]
    body: Option<String>,
    user: Option<Account>,
}

impl Listed for Comment {
    fn number(&self) -> u64 {
        self.id
    }
}

/// What became of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    Created,
    /// It was edited.
    Updated,
    /// It says the same already; nothing was written.
    Unchanged,
    /// There is none, and none is needed.
    Absent,
}

impl Written {
    /// The word of step outputs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Written::Created => "created",
            Written::Updated => "updated",
            Written::Unchanged => "unchanged",
            Written::Absent => "absent",
        }
    }
}

/// Whether a comment is wanted where there is none yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenAbsent {
    /// Write one.
    Create,
    /// Leave it so: there is nothing to say, except where something was said before.
    Leave,
}

/// One comment of ours on an issue or a pull request.
#[derive(Debug, Clone, Copy)]
pub struct CommentPlace<'a> {
    /// The repository.
    pub repository: &'a RepositoryName,
    /// The number of the issue or pull request.
    pub number: u64,
    /// The first line of the comment, which nobody sees.
    pub marker: &'a str,
    /// Who writes it.
    pub author: &'a Identity,
}

impl<E: Exchange, C: Clock> GitHub<E, C> {
    /// Makes the comment say this; gives what had to be done, and the comment's address.
    pub fn keep_comment(
        &self,
        place: CommentPlace<'_>,
        body: &str,
        when_absent: WhenAbsent,
    ) -> Result<(Written, Option<String>), ForgeError> {
        debug_assert!(body.starts_with(place.marker), "without its marker no comment is found again");
        // Where somebody deletes the comment between finding and editing it, it is looked for once more.
        for _ in 0..2 {
            let Some(comment) = self.own_comment(place)? else { break };
            if same_text(comment.body.as_deref().unwrap_or_default(), body) {
                return Ok((Written::Unchanged, Some(comment.html_url)));
            }
            let path = format!("/repos/{}/issues/comments/{}", place.repository, comment.id);
            match self.call("edit the comment", &Request::patch(path, json!({"body": body}))) {
                Ok(_) => return Ok((Written::Updated, Some(comment.html_url))),
                Err(ForgeError::Refused { status: 404 | 410, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if when_absent == WhenAbsent::Leave {
            return Ok((Written::Absent, None));
        }
        let url = self.add_comment(place, body)?;
        Ok((Written::Created, Some(url)))
    }

    /// Writes the comment unless one with its marker is there; gives its address.
    pub fn add_comment_once(
        &self,
        place: CommentPlace<'_>,
        body: &str,
    ) -> Result<(Written, String), ForgeError> {
        match self.own_comment(place)? {
            Some(comment) => Ok((Written::Unchanged, comment.html_url)),
            None => Ok((Written::Created, self.add_comment(place, body)?)),
        }
    }

    fn add_comment(&self, place: CommentPlace<'_>, body: &str) -> Result<String, ForgeError> {
        let path = format!("/repos/{}/issues/{}/comments", place.repository, place.number);
        let request = Request::post(path, json!({"body": body}));
        let created = self.create("write the comment", &request, || self.own_comment(place))?;
        if created.is_doubtful {
            // A try whose answer was lost may have arrived late: what is there twice is told only now.
            self.own_comment(place)?;
        }
        Ok(created.value.html_url)
    }

    /// The comment, the oldest where there are several; the others are removed.
    fn own_comment(&self, place: CommentPlace<'_>) -> Result<Option<Comment>, ForgeError> {
        let path = format!("/repos/{}/issues/{}/comments?sort=created", place.repository, place.number);
        let comments: Vec<Comment> = self.read_all("list the comments", &path)?;
        let mut own: Vec<Comment> = comments
            .into_iter()
            .filter(|comment| place.author.is(comment.user.as_ref()))
            .filter(|comment| has_marker(comment.body.as_deref().unwrap_or_default(), place.marker))
            .collect();
        own.sort_by_key(|comment| comment.id);
        let mut own = own.into_iter();
        let first = own.next();
        for double in own {
            let path = format!("/repos/{}/issues/comments/{}", place.repository, double.id);
            match self.call("remove a comment that is there twice", &Request::delete(path)) {
                Ok(_) | Err(ForgeError::Refused { status: 404 | 410, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(first)
    }
}

/// Whether a text begins with a marker, as its own line.
pub(super) fn has_marker(text: &str, marker: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim() == marker)
}

/// Whether two texts are the same to a reader; forges change line ends, and cut space at the end.
pub(super) fn same_text(first: &str, second: &str) -> bool {
    let lines = |text: &str| text.trim_end().replace("\r\n", "\n");
    lines(first) == lines(second)
}
