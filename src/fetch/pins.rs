//! `overlays/<env>/plimsoll.fetch.yaml`: what an environment takes from elsewhere, each by the SHA-256 of its bytes.
//!
//! [`crate::fetch`] writes it, Git keeps it, and rendering reads nothing from elsewhere that it does not list. Entries are
//! sorted, so that the file changes only where what it says does.

use std::collections::BTreeMap;

use plimsoll_yaml::{Dialect, Numbers, emit_value};
use serde::{Deserialize, Serialize};

use super::ChartAddress;
use crate::config::Document;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};

/// Where the pins of an environment lie, from the repository's root.
#[must_use]
pub fn path(environment: &str) -> String {
    format!("overlays/{environment}/plimsoll.fetch.yaml")
}

/// What an environment takes from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pins {
    /// The digests of packaged charts.
    pub charts: BTreeMap<ChartAddress, String>,
    /// Files and repositories that kustomizations name, by the address as it is written there.
    pub remotes: BTreeMap<String, RemotePin>,
    /// Packages of Crossplane, by their addresses.
    pub packages: BTreeMap<String, PackagePin>,
    /// Folders with definitions, by their paths from the repository's root, and the digests of what they define.
    pub folders: BTreeMap<String, String>,
}

/// What a package defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePin {
    /// The digest of its image's manifest, as registries write it.
    pub digest: String,
    /// The digest of its definitions as [`super::schema_bundle`] writes them.
    pub sha256: String,
}

/// A file or a repository elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemotePin {
    /// The commit; none of a file.
    pub commit: Option<String>,
    /// The digest: of the file, or of the repository's files as [`super::bundle`] writes them.
    pub sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PinsFile {
    api_version: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    charts: Vec<ChartEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remotes: Vec<RemoteEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    packages: Vec<PackageEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    folders: Vec<FolderEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageEntry {
    package: String,
    digest: String,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FolderEntry {
    folder: String,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChartEntry {
    repository: String,
    name: String,
    version: String,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoteEntry {
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    sha256: String,
}

const API_VERSION: &str = "plimsoll.dev/v1alpha1";
const KIND: &str = "FetchPins";

impl Pins {
    /// Reads a file of pins.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Pins, Diagnostics> {
        let damaged = |message: &str| {
            Diagnostics::from(
                Diagnostic::error(Code::new("fetch::pins"), message)
                    .at(Place::file(path))
                    .with_help("restore the file from Git, or delete it and run `plimsoll fetch`"),
            )
        };
        let document = Document::parse(path.to_owned(), bytes, Dialect::Yaml12)?;
        let value = document
            .root()
            .to_value(Dialect::Yaml12, Numbers::AsWritten)
            .map_err(|_| damaged("the file of pins cannot be read"))?;
        let file: PinsFile =
            serde_json::from_value(value).map_err(|_| damaged("the file of pins cannot be read"))?;
        if file.api_version != API_VERSION || file.kind != KIND {
            return Err(damaged("the file of pins has a format that this version does not know"));
        }
        let mut pins = Pins::default();
        for entry in file.charts {
            let address =
                ChartAddress { repository: entry.repository, name: entry.name, version: entry.version };
            if !is_digest(&entry.sha256) || pins.charts.insert(address, entry.sha256).is_some() {
                return Err(damaged("a chart is pinned twice, or by something else than a SHA-256"));
            }
        }
        for entry in file.remotes {
            let pin = RemotePin { commit: entry.commit, sha256: entry.sha256 };
            if !is_digest(&pin.sha256) || pins.remotes.insert(entry.address, pin).is_some() {
                return Err(damaged("an address is pinned twice, or by something else than a SHA-256"));
            }
        }
        for entry in file.packages {
            let pin = PackagePin { digest: entry.digest, sha256: entry.sha256 };
            let is_sound =
                is_digest(&pin.sha256) && pin.digest.strip_prefix("sha256:").is_some_and(is_digest);
            if !is_sound || pins.packages.insert(entry.package, pin).is_some() {
                return Err(damaged("a package is pinned twice, or by something else than a SHA-256"));
            }
        }
        for entry in file.folders {
            if !is_digest(&entry.sha256) || pins.folders.insert(entry.folder, entry.sha256).is_some() {
                return Err(damaged("a folder is pinned twice, or by something else than a SHA-256"));
            }
        }
        Ok(pins)
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let charts = self.charts.iter().map(|(address, sha256)| ChartEntry {
            repository: address.repository.clone(),
            name: address.name.clone(),
            version: address.version.clone(),
            sha256: sha256.clone(),
        });
        let remotes = self.remotes.iter().map(|(address, pin)| RemoteEntry {
            address: address.clone(),
            commit: pin.commit.clone(),
            sha256: pin.sha256.clone(),
        });
        let file = PinsFile {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            charts: charts.collect(),
            remotes: remotes.collect(),
            packages: self
                .packages
                .iter()
                .map(|(package, pin)| PackageEntry {
                    package: package.clone(),
                    digest: pin.digest.clone(),
                    sha256: pin.sha256.clone(),
                })
                .collect(),
            folders: self
                .folders
                .iter()
                .map(|(folder, sha256)| FolderEntry { folder: folder.clone(), sha256: sha256.clone() })
                .collect(),
        };
        let value = serde_json::to_value(&file).unwrap_or_default();
        // Only control characters have no YAML form, and JSON is YAML.
        let body = emit_value(&value).unwrap_or_else(|_| format!("{value:#}\n"));
        format!(
            "# Written by plimsoll fetch: what the environment takes from elsewhere, by the digest of its bytes.\n{body}"
        )
    }

    /// Whether nothing is pinned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.charts.is_empty() && self.remotes.is_empty() && self.definitions().next().is_none()
    }

    /// The digests of everything that is pinned.
    pub fn digests(&self) -> impl Iterator<Item = &str> {
        let remotes = self.remotes.values().map(|pin| pin.sha256.as_str());
        self.charts.values().map(String::as_str).chain(remotes).chain(self.definitions())
    }

    /// The digests of definitions.
    pub fn definitions(&self) -> impl Iterator<Item = &str> {
        let packages = self.packages.values().map(|pin| pin.sha256.as_str());
        packages.chain(self.folders.values().map(String::as_str))
    }

    /// The names of everything that is pinned.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let charts = self.charts.keys().map(ToString::to_string);
        charts
            .chain(self.remotes.keys().cloned())
            .chain(self.packages.keys().cloned())
            .chain(self.folders.keys().cloned())
    }
}

/// 64 lower-case hexadecimal digits, and so a name that leads nowhere else.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::{ChartAddress, PackagePin, Pins, RemotePin};

    #[test]
    fn what_is_written_is_read_again() {
        let mut pins = Pins::default();
        let address = ChartAddress::new("oci://registry.example.com/charts", "shop", Some("1.2.3")).unwrap();
        pins.charts.insert(address, "a".repeat(64));
        let pin = RemotePin { commit: Some("b".repeat(40)), sha256: "c".repeat(64) };
        pins.remotes.insert("https://git.example.com/team/base//app?ref=v1".to_owned(), pin);
        let pin = PackagePin { digest: format!("sha256:{}", "d".repeat(64)), sha256: "e".repeat(64) };
        pins.packages.insert("registry.example.com/provider-boats:v1.2.3".to_owned(), pin);
        pins.folders.insert("vendor/definitions".to_owned(), "f".repeat(64));
        assert_eq!(Pins::parse("pins", pins.to_yaml().as_bytes()), Ok(pins));
    }

    #[test]
    fn a_pin_that_is_no_digest_is_refused() {
        let text = "apiVersion: plimsoll.dev/v1alpha1\nkind: FetchPins\nremotes:\n- {address: https://a, sha256: ../../x}\n";
        assert!(Pins::parse("pins", text.as_bytes()).is_err());
    }
}
