//! The list of peers, the real programs that ours is compared with: reads `xtask/peers.yaml`.

use anyhow::{Context, Result};
use serde::Deserialize;

/// A real program in a fixed version.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Peer {
    /// What the tests call it; `PLIMSOLL_PEER_<NAME>` holds its path.
    pub(crate) name: String,
    /// The version, as its registry spells it.
    pub(crate) version: String,
    /// The file name of the program, or of the folder with files.
    pub(crate) binary: String,
    /// How it is had.
    #[serde(flatten)]
    pub(crate) source: Source,
}

/// Where a program comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Source {
    /// Built by `go install`.
    Go(GoInstall),
    /// Built in a module of this repository.
    Module(GoModule),
    /// Installed into a virtual environment of Python.
    Python(PythonInstall),
    /// Taken from the system, where it is or can be installed.
    System(SystemPackage),
    /// A folder of a Go module, as it is.
    Files(GoFiles),
}

/// Files that a Go module brings, such as the definitions of its custom resources.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GoFiles {
    /// The module.
    pub(crate) module: String,
}

/// A program that a package of Python brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PythonInstall {
    /// What pip installs, with versions.
    pub(crate) requirements: Vec<String>,
}

/// A program that the system's own package brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SystemPackage {
    /// The name of the package in Debian.
    pub(crate) debian: String,
}

/// A program that `go install` builds.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GoInstall {
    /// The main package.
    pub(crate) package: String,
    /// `path.name=value` for the linker, as the project's release build sets them.
    pub(crate) link_variables: Vec<String>,
}

/// A program that `go build` builds in a module of this repository, which pins every version.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GoModule {
    /// The module's folder below `xtask/peers`.
    pub(crate) folder: String,
    /// The main package.
    pub(crate) package: String,
    /// `path.name=value` for the linker, as the project's release build sets them.
    pub(crate) link_variables: Vec<String>,
}

/// All peers.
pub(crate) fn all() -> Result<Vec<Peer>> {
    serde_yaml::from_str(include_str!("../peers.yaml")).context("xtask/peers.yaml")
}

impl Peer {
    /// The variable that tells tests where the program is.
    pub(crate) fn variable(&self) -> String {
        format!("PLIMSOLL_PEER_{}", self.name.to_uppercase().replace('-', "_"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_of_peers_can_be_read() {
        let peers = super::all().expect("peers.yaml is ours");
        assert!(peers.iter().any(|peer| peer.variable() == "PLIMSOLL_PEER_HELM3"));
        assert!(peers.iter().any(|peer| peer.variable() == "PLIMSOLL_PEER_KUBE_APISERVER"));
    }
}
