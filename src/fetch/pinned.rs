//! What was fetched, as rendering reads it: from the inputs' tree, by the pins of the environment.
//!
//! [`add_to`] puts the cached bytes of every pin into the tree, under a folder that no Git tree can have, so that rendering
//! stays a function of the tree. Each was checked against its pin on the way. What the cache lacks is simply not there, and
//! whoever needs it is told which command to run.

use std::cell::Cell;
use std::sync::Arc;

use plimsoll_kustomize::RemoteContent;
use plimsoll_kustomize::RepositoryPath;
use plimsoll_resource::FileTree;

use super::cache::{Cache, Cached};
use super::pins::{self, Pins};
use super::{ChartAddress, Elsewhere, bundle};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Where cached bytes stand in a tree. Git refuses `.git` in a tree, so nothing else can stand there.
pub const FOLDER: &str = ".git/plimsoll-fetched";

fn tree_path(sha256: &str) -> String {
    format!("{FOLDER}/{sha256}")
}

/// Puts what an environment has pinned into the tree, as far as the cache has it.
pub fn add_to(tree: &mut FileTree, environment: &str) -> Result<(), Diagnostics> {
    let path = pins::path(environment);
    let Some(bytes) = tree.get(&path).cloned() else { return Ok(()) };
    let pins = Pins::parse(&path, &bytes)?;
    // Whoever needs what a missing cache would have is told so.
    let Ok(cache) = Cache::of_user() else { return Ok(()) };
    for sha256 in pins.digests() {
        match cache.read(sha256)? {
            Cached::Whole(bytes) => {
                // The path is made of hexadecimal digits.
                let _ = tree.insert(&tree_path(sha256), bytes);
            }
            Cached::Missing => {}
            Cached::Damaged => {
                let message = "a file of the cache is not what it was when it was fetched".to_owned();
                return Err(Diagnostic::error(Code::new("fetch::cache"), message)
                    .with_cause(format!("its SHA-256 should be {sha256}"))
                    .with_help(command(environment))
                    .into());
            }
        }
    }
    Ok(())
}

/// The bytes of a pin, where the tree has them.
pub(super) fn bytes<'t>(tree: &'t FileTree, sha256: &str) -> Option<&'t Arc<[u8]>> {
    tree.get(&tree_path(sha256))
}

/// What is to be done where the tree does not have them.
pub(super) fn missing(what: &str, environment: &str) -> Diagnostic {
    Diagnostic::error(Code::new("fetch::missing"), format!("{what} is not fetched"))
        .with_help(command(environment))
}

/// What an environment has pinned, with the bytes.
#[derive(Debug, Clone)]
pub struct Pinned<'a> {
    pins: Pins,
    tree: &'a FileTree,
    environment: &'a str,
}

impl<'a> Pinned<'a> {
    /// The pins of an environment in a tree.
    pub fn of(tree: &'a FileTree, environment: &'a str) -> Result<Pinned<'a>, Diagnostics> {
        let path = pins::path(environment);
        let pins = tree.get(&path).map(|bytes| Pins::parse(&path, bytes)).transpose()?.unwrap_or_default();
        Ok(Pinned { pins, tree, environment })
    }

    fn chart(&self, address: &ChartAddress) -> Result<Arc<[u8]>, Diagnostic> {
        let bytes = self.pins.charts.get(address).and_then(|sha256| bytes(self.tree, sha256));
        bytes.cloned().ok_or_else(|| missing(&format!("the chart `{address}`"), self.environment))
    }

    fn remote(&self, address: &str) -> Result<RemoteContent, Diagnostic> {
        let missing = || missing(&format!("`{address}`"), self.environment);
        let pin = self.pins.remotes.get(address).ok_or_else(missing)?;
        let bytes = bytes(self.tree, &pin.sha256).ok_or_else(missing)?;
        content(address, pin.commit.is_some(), bytes)
    }
}

/// What an environment has pinned, and whether some of it was read.
#[derive(Debug)]
pub struct RecordingPinned<'a> {
    pinned: &'a Pinned<'a>,
    is_read: Cell<bool>,
}

impl<'a> RecordingPinned<'a> {
    /// Nothing has been read yet.
    #[must_use]
    pub fn of(pinned: &'a Pinned<'a>) -> RecordingPinned<'a> {
        RecordingPinned { pinned, is_read: Cell::new(false) }
    }

    /// The file of pins, if something was read by them.
    #[must_use]
    pub fn read(&self) -> Option<String> {
        self.is_read.get().then(|| pins::path(self.pinned.environment))
    }
}

impl Elsewhere for RecordingPinned<'_> {
    fn chart(&self, address: &ChartAddress) -> Result<Arc<[u8]>, Diagnostic> {
        let chart = self.pinned.chart(address)?;
        self.is_read.set(true);
        Ok(chart)
    }

    fn remote(&self, address: &str) -> Result<RemoteContent, Diagnostic> {
        let content = self.pinned.remote(address)?;
        self.is_read.set(true);
        Ok(content)
    }
}

/// Cached bytes as what they are.
pub(super) fn content(
    address: &str,
    is_repository: bool,
    bytes: &Arc<[u8]>,
) -> Result<RemoteContent, Diagnostic> {
    if !is_repository {
        return Ok(RemoteContent::File(Arc::clone(bytes)));
    }
    let files = bundle::unpack(bytes).map_err(|error| {
        let message = format!("what was fetched of `{address}` cannot be read");
        Diagnostic::error(Code::new("fetch::cache"), message).with_cause(error.to_string())
    })?;
    let folder = RepositoryPath::parse(address).map(|path| path.folder).unwrap_or_default();
    Ok(RemoteContent::Repository { files, folder })
}

fn command(environment: &str) -> String {
    format!("run `plimsoll fetch --env {environment}`; rendering itself never uses the network")
}
