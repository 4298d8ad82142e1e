//! One thing at a time, from the cache or from the network, checked before it is kept.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use plimsoll_helm::{Chart, LoadOptions};
use plimsoll_kustomize::RepositoryPath;
use plimsoll_resource::FileTree;
use reqwest::Url;

use super::cache::{Cache, CacheLock, Cached};
use super::chart_index::ChartRepositories;
use super::credentials::Credentials;
use super::http::{Http, Request, host};
use super::pins::{PackagePin, RemotePin};
use super::provider_package::{self, PackageAddress};
use super::registry::Registries;
use super::repositories::{Answer, Repositories};
use super::{ChartAddress, bundle, schema_bundle};
use crate::diagnostic::{Code, Diagnostic};
use crate::render::digest;

/// A packaged chart that is larger is none that Helm takes.
const CHART_LIMIT: u64 = 32 << 20;
/// The largest file that a kustomization may name.
const FILE_LIMIT: u64 = 32 << 20;

/// The network as it is used for fetching.
pub struct Network<'a> {
    http: Http<'a>,
    credentials: Credentials,
}

impl<'a> Network<'a> {
    /// The network, with the credentials that may be used, and where to tell how far it is.
    pub fn new(credentials: Credentials, progress: &'a dyn Fn(&str)) -> Result<Network<'a>, Diagnostic> {
        Ok(Network { http: Http::new(progress)?, credentials })
    }
}

/// Where something came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was downloaded.
    Network,
    /// It was there already.
    Cache,
}

/// Something that was fetched.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The bytes as they are cached.
    pub bytes: Vec<u8>,
    /// Their digest.
    pub sha256: String,
    /// Of a repository, the commit.
    pub commit: Option<String>,
    /// Where they came from.
    pub origin: Origin,
}

/// Fetches.
pub struct Fetcher<'a> {
    http: &'a Http<'a>,
    credentials: &'a Credentials,
    cache: &'a Cache,
    registries: Registries<'a>,
    charts: ChartRepositories<'a>,
    repositories: Repositories<'a>,
    /// The digests of what was downloaded in this run, by address.
    seen: RefCell<HashMap<String, (String, Option<String>)>>,
    packages: RefCell<HashMap<String, PackagePin>>,
    downloaded: Cell<u64>,
    _lock: CacheLock,
}

impl<'a> Fetcher<'a> {
    /// A fetcher into a cache, which is not pruned while it lives.
    pub fn new(network: &'a Network<'a>, cache: &'a Cache) -> Result<Fetcher<'a>, Diagnostic> {
        let Network { http, credentials } = network;
        Ok(Fetcher {
            http,
            credentials,
            cache,
            registries: Registries::new(http, credentials),
            charts: ChartRepositories::new(http, credentials),
            repositories: Repositories { http, credentials, cache },
            seen: RefCell::default(),
            packages: RefCell::default(),
            downloaded: Cell::new(0),
            _lock: cache.lock_for_fetching()?,
        })
    }

    /// Whether the cache has something, whole.
    #[must_use]
    pub fn has(&self, sha256: &str) -> bool {
        matches!(self.cache.read(sha256), Ok(Cached::Whole(_)))
    }

    /// How many bytes were downloaded and kept.
    #[must_use]
    pub fn downloaded(&self) -> u64 {
        self.downloaded.get()
    }

    /// A packaged chart; where it is pinned, the one that is pinned.
    pub fn chart(&self, address: &ChartAddress, pin: Option<&str>) -> Result<Fetched, Diagnostic> {
        let name = address.to_string();
        if let Some(fetched) = self.cached(&name, pin)? {
            return Ok(fetched);
        }
        self.http.tell(&format!("fetching {name}"));
        let bytes = if address.is_in_registry() {
            self.registries.pull(address, CHART_LIMIT)?
        } else {
            self.charts.download(address, CHART_LIMIT)?
        };
        check_chart(address, &bytes)?;
        self.keep(&name, bytes, None, pin)
    }

    /// What a package defines, and the digest of its image; where it is pinned, of the one that is pinned.
    pub fn package(
        &self,
        address: &PackageAddress,
        pin: Option<&PackagePin>,
    ) -> Result<(PackagePin, Origin), Diagnostic> {
        if let Some(pin) = pin
            && self.cached(&address.to_string(), Some(pin.sha256.as_str()))?.is_some()
        {
            return Ok((pin.clone(), Origin::Cache));
        }
        let name = address.to_string();
        if let Some(pin) = self.packages.borrow().get(&name).cloned() {
            return Ok((pin, Origin::Cache));
        }
        self.http.tell(&format!("fetching {name}"));
        let image = provider_package::pull(&self.registries, address, pin.map(|pin| pin.digest.as_str()))?;
        let packed = schema_bundle::pack([("package.yaml", image.content.as_slice())].into_iter());
        let (bytes, _) = packed.map_err(|cause| {
            Diagnostic::error(Code::new("fetch::package"), format!("the package `{name}` cannot be read"))
                .with_cause(cause)
        })?;
        let fetched = self.keep(&name, bytes, None, pin.map(|pin| pin.sha256.as_str()))?;
        let pin = PackagePin { digest: image.digest, sha256: fetched.sha256 };
        self.packages.borrow_mut().insert(name, pin.clone());
        Ok((pin, Origin::Network))
    }

    /// What the files of a folder define; where it is pinned, it must be that.
    pub fn definitions(
        &self,
        folder: &str,
        files: &FileTree,
        pin: Option<&str>,
    ) -> Result<String, Diagnostic> {
        let manifests = files.iter().filter(|(path, _)| path.ends_with(".yaml") || path.ends_with(".yml"));
        let packed = schema_bundle::pack(manifests.map(|(path, bytes)| (path, &**bytes)));
        let problem = |cause: String| {
            let message = format!("the definitions in `{folder}` cannot be read");
            Diagnostic::error(Code::new("fetch::package"), message).with_cause(cause)
        };
        match packed.map_err(problem)? {
            (_, 0) => Err(problem("no file holds a CustomResourceDefinition".to_owned())),
            (bytes, _) => self.keep(folder, bytes, None, pin).map(|fetched| fetched.sha256),
        }
    }

    /// What stands at an address that a kustomization names; where it is pinned, what is pinned.
    pub fn remote(&self, address: &str, pin: Option<&RemotePin>) -> Result<Fetched, Diagnostic> {
        let sha256 = pin.map(|pin| pin.sha256.as_str());
        if let Some(fetched) = self.cached(address, sha256)? {
            let commit = pin.and_then(|pin| pin.commit.clone()).or(fetched.commit);
            return Ok(Fetched { commit, ..fetched });
        }
        self.http.tell(&format!("fetching {address}"));
        let Some(mut path) = repository_path(address) else {
            let bytes = self.file(address)?;
            return self.keep(address, bytes, None, sha256);
        };
        // A tag that was moved still means the commit that is pinned.
        if let Some(commit) = pin.and_then(|pin| pin.commit.clone()) {
            path.reference = commit;
        }
        match self.repositories.fetch(&path)? {
            Answer::Repository(repository) => {
                let bytes = bundle::pack(&repository.files).map_err(|error| {
                    let message = format!("the files of `{address}` cannot be kept");
                    Diagnostic::error(Code::new("fetch::repository"), message).with_cause(error.to_string())
                })?;
                self.keep(address, bytes, Some(repository.commit), sha256)
            }
            // An address may have a query of its own and mean a file all the same.
            Answer::NoRepository(_) if is_web_address(address) => {
                let bytes = self.file(address)?;
                self.keep(address, bytes, None, sha256)
            }
            Answer::NoRepository(problem) => Err(problem),
        }
    }

    fn file(&self, address: &str) -> Result<Vec<u8>, Diagnostic> {
        let url = Url::parse(address).map_err(|_| {
            Diagnostic::error(
                Code::new("fetch::address"),
                format!("`{address}` cannot be read as an address"),
            )
        })?;
        let authorization = self.credentials.basic_of(&host(&url))?;
        let request = Request { authorization, ..Request::get(url, FILE_LIMIT) };
        Ok(self.http.send(&request)?.require_success(&format!("`{address}`"))?.body)
    }

    /// What is there already: by its pin, or because it was downloaded in this run.
    fn cached(&self, name: &str, pin: Option<&str>) -> Result<Option<Fetched>, Diagnostic> {
        let seen = self.seen.borrow().get(name).cloned();
        let known = pin.map(|sha256| (sha256.to_owned(), None)).or(seen);
        let Some((sha256, commit)) = known else { return Ok(None) };
        Ok(match self.cache.read(&sha256)? {
            Cached::Whole(bytes) => Some(Fetched { bytes, sha256, commit, origin: Origin::Cache }),
            Cached::Missing | Cached::Damaged => None,
        })
    }

    /// Keeps what was downloaded, unless something else is pinned.
    fn keep(
        &self,
        name: &str,
        bytes: Vec<u8>,
        commit: Option<String>,
        pin: Option<&str>,
    ) -> Result<Fetched, Diagnostic> {
        if let Some(pin) = pin {
            let got = digest::sha256(&bytes);
            if got != pin {
                let message = format!("`{name}` is not what is pinned");
                return Err(Diagnostic::error(Code::new("fetch::mismatch"), message)
                    .with_cause(format!("the pin says sha256:{pin}"))
                    .with_cause(format!("what came has sha256:{got}"))
                    .with_help(
                        "find out why it changed; to take it as it is now, delete its entry from plimsoll.fetch.yaml and \
                         fetch again",
                    ));
            }
        }
        let sha256 = self.cache.store(&bytes)?;
        self.downloaded.set(self.downloaded.get() + bytes.len() as u64);
        self.seen.borrow_mut().insert(name.to_owned(), (sha256.clone(), commit.clone()));
        Ok(Fetched { bytes, sha256, commit, origin: Origin::Network })
    }
}

/// What came must be the chart that was asked for.
fn check_chart(address: &ChartAddress, bytes: &[u8]) -> Result<(), Diagnostic> {
    let problem = |cause: String| {
        let message = format!("`{address}` is no chart of that name and version");
        Diagnostic::error(Code::new("fetch::chart"), message).with_cause(cause)
    };
    let loaded =
        Chart::from_archive(bytes, &LoadOptions::default()).map_err(|error| problem(error.to_string()))?;
    let (name, version) = (loaded.chart.name(), &loaded.chart.metadata.version);
    if name != address.name || *version != address.version {
        return Err(problem(format!("its Chart.yaml says `{name}` {version}")));
    }
    Ok(())
}

/// The repository that an address means. An address of a web server without anything that only a repository has is a file.
fn repository_path(address: &str) -> Option<RepositoryPath> {
    let path = RepositoryPath::parse(address)?;
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let before_query = rest.split('?').next().unwrap_or(rest);
    let is_marked =
        before_query.contains("//") || before_query.contains(".git") || before_query.contains("_git/");
    let is_manifest = [".yaml", ".yml", ".json"].iter().any(|extension| before_query.ends_with(extension));
    let is_file = is_web_address(address) && !is_marked && (path.reference.is_empty() || is_manifest);
    (!is_file).then_some(path)
}

fn is_web_address(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::repository_path;

    #[test]
    fn files_and_repositories_are_told_apart_by_their_addresses() {
        for (address, expected) in [
            ("https://example.com/crds.yaml", None),
            ("https://example.com/team/base/raw?ref=v1", Some("https://example.com/team/base")),
            ("https://raw.example.com/team/base/v1/app.yaml?ref=v1", None),
            ("https://github.com/team/base//app?ref=v1", Some("https://github.com/team/base")),
            ("github.com/team/base/app?ref=v1", Some("https://github.com/team/base")),
            ("https://git.example.com/team/base.git//app", Some("https://git.example.com/team/base.git")),
            ("file:///srv/base.git//app?ref=v1", Some("file:///srv/base.git")),
        ] {
            let found = repository_path(address).map(|path| path.clone_spec);
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
