//! A double of GitHub's REST API: comments, issues, pull requests, as recorded from the real one, and faults on request.
//!
//! Repositories are told apart by name, so that many tests use one server at once. Lists come in pages of [`PAGE`] items
//! whatever is asked for. Every request must carry the token.

mod faults;
mod http;
mod routes;
mod state;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) use faults::Faults;
pub(crate) use state::RepositoryState;

/// The token that requests must carry.
pub(crate) const TOKEN: &str = "token-of-the-double";

/// Who the token writes as.
pub(crate) const AUTHOR: &str = "github-actions[bot]";

/// Items on a page.
const PAGE: usize = 3;

type Repositories = std::collections::BTreeMap<String, RepositoryState>;

/// A running double.
pub(crate) struct GitHubDouble {
    address: SocketAddr,
    repositories: Arc<Mutex<Repositories>>,
}

impl GitHubDouble {
    /// Starts it; its threads end with the test.
    pub(crate) fn start() -> GitHubDouble {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let repositories = Arc::new(Mutex::new(Repositories::new()));
        let shared = Arc::clone(&repositories);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || http::serve(stream, &shared));
            }
        });
        GitHubDouble { address, repositories }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds or replaces a repository.
    pub(crate) fn put(&self, name: &str, state: RepositoryState) {
        lock(&self.repositories).insert(name.to_owned(), state);
    }

    /// What a repository has come to.
    pub(crate) fn repository(&self, name: &str) -> RepositoryState {
        lock(&self.repositories).get(name).expect("the repository is there").clone()
    }
}

fn lock(repositories: &Mutex<Repositories>) -> MutexGuard<'_, Repositories> {
    repositories.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
