//! All that one environment takes from elsewhere.
//!
//! Charts of `helm` sources are named by the environment itself. What a kustomization takes is found out by building it, since
//! only the build knows which bases, components and charts it comes to, and what those name in turn.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use plimsoll_gotemplate::Profile;
use plimsoll_helm::{Chart, LoadOptions};
use plimsoll_kustomize::RemoteContent;
use plimsoll_resource::normalize_path;

use super::fetcher::{Fetcher, Origin};
use super::pins::{Pins, RemotePin};
use super::{ChartAddress, Elsewhere, dependencies, pinned};
use crate::commands::inputs::EnvironmentInputs;
use crate::config::Step;
use crate::config::environment::{HelmChart, HelmProfile, Source};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::render::known_documents::DocumentReader;
use crate::render::kustomize_source::{self, RandomCharts};

/// What an environment takes from elsewhere, once it is there.
#[derive(Debug, Clone)]
pub struct FetchedEnvironment {
    /// Everything that is needed, and nothing else.
    pub pins: Pins,
    /// How many of them were downloaded.
    pub downloaded: usize,
}

/// Fetches all that an environment takes from elsewhere. What is pinned stays as it is.
pub fn fetch_environment<'a>(
    inputs: &EnvironmentInputs,
    before: &'a Pins,
    fetcher: &'a Fetcher<'a>,
) -> Result<FetchedEnvironment, Diagnostics> {
    let fetch = EnvironmentFetch { fetcher, before, pins: RefCell::default(), downloaded: Cell::new(0) };
    let mut found = Diagnostics::new();
    for (layer_index, layer) in inputs.environment.spec.layers.iter().enumerate() {
        for (index, source) in layer.sources.iter().enumerate() {
            let problems = match source {
                Source::Helm(helm) => fetch.chart_source(helm, inputs),
                Source::Kustomize(folder) => fetch.kustomization(&folder.path, inputs),
                Source::Templates(_) | Source::Manifests(_) => continue,
            };
            let place = inputs.document.place_at(&[
                Step::Key("spec"),
                Step::Key("layers"),
                Step::Index(layer_index),
                Step::Key("sources"),
                Step::Index(index),
            ]);
            for problem in problems.into_iter().filter(|problem| problem.severity == Severity::Error) {
                found.push(if problem.place.is_none() { problem.at(place.clone()) } else { problem });
            }
        }
    }
    if found.has_errors() {
        return Err(found.in_environment(&inputs.environment.metadata.name));
    }
    Ok(FetchedEnvironment { pins: fetch.pins.into_inner(), downloaded: fetch.downloaded.get() })
}

struct EnvironmentFetch<'a> {
    fetcher: &'a Fetcher<'a>,
    before: &'a Pins,
    pins: RefCell<Pins>,
    downloaded: Cell<usize>,
}

impl EnvironmentFetch<'_> {
    fn chart_source(&self, helm: &HelmChart, inputs: &EnvironmentInputs) -> Diagnostics {
        let profile = match helm.profile {
            HelmProfile::V3 => Profile::V3,
            HelmProfile::V4 => Profile::V4,
        };
        let options = LoadOptions { profile, ..LoadOptions::default() };
        // Whatever is wrong with an address was told when the environment was read.
        let chart = match ChartAddress::of_source(helm) {
            Ok(Some(address)) => dependencies::load(&address, self, &options),
            _ => {
                let path = normalize_path(&helm.chart).unwrap_or_default();
                let loaded = match inputs.tree.get(&path) {
                    Some(bytes) => Chart::from_archive(bytes, &options),
                    None => Chart::from_tree(&inputs.tree, &path, &options),
                };
                // A chart of the repository that cannot be loaded is told of by rendering, with its place.
                let Ok(loaded) = loaded else { return Diagnostics::new() };
                Ok(loaded.chart)
            }
        };
        match chart {
            Ok(mut chart) => dependencies::complete(&mut chart, self, &options),
            Err(problem) => problem.into(),
        }
    }

    fn kustomization(&self, path: &str, inputs: &EnvironmentInputs) -> Diagnostics {
        let path = normalize_path(path).unwrap_or_default();
        kustomize_source::render(&path, &inputs.tree, self, RandomCharts::Accepted, DocumentReader::Plain)
            .found
    }

    fn count(&self, origin: Origin) {
        if origin == Origin::Network {
            self.downloaded.set(self.downloaded.get() + 1);
        }
    }
}

impl Elsewhere for EnvironmentFetch<'_> {
    fn chart(&self, address: &ChartAddress) -> Result<Arc<[u8]>, Diagnostic> {
        let pin = self.before.charts.get(address).map(String::as_str);
        let fetched = self.fetcher.chart(address, pin)?;
        self.count(fetched.origin);
        self.pins.borrow_mut().charts.insert(address.clone(), fetched.sha256);
        Ok(fetched.bytes.into())
    }

    fn remote(&self, address: &str) -> Result<RemoteContent, Diagnostic> {
        let fetched = self.fetcher.remote(address, self.before.remotes.get(address))?;
        self.count(fetched.origin);
        let is_repository = fetched.commit.is_some();
        let pin = RemotePin { commit: fetched.commit, sha256: fetched.sha256 };
        self.pins.borrow_mut().remotes.insert(address.to_owned(), pin);
        pinned::content(address, is_repository, &fetched.bytes.into())
    }
}
