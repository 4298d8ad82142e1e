//! `plimsoll.lock.yaml`: what a render wrote and what it read.
//!
//! It lists every owned path with the SHA-256 of its bytes and the input it came from, the digest of every input that was
//! read, the rules that were rendered by, and the tool's version. It is what Plimsoll owns: nothing else below
//! `environments/<env>` is ever written or deleted. It lists itself last, as the path whose bytes it is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use plimsoll_yaml::{Dialect, Numbers, emit_value};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{RenderRequest, RenderedEnvironment, digest};
use crate::commands::version::VERSION;
use crate::config::environment::{self, Environment};
use crate::config::{Document, environment_path};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};

/// Where the lock of an environment lies, from the repository's root.
#[must_use]
pub fn path(environment: &str) -> String {
    format!("environments/{environment}/plimsoll.lock.yaml")
}

/// What a render wrote and what it read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// Version of the format.
    pub api_version: String,
    /// Always `Lock`.
    pub kind: String,
    /// The environment's name.
    pub environment: String,
    /// Version of the program that rendered.
    pub version: String,
    /// The rules that were rendered by: engine, and the version of the system that it follows.
    pub profiles: BTreeMap<String, String>,
    /// What was read.
    pub inputs: Inputs,
    /// What was written, by path from the repository's root; the lock itself is not among them.
    pub files: BTreeMap<String, OwnedFile>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// SHA-256 over the paths and digests below.
    pub digest: String,
    /// SHA-256 of every file that was read, by path from the repository's root. Of environment.yaml only what rendering
    /// reads counts, not its layout.
    pub files: BTreeMap<String, String>,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedFile {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The input that it came from.
    pub source: String,
}

/// The only version of the format so far.
pub const API_VERSION: &str = "plimsoll.dev/v1alpha1";

impl Inputs {
    /// Inputs by their digests.
    #[must_use]
    pub fn of(files: BTreeMap<String, String>) -> Inputs {
        let lines: Vec<String> = files.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect();
        Inputs { digest: digest::sha256(lines.concat().as_bytes()), files }
    }
}

impl Lock {
    /// The lock of a rendered environment.
    #[must_use]
    pub fn of(rendered: &RenderedEnvironment, request: RenderRequest<'_>) -> Lock {
        let RenderRequest { environment, document, tree, .. } = request;
        let environment_file = environment_path(&rendered.name);
        let sources: HashMap<&str, &str> = rendered
            .layers
            .iter()
            .flat_map(|layer| &layer.resources)
            .map(|resource| (resource.path.as_str(), resource.source.as_str()))
            .collect();
        // What is no resource of a layer is made of what the environment's own file says.
        let source_of = |path: &str| sources.get(path).map_or(environment_file.as_str(), |source| *source);
        let written: Vec<(&str, &Arc<[u8]>)> = rendered.files.iter().collect();
        let files = written.into_par_iter().map(|(path, bytes)| {
            let sha256 = digest::sha256(bytes);
            (path.to_owned(), OwnedFile { sha256, source: source_of(path).to_owned() })
        });
        let read: Vec<&String> = rendered.read.iter().collect();
        let inputs = read
            .into_par_iter()
            .filter_map(|path| tree.get(path).map(|bytes| (path.clone(), digest::sha256(bytes))));
        let mut inputs: BTreeMap<String, String> = inputs.collect();
        inputs.insert(environment_file.clone(), environment_digest(document));
        Lock {
            api_version: API_VERSION.to_owned(),
            kind: "Lock".to_owned(),
            environment: rendered.name.clone(),
            version: VERSION.to_owned(),
            profiles: profiles(environment),
            inputs: Inputs::of(inputs),
            files: files.collect(),
        }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        // Paths are free of the few characters that YAML forbids, since they are made of safe names and of inputs that
        // were found by them.
        let body = emit_value(&value).unwrap_or_else(|_| format!("{value:#}\n"));
        format!(
            "# Written by plimsoll render: the files below are its own, and are replaced by the next render.\n{body}"
        )
    }

    /// Reads a lock file. One that a newer program wrote is refused: it may own files in ways that this one does not know.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Lock, Diagnostics> {
        let unreadable = |message: &str| {
            Diagnostics::from(
                Diagnostic::error(Code::new("lock::unreadable"), message)
                    .at(Place::file(path))
                    .with_help("restore the file from Git: it says which files are rendered"),
            )
        };
        let document = Document::parse_large(path.to_owned(), bytes, Dialect::Yaml12)
            .map_err(|_| unreadable("the lock file is no YAML"))?;
        let value = document
            .root()
            .to_value(Dialect::Yaml12, Numbers::AsWritten)
            .map_err(|_| unreadable("the lock file is damaged"))?;
        let is_known = value["apiVersion"] == API_VERSION;
        if let Some(version) = value["version"].as_str()
            && (!is_known || is_newer(version, VERSION))
        {
            let message = if is_newer(version, VERSION) {
                format!("plimsoll {version} rendered this environment, and this is {VERSION}")
            } else {
                format!("the lock file has a format that plimsoll {VERSION} does not know")
            };
            return Err(Diagnostic::error(Code::new("lock::newer"), message)
                .at(Place::file(path))
                .with_help("use the newer version: an older one may take away what the newer one wrote")
                .into());
        }
        serde_json::from_value(value).map_err(|_| unreadable("the lock file is damaged"))
    }

    /// The owned paths, and the lock itself with the digest of its bytes.
    #[must_use]
    pub fn owned(&self, bytes: &[u8]) -> BTreeMap<String, String> {
        let mut owned: BTreeMap<String, String> =
            self.files.iter().map(|(path, file)| (path.clone(), file.sha256.clone())).collect();
        owned.insert(path(&self.environment), digest::sha256(bytes));
        owned
    }

    /// Whether two locks say the same of what was read and written.
    #[must_use]
    pub fn differs_only_in_version(&self, other: &Lock) -> bool {
        let versionless = |lock: &Lock| Lock { version: String::new(), ..lock.clone() };
        versionless(self) == versionless(other)
    }
}

/// The digest of what rendering reads of an environment's file, whatever its layout and its other parts.
fn environment_digest(document: &Document) -> String {
    let mut value = document.root().to_value(Dialect::Yaml12, Numbers::AsWritten).unwrap_or_default();
    let mut forget = |parent: &str, keys: &[&str]| {
        if let Some(parent) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.retain(|key, _| !keys.contains(&key.as_str()));
        }
    };
    forget("/spec", &["drift", "lint"]);
    forget("/spec/aws", &["roleArn", "endpointUrl"]);
    if let Some(clusters) = value.pointer_mut("/spec/clusters").and_then(Value::as_object_mut) {
        for cluster in clusters.values_mut().filter_map(Value::as_object_mut) {
            cluster.remove("kubeconfig");
        }
    }
    digest::sha256(value.to_string().as_bytes())
}

/// The rules that are rendered by. A change of them changes output, and with it every lock.
fn profiles(environment: &Environment) -> BTreeMap<String, String> {
    let mut sources = environment.spec.layers.iter().flat_map(|layer| &layer.sources);
    let has_charts = sources.any(|source| matches!(source, environment::Source::Helm(_)));
    let charts = has_charts.then_some(("charts", "helm v3.21.4 and v4.2.4"));
    [("patches", "kustomize v5.8.1"), ("templates", "minijinja v3.1"), ("yaml", "kustomize v5.8.1")]
        .into_iter()
        .chain(charts)
        .map(|(engine, follows)| (engine.to_owned(), follows.to_owned()))
        .collect()
}

/// Whether a version is newer than another, by numbers; what follows `-` makes it older than the same without.
fn is_newer(version: &str, than: &str) -> bool {
    let parse = |version: &str| {
        let version = version.split('+').next().unwrap_or_default();
        let (numbers, pre_release) = version.split_once('-').map_or((version, None), |(n, p)| (n, Some(p)));
        let numbers: Vec<u64> = numbers.split('.').map(|part| part.parse().unwrap_or(0)).collect();
        (numbers, pre_release.is_none(), pre_release.unwrap_or_default().to_owned())
    };
    parse(version) > parse(than)
}

#[cfg(test)]
mod tests {
    use super::is_newer;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, than, expected) in [
            ("0.1.0", "0.1.0", false),
            ("0.10.0", "0.9.9", true),
            ("1.0.0-rc.1", "1.0.0", false),
            ("1.0.0", "1.0.0-rc.1", true),
            ("0.0.9", "0.1.0", false),
        ] {
            assert_eq!(is_newer(version, than), expected, "{version} {than}");
        }
    }
}
