//! The pins of all environments of a repository, for a command that works on no environment: `plimsoll build`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_kustomize::RemoteContent;

use super::cache::{Cache, Cached};
use super::pins::{self, Pins};
use super::{ChartAddress, Elsewhere, pinned};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// What the environments around a folder have pinned. Nothing is read before it is asked for.
#[derive(Debug, Clone)]
pub struct RepositoryPins {
    folder: PathBuf,
}

impl RepositoryPins {
    /// The pins that hold for a folder: those below `overlays/` of the nearest folder above that has any.
    #[must_use]
    pub fn around(folder: PathBuf) -> RepositoryPins {
        RepositoryPins { folder }
    }

    /// The pins of every environment.
    fn pins(&self) -> Result<Vec<Pins>, Diagnostics> {
        // Parts `..` would hide the folders above.
        let folder = std::fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        for folder in folder.ancestors() {
            let mut found = Vec::new();
            for name in environments(folder) {
                let path = pins::path(&name);
                if let Ok(bytes) = std::fs::read(folder.join(&path)) {
                    found.push(Pins::parse(&path, &bytes)?);
                }
            }
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// What is pinned, if all environments that pin it pin the same.
    fn find<T: PartialEq + Clone>(
        &self,
        name: &str,
        of: impl Fn(&Pins) -> Option<&T>,
    ) -> Result<T, Diagnostic> {
        let pins = self.pins().map_err(|problems| {
            let first = problems.into_iter().next();
            first.unwrap_or_else(|| Diagnostic::error(Code::new("fetch::pins"), "the pins cannot be read"))
        })?;
        let mut pinned = pins.iter().filter_map(of);
        let Some(first) = pinned.next() else { return Err(not_fetched(name)) };
        if pinned.all(|other| other == first) {
            return Ok(first.clone());
        }
        let message = format!("environments pin different contents of '{name}'");
        Err(Diagnostic::error(Code::new("fetch::pins"), message))
    }
}

impl Elsewhere for RepositoryPins {
    fn chart(&self, address: &ChartAddress) -> Result<Arc<[u8]>, Diagnostic> {
        let name = address.to_string();
        let sha256 = self.find(&name, |pins| pins.charts.get(address))?;
        cached(&name, &sha256)
    }

    fn remote(&self, address: &str) -> Result<RemoteContent, Diagnostic> {
        let pin = self.find(address, |pins| pins.remotes.get(address))?;
        pinned::content(address, pin.commit.is_some(), &cached(address, &pin.sha256)?)
    }
}

fn cached(name: &str, sha256: &str) -> Result<Arc<[u8]>, Diagnostic> {
    match Cache::of_user()?.read(sha256)? {
        Cached::Whole(bytes) => Ok(bytes.into()),
        Cached::Missing | Cached::Damaged => Err(not_fetched(name)),
    }
}

fn not_fetched(name: &str) -> Diagnostic {
    let message = format!(
        "remote resources are not read: '{name}' is not fetched; declare it in an environment and run `plimsoll fetch`"
    );
    Diagnostic::error(Code::new("fetch::missing"), message)
}

/// The folders below `overlays/`, sorted.
fn environments(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("overlays")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
