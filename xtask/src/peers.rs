//! The list of peers, the real programs that ours is compared with: reads `xtask/peers.yaml`.
//!
//! Some belong to a part of the tests that is left out unless it is asked for, because they take long to build.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
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
    /// The part of the tests that alone needs it and is left out unless it is asked for by name.
    #[serde(default)]
    pub(crate) only_with: Option<String>,
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

/// Which of the parts that are left out otherwise are asked for.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Parts {
    /// Also run a part of the tests that takes long to set up: argo-cd (Argo CD is built).
    #[arg(long = "with", value_name = "PART", env = "PLIMSOLL_WITH", value_delimiter = ',')]
    asked_for: Vec<String>,
}

impl Parts {
    /// Fails where something is asked for that no peer belongs to.
    pub(crate) fn verify(&self, peers: &[Peer]) -> Result<()> {
        let known: BTreeSet<&str> = peers.iter().filter_map(|peer| peer.only_with.as_deref()).collect();
        match self.asked_for.iter().find(|part| !known.contains(part.as_str())) {
            Some(part) => {
                bail!(
                    "--with {part}: no such part; there are: {}",
                    known.into_iter().collect::<Vec<_>>().join(", ")
                )
            }
            None => Ok(()),
        }
    }

    /// The part for whose sake a peer is left out; none where it is needed.
    pub(crate) fn leave_out<'a>(&self, peer: &'a Peer) -> Option<&'a str> {
        peer.only_with.as_deref().filter(|part| !self.asked_for.iter().any(|asked| asked == part))
    }
}

impl Peer {
    /// The variable that tells tests where the program is.
    pub(crate) fn variable(&self) -> String {
        format!("PLIMSOLL_PEER_{}", self.name.to_uppercase().replace('-', "_"))
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;

    #[test]
    fn a_part_is_left_out_unless_it_is_asked_for() {
        let peers = super::all().expect("peers.yaml is ours");
        let left_out = |parts: &Parts| {
            peers
                .iter()
                .filter(|peer| parts.leave_out(peer).is_some())
                .map(|peer| peer.name.clone())
                .collect()
        };
        let [none, all, unknown] = [&[][..], &["argo-cd"], &["argo"]]
            .map(|parts| Parts { asked_for: parts.iter().map(|part| (*part).to_owned()).collect() });
        let all_of_it: Vec<String> = left_out(&none);
        assert_eq!(all_of_it, ["argo-cd", "argo-cd-definitions", "redis"]);
        let nothing: Vec<String> = left_out(&all);
        assert_eq!(nothing, [] as [&str; 0]);
        assert!(all.verify(&peers).is_ok());
        let error = unknown.verify(&peers).expect_err("there is no such part");
        assert_eq!(error.to_string(), "--with argo: no such part; there are: argo-cd");
    }

    #[test]
    fn the_list_of_peers_can_be_read() {
        let peers = super::all().expect("peers.yaml is ours");
        assert!(peers.iter().any(|peer| peer.variable() == "PLIMSOLL_PEER_HELM3"));
        assert!(peers.iter().any(|peer| peer.variable() == "PLIMSOLL_PEER_KUBE_APISERVER"));
    }
}
