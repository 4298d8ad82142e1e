//! The definitions of kinds that an environment has pinned, as validation asks for them.

use std::collections::BTreeSet;

use plimsoll_resource::{FileTree, split_api_version};
use serde_json::Value;

use super::pins::{self, Pins};
use super::provider_package::PackageAddress;
use super::{Fetcher, pinned, schema_bundle};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::render::RenderedEnvironment;

/// Definitions from packages and folders; those of packages go first.
#[derive(Debug, Clone, Default)]
pub struct PinnedSchemas {
    archives: Vec<FileTree>,
    /// The file of pins, if there is something in it.
    pub source: Option<String>,
}

impl PinnedSchemas {
    /// What an environment has pinned, from its tree. What is pinned and not there is an error, since it is not known then what
    /// would be refused.
    pub fn of(tree: &FileTree, environment: &str) -> Result<PinnedSchemas, Diagnostics> {
        let path = pins::path(environment);
        let Some(bytes) = tree.get(&path) else { return Ok(PinnedSchemas::default()) };
        let pins = Pins::parse(&path, bytes)?;
        let mut schemas = PinnedSchemas::default();
        let names = pins.packages.keys().chain(pins.folders.keys());
        for (name, sha256) in names.zip(pins.definitions()) {
            let bytes = pinned::bytes(tree, sha256)
                .ok_or_else(|| pinned::missing(&format!("`{name}`"), environment))?;
            let files = schema_bundle::unpack(bytes).map_err(|error| {
                let message = format!("what was fetched of `{name}` cannot be read");
                Diagnostic::error(Code::new("fetch::cache"), message).with_cause(error.to_string())
            })?;
            schemas.archives.push(files);
            schemas.source = Some(path.clone());
        }
        Ok(schemas)
    }

    /// Whether a kind is defined.
    #[must_use]
    pub fn has(&self, group: &str, kind: &str) -> bool {
        let path = schema_bundle::path(group, kind);
        self.archives.iter().any(|files| files.get(&path).is_some())
    }

    /// The definition of a kind, as a CustomResourceDefinition.
    #[must_use]
    pub fn definition(&self, api_version: &str, kind: &str) -> Option<Value> {
        let path = schema_bundle::path(split_api_version(api_version).0, kind);
        let bytes = self.archives.iter().find_map(|files| files.get(&path))?;
        serde_json::from_slice(bytes).ok()
    }
}

/// Which definitions are to be fetched besides those that are pinned.
#[derive(Debug, Clone, Default)]
pub struct WantedSchemas {
    /// Those of every package of a provider that the environment installs.
    pub of_packages: bool,
    /// A folder, from the repository's root.
    pub folder: Option<String>,
}

/// Fetches definitions, and pins them: what is wanted, and what was pinned before and is still there to be needed.
pub fn fetch_schemas(
    wanted: &WantedSchemas,
    rendered: &RenderedEnvironment,
    before: &Pins,
    fetcher: &Fetcher<'_>,
    read_folder: &dyn Fn(&str) -> Result<FileTree, Diagnostics>,
) -> Result<(Pins, usize), Diagnostics> {
    let mut pins = Pins::default();
    let mut downloaded = 0;
    let mut found = Diagnostics::new();
    for package in packages(rendered) {
        let pin = before.packages.get(&package);
        if pin.is_none() && !wanted.of_packages {
            continue;
        }
        let fetched = PackageAddress::parse(&package).and_then(|address| fetcher.package(&address, pin));
        match fetched {
            Ok((pin, origin)) => {
                downloaded += usize::from(origin == super::Origin::Network);
                pins.packages.insert(package, pin);
            }
            Err(problem) => found.push(problem),
        }
    }
    let folders = before.folders.keys().chain(&wanted.folder);
    for folder in folders.collect::<BTreeSet<_>>() {
        let is_asked_for = wanted.folder.as_ref() == Some(folder);
        // A folder that is named again is taken as it is now.
        let pin = before.folders.get(folder).filter(|_| !is_asked_for).map(String::as_str);
        let fetched = match pin {
            Some(pin) if fetcher.has(pin) => Ok(pin.to_owned()),
            pin => read_folder(folder)
                .and_then(|files| fetcher.definitions(folder, &files, pin).map_err(Diagnostics::from)),
        };
        match fetched {
            Ok(sha256) => {
                pins.folders.insert(folder.clone(), sha256);
            }
            Err(problems) => found.extend(problems),
        }
    }
    if found.has_errors() { Err(found) } else { Ok((pins, downloaded)) }
}

/// The packages of the providers that an environment installs.
fn packages(rendered: &RenderedEnvironment) -> BTreeSet<String> {
    let resources = rendered.layers.iter().flat_map(|layer| &layer.resources);
    resources
        .filter(|resource| resource.id.group == "pkg.crossplane.io" && resource.id.kind == "Provider")
        .filter_map(|resource| {
            let value = rendered.value(resource)?;
            value.pointer("/spec/package").and_then(Value::as_str).map(str::to_owned)
        })
        .collect()
}
