//! Charts from HTTP repositories: `index.yaml`, and the package that it names.
//!
//! An index that has two entries of one version is refused: which of them Helm takes depends on their order, so whoever can
//! add the second decides (the index confusion of Helm's advisory GHSA-jm56-5h66-w453). The digest of the index is checked
//! where it has one.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use plimsoll_yaml::{Budget, Dialect, Node};
use reqwest::Url;

use super::ChartAddress;
use super::credentials::Credentials;
use super::http::{Http, Request, Response, host};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::render::digest;

/// Indexes of large public repositories have some 30 MB.
const INDEX_LIMIT: u64 = 128 << 20;

/// HTTP repositories, and the indexes that were read in this run.
pub(super) struct ChartRepositories<'a> {
    http: &'a Http<'a>,
    credentials: &'a Credentials,
    indexes: RefCell<HashMap<String, Rc<Node>>>,
}

/// A package as an index names it.
struct Package {
    url: String,
    sha256: Option<String>,
}

impl<'a> ChartRepositories<'a> {
    pub(super) fn new(http: &'a Http<'a>, credentials: &'a Credentials) -> ChartRepositories<'a> {
        ChartRepositories { http, credentials, indexes: RefCell::default() }
    }

    /// The packaged chart at an address.
    pub(super) fn download(&self, address: &ChartAddress, limit: u64) -> Result<Vec<u8>, Diagnostic> {
        let package = package(&*self.index(&address.repository)?, address)?;
        let base = format!("{}/", address.repository);
        let url = Url::parse(&base).and_then(|base| base.join(&package.url)).map_err(|_| {
            index_problem(&address.repository, format!("the address of `{}` cannot be read", address.name))
        })?;
        let what = format!("the chart `{address}`");
        let bytes = self.get(url, limit, &what)?.body;
        let got = digest::sha256(&bytes);
        match package.sha256 {
            Some(sha256) if sha256 != got => {
                let message = format!("the chart `{address}` is not what the index says");
                Err(Diagnostic::error(Code::new("fetch::mismatch"), message)
                    .with_cause(format!("the index says sha256:{sha256}"))
                    .with_cause(format!("what came has sha256:{got}")))
            }
            _ => Ok(bytes),
        }
    }

    fn index(&self, repository: &str) -> Result<Rc<Node>, Diagnostic> {
        if let Some(index) = self.indexes.borrow().get(repository) {
            return Ok(Rc::clone(index));
        }
        let url = Url::parse(&format!("{repository}/index.yaml"))
            .map_err(|_| index_problem(repository, "its address cannot be read".to_owned()))?;
        let what = format!("the index of `{repository}`");
        let response = self.get(url, INDEX_LIMIT, &what)?;
        let index = plimsoll_yaml::parse_one(&response.body, Dialect::Yaml12, &Budget::DEFAULT)
            .map_err(|_| index_problem(repository, "it is no YAML, or has a key twice".to_owned()))?;
        let index = Rc::new(index);
        self.indexes.borrow_mut().insert(repository.to_owned(), Rc::clone(&index));
        Ok(index)
    }

    /// Asks with the credentials of the host, where there are any.
    fn get(&self, url: Url, limit: u64, what: &str) -> Result<Response, Diagnostic> {
        let authorization = self.credentials.basic_of(&host(&url))?;
        let response = self.http.send(&Request { authorization, ..Request::get(url, limit) })?;
        let of = host(&response.url);
        response.require_success(what).map_err(|refusal| match refusal.code.name() {
            "fetch::denied" => self.credentials.explain_refusal(&of, refusal),
            _ => refusal,
        })
    }
}

/// The one package of a version in an index.
fn package(index: &Node, address: &ChartAddress) -> Result<Package, Diagnostic> {
    let repository = &address.repository;
    let missing = |message: String, help: Option<String>| {
        Err(Diagnostic::error(Code::new("fetch::not-found"), message).with_optional_help(help))
    };
    let Some(entries) = index.get("entries").filter(|entries| entries.entries().is_some()) else {
        return Err(index_problem(repository, "it lists no charts".to_owned()));
    };
    let Some(versions) = entries.get(&address.name).and_then(Node::items) else {
        let names = entries.entries().into_iter().flatten().filter_map(|entry| entry.key.scalar_text());
        let help = did_you_mean(&address.name, names);
        return missing(format!("`{repository}` has no chart `{}`", address.name), help);
    };
    let text = |entry: &Node, key: &str| entry.get(key).and_then(Node::scalar_text).map(str::to_owned);
    let mut matching =
        versions.iter().filter(|entry| text(entry, "version").as_deref() == Some(&address.version));
    let entry = match (matching.next(), matching.next()) {
        (Some(entry), None) => entry,
        (Some(_), Some(_)) => {
            let message = format!("version {} of `{}` stands twice in it", address.version, address.name);
            return Err(index_problem(repository, message)
                .with_help("tell whoever keeps the repository: which of the two is meant, nobody can know"));
        }
        (None, _) => {
            let known: Vec<String> = versions.iter().filter_map(|entry| text(entry, "version")).collect();
            let help = did_you_mean(&address.version, known.iter().map(String::as_str)).or_else(|| {
                known.first().map(|newest| format!("the first version that it lists is {newest}"))
            });
            return missing(
                format!("`{repository}` has no version {} of `{}`", address.version, address.name),
                help,
            );
        }
    };
    let url = entry.get("urls").and_then(Node::items).and_then(|urls| urls.first()?.scalar_text());
    let Some(url) = url else {
        return Err(index_problem(repository, format!("it has no address of `{}`", address.name)));
    };
    let sha256 = text(entry, "digest").filter(|digest| !digest.is_empty());
    let sha256 = sha256.map(|digest| digest.trim_start_matches("sha256:").to_ascii_lowercase());
    Ok(Package { url: url.to_owned(), sha256 })
}

fn index_problem(repository: &str, cause: String) -> Diagnostic {
    let message = format!("the index of `{repository}` cannot be used");
    Diagnostic::error(Code::new("fetch::index"), message).with_cause(cause)
}

#[cfg(test)]
mod tests {
    use plimsoll_yaml::{Budget, Dialect};

    use super::{ChartAddress, package};

    fn found(index: &str) -> Result<String, String> {
        let index = plimsoll_yaml::parse_one(index, Dialect::Helm, &Budget::DEFAULT).unwrap();
        let address = ChartAddress::new("https://charts.example.com", "shop", Some("1.2.3")).unwrap();
        package(&index, &address).map(|package| package.url).map_err(|problem| {
            [problem.message]
                .into_iter()
                .chain(problem.causes)
                .chain(problem.help)
                .collect::<Vec<_>>()
                .join("; ")
        })
    }

    #[test]
    fn one_entry_of_a_version_is_taken_and_two_are_refused() {
        let one =
            "entries:\n  shop:\n  - {version: 1.2.4, urls: [b.tgz]}\n  - {version: 1.2.3, urls: [a.tgz]}\n";
        assert_eq!(found(one), Ok("a.tgz".to_owned()));
        let two = format!("{one}  - {{version: 1.2.3, urls: [c.tgz]}}\n");
        assert_eq!(
            found(&two),
            Err("the index of `https://charts.example.com` cannot be used; version 1.2.3 of `shop` stands twice in it; \
                 tell whoever keeps the repository: which of the two is meant, nobody can know"
                .to_owned())
        );
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        assert_eq!(
            found("entries:\n  shop:\n  - {version: 2.0.0, urls: [b.tgz]}\n"),
            Err("`https://charts.example.com` has no version 1.2.3 of `shop`; the first version that it lists is 2.0.0"
                .to_owned())
        );
        assert_eq!(
            found("entries: {shops: []}"),
            Err("`https://charts.example.com` has no chart `shop`; did you mean `shops`?".to_owned())
        );
        assert!(found("entries: [1]").is_err());
    }
}
