//! The files of a Git repository at a tag or a commit, over HTTPS or from this machine.
//!
//! Over HTTPS the program's own client speaks Git's protocol and the pack is unpacked by the Git library: the library's own
//! transports would bring another TLS library along, and registering one with it is process-wide. Only the files of the one
//! commit are received. A branch is refused, since it moves; so is a repository without a reference.

use std::path::Path;

use plimsoll_kustomize::RepositoryPath;
use plimsoll_resource::FileTree;
use reqwest::header::HeaderName;
use reqwest::{StatusCode, Url};

use super::cache::Cache;
use super::credentials::Credentials;
use super::git_protocol::{self, ProtocolError, Reference};
use super::http::{Http, Request, Response, host};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::git::{GitError, Limits, Repository, Revision, Snapshot, UnreadReason, read_pack};

/// The files of a repository at one commit.
pub(super) struct RepositoryFiles {
    /// The commit.
    pub(super) commit: String,
    /// The files; links stand for what they lead to.
    pub(super) files: FileTree,
}

/// What a server turned out to be.
pub(super) enum Answer {
    /// A repository.
    Repository(RepositoryFiles),
    /// Something that does not speak Git.
    NoRepository(Diagnostic),
}

/// Git repositories.
pub(super) struct Repositories<'a> {
    pub(super) http: &'a Http<'a>,
    pub(super) credentials: &'a Credentials,
    pub(super) cache: &'a Cache,
}

const GREETING_LIMIT: u64 = 16 << 20;
const PACK_LIMIT: u64 = 256 << 20;
/// What the files of a repository may come to.
const FILE_LIMITS: Limits = Limits { bytes: 256 << 20, files: 50_000 };

impl Repositories<'_> {
    /// The files that a path of a kustomization means.
    pub(super) fn fetch(&self, path: &RepositoryPath) -> Result<Answer, Diagnostic> {
        let address = &path.clone_spec;
        if path.reference.is_empty() {
            let message = format!("`{address}` is named without a version");
            return Err(Diagnostic::error(Code::new("fetch::floating"), message)
                .with_help("write a tag or a commit behind it: `?ref=v1.2.3`"));
        }
        if let Some(folder) = address.strip_prefix("file://") {
            return self.open(Path::new(folder), &path.reference).map(Answer::Repository);
        }
        let url = Url::parse(&format!("{}/", address.trim_end_matches('/'))).ok();
        let url = url.filter(|url| ["https", "http"].contains(&url.scheme())).ok_or_else(|| {
            Diagnostic::error(Code::new("fetch::address"), format!("`{address}` is not fetched"))
                .with_help("Git repositories are fetched over `https://`, or from `file://`")
        })?;
        self.receive(url, &path.reference)
    }

    fn open(&self, folder: &Path, reference: &str) -> Result<RepositoryFiles, Diagnostic> {
        let address = format!("file://{}", folder.display());
        let repository = Repository::open(folder).map_err(|error| failed(&address, &error))?;
        let commit = match repository.revision(reference).map_err(|error| failed(&address, &error))? {
            Some(Revision::Fixed(commit)) => commit,
            Some(Revision::Branch(commit)) => return Err(floating(&address, reference, &commit.to_string())),
            None => return Err(missing(&address, reference)),
        };
        let snapshot =
            repository.read_commit(commit, "", FILE_LIMITS).map_err(|error| failed(&address, &error))?;
        Ok(RepositoryFiles { commit: commit.to_string(), files: whole(&address, snapshot)? })
    }

    fn receive(&self, url: Url, reference: &str) -> Result<Answer, Diagnostic> {
        let address = url.as_str().trim_end_matches('/').to_owned();
        let join = |base: &Url, path: &str| {
            base.join(path).map_err(|_| {
                Diagnostic::error(Code::new("fetch::address"), format!("`{address}` is not fetched"))
            })
        };
        let greeting = self.send(join(&url, "info/refs?service=git-upload-pack")?, None, GREETING_LIMIT)?;
        let is_git = greeting
            .headers
            .get("content-type")
            .is_some_and(|kind| kind == "application/x-git-upload-pack-advertisement");
        if greeting.status == StatusCode::NOT_FOUND || (greeting.status.is_success() && !is_git) {
            let message = format!("there is no Git repository at `{address}`");
            return Ok(Answer::NoRepository(Diagnostic::error(Code::new("fetch::not-found"), message)));
        }
        // A server may have another address for the repository than the one that was asked.
        let base = join(&greeting.url, "../")?;
        let greeting = greeting.require_success(&format!("`{address}`"))?;
        let broken = |error: ProtocolError| protocol_problem(&address, error);
        git_protocol::check_greeting(&greeting.body).map_err(broken)?;
        let service = join(&base, "git-upload-pack")?;
        let ask = |body: Vec<u8>, limit: u64| {
            self.send(service.clone(), Some(body), limit)?.require_success(&format!("`{address}`"))
        };
        let commit = if git_protocol::is_commit(reference) {
            reference.to_owned()
        } else {
            let listed = ask(git_protocol::list_request(reference), GREETING_LIMIT)?;
            let references = git_protocol::read_list(&listed.body).map_err(broken)?;
            let find = |prefix: &str| {
                let is_it = |found: &&Reference| found.name.strip_prefix(prefix) == Some(reference);
                references.iter().find(is_it).map(|found| found.commit.clone())
            };
            match (find("refs/tags/"), find("refs/heads/")) {
                (Some(commit), _) => commit,
                (None, Some(commit)) => return Err(floating(&address, reference, &commit)),
                (None, None) => return Err(missing(&address, reference)),
            }
        };
        let answer = ask(git_protocol::fetch_request(&commit), PACK_LIMIT)?;
        let pack = git_protocol::read_pack(&answer.body).map_err(broken)?;
        let workspace = self.cache.workspace();
        let snapshot = read_pack(&workspace, &pack, &commit, FILE_LIMITS);
        // What cannot be removed now is removed by pruning.
        let _ = std::fs::remove_dir_all(&workspace);
        let snapshot = snapshot.map_err(|error| failed(&address, &error))?;
        Ok(Answer::Repository(RepositoryFiles { files: whole(&address, snapshot)?, commit }))
    }

    /// Asks with the credentials of the host, where there are any.
    fn send(&self, url: Url, body: Option<Vec<u8>>, limit: u64) -> Result<Response, Diagnostic> {
        let authorization = self.credentials.basic_of(&host(&url))?;
        let version = [(HeaderName::from_static("git-protocol"), "version=2")];
        let body = body.map(|body| ("application/x-git-upload-pack-request", body));
        self.http.send(&Request { headers: &version, authorization, body, ..Request::get(url, limit) })
    }
}

/// The files, unless they are more than may be read. Submodules and links that lead out are left aside: whoever needs one is
/// told that it is not there.
fn whole(address: &str, snapshot: Snapshot) -> Result<FileTree, Diagnostic> {
    if snapshot.unread.iter().any(|unread| unread.reason == UnreadReason::Limit) {
        let message = format!("the files of `{address}` are more than may be read");
        return Err(Diagnostic::error(Code::new("fetch::too-large"), message));
    }
    Ok(snapshot.files)
}

fn floating(address: &str, reference: &str, commit: &str) -> Diagnostic {
    let message = format!("`{reference}` of `{address}` is a branch, and moves");
    Diagnostic::error(Code::new("fetch::floating"), message)
        .with_help(format!("name a tag, or the commit that it is on now: `?ref={commit}`"))
}

fn missing(address: &str, reference: &str) -> Diagnostic {
    let message = format!("`{address}` has no tag and no commit `{reference}`");
    Diagnostic::error(Code::new("fetch::not-found"), message)
}

fn failed(address: &str, error: &GitError) -> Diagnostic {
    let problems: Diagnostics = crate::commands::inputs::git_problem(error);
    let causes = problems.into_iter().flat_map(|problem| [problem.message].into_iter().chain(problem.causes));
    let message = format!("the repository `{address}` cannot be read");
    causes.fold(Diagnostic::error(Code::new("fetch::repository"), message), Diagnostic::with_cause)
}

fn protocol_problem(address: &str, error: ProtocolError) -> Diagnostic {
    let cause = match error {
        ProtocolError::Malformed => "its answer breaks the rules of Git's protocol, or ends early".to_owned(),
        ProtocolError::OldVersion => "it does not speak version 2 of Git's protocol".to_owned(),
        ProtocolError::Refused(message) => format!("it says: {message}"),
    };
    let message = format!("the repository `{address}` cannot be read");
    Diagnostic::error(Code::new("fetch::repository"), message).with_cause(cause)
}
