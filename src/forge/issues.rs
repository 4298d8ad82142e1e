//! Issues found by a hidden marker, a label and their author: one for each marker, opened, rewritten, closed, reopened.

use serde::Deserialize;
use serde_json::{Value, json};

use super::comments::{has_marker, same_text};
use super::exchange::{Exchange, Request};
use super::github::GitHub;
use super::identity::Account;
use super::pages::Listed;
use super::{Clock, ForgeError, Identity, RepositoryName};

/// An issue, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Its address for people.
    #[serde(default)]
    pub html_url: String,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// Its text.
    #[serde(default)]
    pub body: Option<String>,
    /// `open` or `closed`.
    pub state: String,
    /// Who opened it.
    pub user: Option<Account>,
    /// Its labels.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// Set where it is a pull request.
    #[serde(default)]
    pull_request: Option<Value>,
}

/// A label, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Label {
    /// Its name.
    pub name: String,
}

impl Listed for Issue {
    fn number(&self) -> u64 {
        self.number
    }
}

/// Which issues are ours.
#[derive(Debug, Clone, Copy)]
pub struct IssueSeries<'a> {
    /// The repository.
    pub repository: &'a RepositoryName,
    /// The label of all of them.
    pub label: &'a str,
    /// Who writes them.
    pub author: &'a Identity,
}

/// What an issue shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueText {
    /// The title.
    pub title: String,
    /// The text; its first line is the marker.
    pub body: String,
    /// Whether it is open.
    pub is_open: bool,
}

impl<E: Exchange, C: Clock> GitHub<E, C> {
    /// All issues of a series, open and closed, oldest first.
    pub fn issues(&self, series: IssueSeries<'_>) -> Result<Vec<Issue>, ForgeError> {
        let path = format!(
            "/repos/{}/issues?state=all&sort=created&direction=asc&labels={}",
            series.repository, series.label
        );
        let mut issues: Vec<Issue> = self.read_all("list the issues", &path)?;
        issues.retain(|issue| issue.pull_request.is_none() && series.author.is(issue.user.as_ref()));
        issues.sort_by_key(|issue| issue.number);
        Ok(issues)
    }

    /// The issue with a marker, of a list of all: the oldest where there are several.
    #[must_use]
    pub fn find_issue<'i>(issues: &'i [Issue], marker: &str) -> Option<&'i Issue> {
        issues.iter().find(|issue| has_marker(issue.body.as_deref().unwrap_or_default(), marker))
    }

    /// Opens an issue that is not there yet.
    pub fn open_issue(
        &self,
        series: IssueSeries<'_>,
        text: &IssueText,
        marker: &str,
    ) -> Result<Issue, ForgeError> {
        let path = format!("/repos/{}/issues", series.repository);
        let content = json!({"title": text.title, "body": text.body, "labels": [series.label]});
        let find = || Ok(Self::find_issue(&self.issues(series)?, marker).cloned());
        let created = self.create("open the issue", &Request::post(path, content), find)?;
        if created.is_doubtful {
            self.close_doubles(series, marker)?;
        }
        let issue = created.value;
        if !issue.labels.iter().any(|label| label.name.eq_ignore_ascii_case(series.label)) {
            // A token that may not set labels loses them without a word; then the issue would be opened again each time.
            let path = format!("/repos/{}/issues/{}", series.repository, issue.number);
            self.call("label the issue", &Request::patch(path, json!({"labels": [series.label]})))?;
        }
        Ok(issue)
    }

    /// Closes every issue with this marker but the oldest: a creation whose answer was lost may have arrived late.
    pub fn close_doubles(&self, series: IssueSeries<'_>, marker: &str) -> Result<(), ForgeError> {
        let issues = self.issues(series)?;
        let doubles = issues
            .iter()
            .filter(|issue| has_marker(issue.body.as_deref().unwrap_or_default(), marker))
            .skip(1)
            .filter(|issue| issue.state == "open");
        let first = Self::find_issue(&issues, marker).map_or(0, |issue| issue.number);
        for double in doubles {
            let path = format!("/repos/{}/issues/{}", series.repository, double.number);
            let content = json!({
                "state": "closed",
                "state_reason": "not_planned",
                "body": format!("Opened twice by a lost answer; see #{first}."),
            });
            self.call("close an issue that is there twice", &Request::patch(path, content))?;
        }
        Ok(())
    }

    /// Makes an issue that is there be this; gives whether anything had to be written.
    pub fn keep_issue(
        &self,
        repository: &RepositoryName,
        issue: &Issue,
        text: &IssueText,
    ) -> Result<bool, ForgeError> {
        let mut content = serde_json::Map::new();
        if issue.title.trim() != text.title.trim() {
            content.insert("title".to_owned(), json!(text.title));
        }
        if !same_text(issue.body.as_deref().unwrap_or_default(), &text.body) {
            content.insert("body".to_owned(), json!(text.body));
        }
        if (issue.state == "open") != text.is_open {
            let (state, reason) = if text.is_open { ("open", "reopened") } else { ("closed", "completed") };
            content.insert("state".to_owned(), json!(state));
            content.insert("state_reason".to_owned(), json!(reason));
        }
        if content.is_empty() {
            return Ok(false);
        }
        let path = format!("/repos/{repository}/issues/{}", issue.number);
        self.call("edit the issue", &Request::patch(path, Value::Object(content)))?;
        Ok(true)
    }
}
