//! What a repository of the double holds.

use serde_json::{Value, json};

use super::{AUTHOR, Faults};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) issue: u64,
    pub(crate) author: String,
    pub(crate) body: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) number: u64,
    pub(crate) author: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) is_open: bool,
    pub(crate) labels: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct RepositoryState {
    pub(crate) comments: Vec<Comment>,
    pub(crate) issues: Vec<Issue>,
    /// Number, head commit, whether it is open.
    pub(crate) pull_requests: Vec<(u64, String, bool)>,
    pub(crate) faults: Faults,
    /// `POST /repos/...` of everything that was asked, in order.
    pub(crate) log: Vec<String>,
    /// Whether GraphQL has no answer, as for some tokens.
    pub(crate) hides_viewer: bool,
    /// Whether the token may only read.
    pub(crate) refuses_writes: bool,
    pub(crate) last_number: u64,
}

impl RepositoryState {
    /// A repository with one open pull request, and comments and issues of others around.
    pub(crate) fn with_pull_request(number: u64, head: &str) -> RepositoryState {
        let mut state = RepositoryState { last_number: 1_000, ..RepositoryState::default() };
        state.pull_requests.push((number, head.to_owned(), true));
        state
    }

    pub(crate) fn add_comment(&mut self, issue: u64, author: &str, body: &str) -> &Comment {
        self.last_number += 1;
        self.comments.push(Comment {
            id: self.last_number,
            issue,
            author: author.to_owned(),
            body: body.to_owned(),
        });
        self.comments.last().expect("just added")
    }

    pub(crate) fn add_issue(&mut self, author: &str, title: &str, body: &str, labels: &[String]) -> &Issue {
        self.last_number += 1;
        self.issues.push(Issue {
            number: self.last_number,
            author: author.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            is_open: true,
            labels: labels.to_vec(),
        });
        self.issues.last().expect("just added")
    }

    /// Comments that the token's owner wrote.
    pub(crate) fn own_comments(&self) -> Vec<&Comment> {
        self.comments.iter().filter(|comment| comment.author == AUTHOR).collect()
    }
}

impl Comment {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "html_url": format!("https://github.example/pull/{}#issuecomment-{}", self.issue, self.id),
            "body": self.body,
            "user": {"login": self.author, "type": "Bot"},
            "author_association": "NONE",
        })
    }
}

impl Issue {
    pub(super) fn json(&self) -> Value {
        let labels: Vec<Value> =
            self.labels.iter().map(|label| json!({"name": label, "color": "ededed"})).collect();
        json!({
            "number": self.number,
            "html_url": format!("https://github.example/issues/{}", self.number),
            "title": self.title,
            "body": self.body,
            "state": if self.is_open { "open" } else { "closed" },
            "user": {"login": self.author, "type": "Bot"},
            "labels": labels,
        })
    }
}
