//! Paths that mean something elsewhere: `https://host/file.yaml`, `github.com/owner/name//folder?ref=v1`.
//!
//! Follows `internal/git/repospec.go` v0.21.1 for what counts as a repository. Nothing is fetched: what such a path holds
//! comes from the caller.

use std::sync::Arc;

use plimsoll_resource::FileTree;

/// What stands at a remote path.
#[derive(Debug, Clone)]
pub enum RemoteContent {
    /// A file.
    File(Arc<[u8]>),
    /// A repository, and the folder in it that is meant.
    Repository {
        /// The repository's files.
        files: FileTree,
        /// The folder, from the repository's root.
        folder: String,
    },
}

/// Whether a path is the address of a file.
pub(crate) fn is_remote_file(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

/// The parts of a path into a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPath {
    /// Host and path of the repository, as one would clone it.
    pub clone_spec: String,
    /// The folder in the repository.
    pub folder: String,
    /// The branch, tag or commit.
    pub reference: String,
}

impl RepositoryPath {
    /// Reads a path; `None` where it means no repository.
    #[must_use]
    pub fn parse(path: &str) -> Option<RepositoryPath> {
        if path.starts_with('/') {
            return None;
        }
        let (address, query) = path.split_once('?').unwrap_or((path, ""));
        let parameter = |name: &str| {
            let values = query.split('&').filter_map(|pair| pair.split_once('='));
            values.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
        };
        let reference = parameter("ref").filter(|value| !value.is_empty()).or_else(|| parameter("version"));
        let (host, rest) = split_host(address)?;
        let (repository, folder) = split_repository(rest, host.starts_with("file://"))?;
        let folder = folder.strip_prefix('/').unwrap_or(folder);
        if repository.is_empty()
            || super::files::clean_path(folder.trim_start_matches('/')).split('/').next() == Some("..")
        {
            return None;
        }
        Some(RepositoryPath {
            clone_spec: format!("{host}{repository}"),
            folder: folder.to_owned(),
            reference: reference.unwrap_or_default(),
        })
    }
}

fn split_repository(path: &str, is_whole: bool) -> Option<(String, &str)> {
    const AZURE: &str = "_git/";
    if let Some(at) = path.find(AZURE) {
        let end = at + AZURE.len();
        let (name, folder) = path[end..].split_once('/').unwrap_or((&path[end..], ""));
        return Some((format!("{}{name}", &path[..end]), folder));
    }
    if let Some((repository, folder)) = path.split_once("//") {
        return Some((repository.to_owned(), folder));
    }
    if let Some(at) = path.find(".git") {
        return Some((path[..at + 4].to_owned(), &path[at + 4..]));
    }
    if is_whole {
        return Some((path.to_owned(), ""));
    }
    let (owner, rest) = path.split_once('/')?;
    let (name, folder) = rest.split_once('/').unwrap_or((rest, ""));
    Some((format!("{owner}/{name}"), folder))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn split_host(address: &str) -> Option<(String, &str)> {
    let address = strip_prefix_ignoring_case(address, "git::").unwrap_or(address);
    let schemes = ["ssh://", "https://", "http://", "file://"];
    let found =
        schemes.iter().find_map(|scheme| Some((*scheme, strip_prefix_ignoring_case(address, scheme)?)));
    let (scheme, rest) = found.unwrap_or(("", address));
    let (user, rest) = split_user(rest);
    let lower = rest.to_ascii_lowercase();
    let is_github = lower.starts_with("github.com/") || lower.starts_with("github.com:");
    let scp_style = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !scp_style {
        return None;
    }
    if scheme == "file://" {
        return Some((scheme.to_owned(), rest));
    }
    let slash = rest.find('/');
    let colon = rest.find(':').filter(|&colon| scp_style && colon > 0);
    let separator = match (slash, colon) {
        (Some(slash), Some(colon)) => Some(slash.min(colon)),
        (slash, colon) => slash.or(colon),
    };
    let (host, path) = match separator {
        Some(at) => rest.split_at(at + 1),
        None => (rest, ""),
    };
    if is_github {
        let over_ssh = scheme == "ssh://" || !user.is_empty();
        let host = if over_ssh { format!("{user}github.com:") } else { "https://github.com/".to_owned() };
        return Some((host, path));
    }
    if host.is_empty() {
        return None;
    }
    Some((format!("{scheme}{user}{host}"), path))
}

fn split_user(address: &str) -> (&str, &str) {
    let Some(at) = address.find('@') else { return ("", address) };
    let name = &address[..at];
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    if is_name { address.split_at(at + 1) } else { ("", address) }
}
