//! Whose comments and issues are ours: anyone can paste a marker, so its author counts too.

use serde::Deserialize;
use serde_json::json;

use super::exchange::{Exchange, Request};
use super::github::GitHub;
use super::{Clock, ForgeError};

/// Where GraphQL is; the carrier knows the place on each kind of server.
pub(super) const GRAPHQL: &str = "/graphql";

/// Who a workflow's own token writes as.
const WORKFLOW: &str = "github-actions[bot]";

/// The account that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(String);

/// An account, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Its name; that of an app ends in `[bot]`.
    pub login: String,
}

impl Identity {
    /// The account of this name.
    #[must_use]
    pub fn named(login: &str) -> Identity {
        Identity(login.to_owned())
    }

    /// Whether this account is it. An app is named with and without `[bot]`; no user's name can end so.
    #[must_use]
    pub fn is(&self, account: Option<&Account>) -> bool {
        let plain = |login: &str| {
            let login = login.to_lowercase();
            login.strip_suffix("[bot]").map_or((login.clone(), false), |name| (name.to_owned(), true))
        };
        let Some(account) = account else { return false };
        let ((ours, is_app), (theirs, writes_as_app)) = (plain(&self.0), plain(&account.login));
        ours == theirs && (writes_as_app || !is_app)
    }
}

impl<E: Exchange, C: Clock> GitHub<E, C> {
    /// Who the token belongs to. A workflow's token may not ask `/user`, so it is asked by GraphQL; where that has no answer
    /// either, it is the workflow's account.
    pub fn identity(&self, named: Option<&str>) -> Result<Identity, ForgeError> {
        if let Some(login) = named {
            return Ok(Identity::named(login));
        }
        let request = Request::post(GRAPHQL, json!({"query": "query { viewer { login } }"}));
        match self.call("find out whose token it is", &request) {
            Ok(response) => {
                let login = response.body["data"]["viewer"]["login"].as_str();
                Ok(Identity::named(login.unwrap_or(WORKFLOW)))
            }
            Err(ForgeError::Refused { status: 403 | 404, .. }) => Ok(Identity::named(WORKFLOW)),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_known_by_both_spellings_and_a_user_is_never_taken_for_one() {
        let is =
            |ours: &str, theirs: &str| Identity::named(ours).is(Some(&Account { login: theirs.to_owned() }));
        assert!(is("github-actions[bot]", "github-actions[bot]"));
        assert!(is("github-actions", "github-actions[bot]"));
        assert!(is("Octo", "octo"));
        assert!(!is("github-actions[bot]", "github-actions"));
        assert!(!is("octo", "octo2"));
        assert!(!Identity::named("octo").is(None));
    }
}
