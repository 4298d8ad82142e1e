//! What no schema can say of an environment: that names fit together, and that what is written can be meant.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_resource::normalize_path;

use super::date::Date;
use super::environment::{ArgoCd, Environment, Flux, HelmChart, Layer, Source, Sync};
use super::{Document, Step};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::fetch::{AddressField, ChartAddress};

/// The code of a name that nothing has.
pub(super) const UNKNOWN_NAME: &str = "config::unknown-name";

/// Names of folders below `environments/<env>/` that are no layers.
const RESERVED_LAYERS: [&str; 1] = ["sync"];

/// Names that some file systems keep for devices, so that no folder can have them.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The problems of an environment whose file conforms to the schema.
#[must_use]
pub(super) fn check(folder: &str, environment: &Environment, document: &Document) -> Diagnostics {
    let mut check = Check { document, found: Diagnostics::new() };
    if environment.metadata.name != folder {
        check.report(
            "config::invalid",
            format!("the environment is named `{}`, but its folder `{folder}`", environment.metadata.name),
            &[Step::Key("metadata"), Step::Key("name")],
            Some("name both alike".to_owned()),
        );
    }
    check.clusters(environment);
    check.kinds(environment);
    check.layers(environment);
    check.sync(environment);
    check.rules(environment);
    check.found
}

struct Check<'a> {
    document: &'a Document,
    found: Diagnostics,
}

impl Check<'_> {
    fn clusters(&mut self, environment: &Environment) {
        for (name, cluster) in &environment.spec.clusters {
            let at = [Step::Key("spec"), Step::Key("clusters"), Step::Key(name)];
            if cluster.eks.is_some() && (cluster.kubeconfig.is_some() || cluster.context.is_some()) {
                let message = format!("cluster `{name}` is reached in two ways");
                let help = "keep `eks`, or `kubeconfig` and `context`".to_owned();
                self.report("config::invalid", message, &at, Some(help));
            }
            if cluster.eks.is_some() && environment.spec.aws.is_none() {
                let message =
                    format!("cluster `{name}` is an EKS cluster, but the environment has no AWS account");
                self.report("config::invalid", message, &at, Some("add `spec.aws`".to_owned()));
            }
        }
    }

    fn kinds(&mut self, environment: &Environment) {
        let mut scopes = BTreeMap::new();
        for (index, kind) in environment.spec.kinds.iter().enumerate() {
            let before = scopes.insert((&kind.group, &kind.kind), kind.scope);
            if before.is_some_and(|before| before != kind.scope) {
                let message = format!("kind `{}` is given two scopes", kind.kind);
                self.report(
                    "config::invalid",
                    message,
                    &[Step::Key("spec"), Step::Key("kinds"), Step::Index(index)],
                    None,
                );
            }
        }
    }

    fn layers(&mut self, environment: &Environment) {
        let layers = &environment.spec.layers;
        let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
        let mut seen = BTreeSet::new();
        for (index, layer) in layers.iter().enumerate() {
            let at = |rest: &[Step<'static>]| -> Vec<Step<'static>> {
                [&[Step::Key("spec"), Step::Key("layers"), Step::Index(index)], rest].concat()
            };
            if !seen.insert(layer.name.as_str()) {
                let message = format!("two layers are named `{}`", layer.name);
                self.report("config::invalid", message, &at(&[Step::Key("name")]), None);
            }
            if RESERVED_LAYERS.contains(&layer.name.as_str()) {
                let message = format!("a layer cannot be named `{}`", layer.name);
                let help = format!(
                    "`environments/{}/{}` holds the sync objects",
                    environment.metadata.name, layer.name
                );
                self.report("config::invalid", message, &at(&[Step::Key("name")]), Some(help));
            }
            if DEVICES.contains(&layer.name.as_str()) {
                let message = format!("a layer cannot be named `{}`", layer.name);
                let help =
                    "Windows keeps the name for a device, and could not check the folder out".to_owned();
                self.report("config::invalid", message, &at(&[Step::Key("name")]), Some(help));
            }
            for (position, dependency) in layer.depends_on.iter().enumerate() {
                let place = at(&[Step::Key("dependsOn"), Step::Index(position)]);
                if dependency == &layer.name {
                    self.report(
                        "config::invalid",
                        format!("layer `{dependency}` depends on itself"),
                        &place,
                        None,
                    );
                } else if !names.contains(&dependency.as_str()) {
                    let help = did_you_mean(dependency, names.iter().copied());
                    self.report(UNKNOWN_NAME, format!("there is no layer `{dependency}`"), &place, help);
                }
            }
            let clusters = &environment.spec.clusters;
            if !clusters.contains_key(&layer.destination) {
                let message = format!("`clusters` has no `{}`", layer.destination);
                let help = did_you_mean(&layer.destination, clusters.keys().map(String::as_str))
                    .unwrap_or_else(|| format!("add `spec.clusters.{}`", layer.destination));
                self.report(UNKNOWN_NAME, message, &at(&[Step::Key("destination")]), Some(help));
            }
            self.sources(layer, &at(&[Step::Key("sources")]));
            for (position, patch) in layer.patches.iter().enumerate() {
                if patch.path.is_some() == patch.patch.is_some() {
                    let message = "a patch needs either `path` or `patch`".to_owned();
                    self.report(
                        "config::invalid",
                        message,
                        &at(&[Step::Key("patches"), Step::Index(position)]),
                        None,
                    );
                }
            }
        }
        self.cycle(layers);
    }

    fn sources(&mut self, layer: &Layer, at: &[Step<'_>]) {
        for (index, source) in layer.sources.iter().enumerate() {
            let (kind, key, path) = match source {
                Source::Templates(folder) => ("templates", "path", &folder.path),
                Source::Manifests(folder) => ("manifests", "path", &folder.path),
                Source::Kustomize(folder) => ("kustomize", "path", &folder.path),
                Source::Helm(helm) => ("helm", "chart", &helm.chart),
            };
            let source_at = [at, &[Step::Index(index), Step::Key(kind)]].concat();
            let place = [&source_at[..], &[Step::Key(key)]].concat();
            if let Source::Helm(helm) = source {
                self.helm_values(helm, &source_at);
                match ChartAddress::of_source(helm) {
                    Ok(None) => {}
                    Ok(Some(_)) => continue,
                    Err(problem) => {
                        let key = match problem.field {
                            AddressField::Chart => "chart",
                            AddressField::Repository => "repository",
                            AddressField::Version => "version",
                        };
                        let place = [&source_at[..], &[Step::Key(key)]].concat();
                        self.report(problem.code, problem.message, &place, Some(problem.help));
                        continue;
                    }
                }
            }
            match normalize_path(path) {
                None => {
                    let message = "the path leads out of the repository".to_owned();
                    let help = "paths of sources are from the repository's root".to_owned();
                    self.report("config::invalid", message, &place, Some(help));
                }
                Some(path) if path == "environments" || path.starts_with("environments/") => {
                    let message = "a source cannot lie in `environments/`".to_owned();
                    let help = "what is rendered is written there; keep sources in `base/` or `overlays/`"
                        .to_owned();
                    self.report("config::invalid", message, &place, Some(help));
                }
                Some(_) => {}
            }
        }
    }

    /// What the schema cannot say of a chart's versions and values files.
    fn helm_values(&mut self, helm: &HelmChart, at: &[Step<'_>]) {
        if let Some(version) = &helm.kube_version
            && plimsoll_helm::KubeVersion::parse(version).is_err()
        {
            let place = [at, &[Step::Key("kubeVersion")]].concat();
            let message = "`kubeVersion` is no version of Kubernetes".to_owned();
            self.report("config::wrong-value", message, &place, Some("write it as `1.33.4`".to_owned()));
        }
        for (index, file) in helm.values.iter().enumerate() {
            if normalize_path(file).is_none_or(|path| path.is_empty()) {
                let place = [at, &[Step::Key("values"), Step::Index(index)]].concat();
                let message = "the path leads out of the layer's folder".to_owned();
                let help = "values files lie in `overlays/<env>/<layer>/`".to_owned();
                self.report("config::invalid", message, &place, Some(help));
            }
        }
    }

    /// Layers are peeled off as soon as nothing they depend on is left; what stays goes round in a circle.
    fn cycle(&mut self, layers: &[Layer]) {
        let mut left: Vec<(usize, &Layer)> = layers.iter().enumerate().collect();
        loop {
            let names: BTreeSet<&str> = left.iter().map(|(_, layer)| layer.name.as_str()).collect();
            let waits = |layer: &Layer| {
                layer.depends_on.iter().any(|name| name != &layer.name && names.contains(name.as_str()))
            };
            let before = left.len();
            left.retain(|(_, layer)| waits(layer));
            if left.len() == before {
                break;
            }
        }
        if let Some((index, _)) = left.first() {
            let names: Vec<String> = left.iter().map(|(_, layer)| format!("`{}`", layer.name)).collect();
            let message = format!("layers wait for each other: {}", names.join(", "));
            let at = [Step::Key("spec"), Step::Key("layers"), Step::Index(*index), Step::Key("dependsOn")];
            self.report("config::invalid", message, &at, None);
        }
    }

    fn sync(&mut self, environment: &Environment) {
        match &environment.spec.sync {
            None => {}
            Some(Sync::Flux(flux)) => self.flux(environment, flux),
            Some(Sync::ArgoCd(settings)) => self.argo_cd(environment, settings),
        }
    }

    fn argo_cd(&mut self, environment: &Environment, settings: &ArgoCd) {
        let at = [Step::Key("spec"), Step::Key("sync"), Step::Key("argocd")];
        let clusters = &environment.spec.clusters;
        for name in settings.clusters.keys().filter(|name| !clusters.contains_key(*name)) {
            let place = [&at[..], &[Step::Key("clusters"), Step::Key(name)]].concat();
            let help = did_you_mean(name, clusters.keys().map(String::as_str));
            self.report(UNKNOWN_NAME, format!("there is no cluster `{name}`"), &place, help);
        }
        let mut told = BTreeSet::new();
        for layer in &environment.spec.layers {
            let cluster = layer.destination.as_str();
            let is_named = cluster == "management" || settings.clusters.contains_key(cluster);
            if clusters.contains_key(cluster) && !is_named && told.insert(cluster) {
                let message =
                    format!("Argo CD needs its name for the cluster `{cluster}` of layer `{}`", layer.name);
                let help = format!("add `clusters: {{{cluster}: NAME}}`, as `argocd cluster list` names it");
                self.report("config::invalid", message, &at, Some(help));
            }
        }
    }

    fn flux(&mut self, environment: &Environment, flux: &Flux) {
        let at = [Step::Key("spec"), Step::Key("sync"), Step::Key("flux")];
        // Of a cluster that there is not, that has been told.
        let is_known = |layer: &&Layer| environment.spec.clusters.contains_key(&layer.destination);
        let mut layers = environment.spec.layers.iter().filter(is_known);
        let foreign = layers.find(|layer| layer.destination != "management");
        if let Some(layer) = foreign {
            if layer.destination != "workload" {
                let message =
                    format!("Flux cannot reach cluster `{}` of layer `{}`", layer.destination, layer.name);
                let help =
                    "layers that Flux applies go to `management`, where it runs, or to `workload`".to_owned();
                self.report("config::invalid", message, &at, Some(help));
            } else if flux.workload_kube_config.is_none() {
                let message =
                    format!("Flux needs a kubeconfig for the workload cluster of layer `{}`", layer.name);
                let help = "add `workloadKubeConfig: {secretRef: {name: ...}}`".to_owned();
                self.report("config::invalid", message, &at, Some(help));
            }
        }
    }

    fn rules(&mut self, environment: &Environment) {
        let expiries = environment.spec.secrets.allow.iter().enumerate().map(|(index, rule)| {
            ([Step::Key("spec"), Step::Key("secrets"), Step::Key("allow"), Step::Index(index)], &rule.expires)
        });
        let ignored = environment.spec.drift.ignore.iter().enumerate().map(|(index, rule)| {
            ([Step::Key("spec"), Step::Key("drift"), Step::Key("ignore"), Step::Index(index)], &rule.expires)
        });
        let allowed = environment.spec.lint.allow.iter().enumerate().map(|(index, rule)| {
            ([Step::Key("spec"), Step::Key("lint"), Step::Key("allow"), Step::Index(index)], &rule.expires)
        });
        for (index, rule) in environment.spec.lint.allow.iter().enumerate() {
            let code = format!("lint::{}", rule.rule.trim_start_matches("lint::"));
            if crate::lint::rule(&code).is_none() {
                let at = [
                    Step::Key("spec"),
                    Step::Key("lint"),
                    Step::Key("allow"),
                    Step::Index(index),
                    Step::Key("rule"),
                ];
                let names = crate::lint::rules().iter().map(|rule| rule.code.trim_start_matches("lint::"));
                let help = did_you_mean(rule.rule.trim_start_matches("lint::"), names);
                self.report(UNKNOWN_NAME, format!("there is no rule `{}`", rule.rule), &at, help);
            }
        }
        for (at, expires) in expiries.chain(ignored).chain(allowed) {
            if expires.as_ref().is_some_and(|text| Date::parse(text).is_none()) {
                let place = [&at[..], &[Step::Key("expires")]].concat();
                self.report(
                    "config::wrong-value",
                    "`expires` is no day of the calendar".to_owned(),
                    &place,
                    None,
                );
            }
        }
        for (index, rule) in environment.spec.drift.ignore.iter().enumerate() {
            let selectors = [
                &rule.path,
                &rule.kind,
                &rule.name,
                &rule.namespace,
                &rule.layer,
                &rule.cluster,
                &rule.group,
            ];
            if rule.platform.is_none() && selectors.iter().all(|selector| selector.is_none()) {
                let at = [Step::Key("spec"), Step::Key("drift"), Step::Key("ignore"), Step::Index(index)];
                let message = "the rule would ignore everything".to_owned();
                let help = "it needs one of `path`, `kind`, `name`, `namespace`, `layer`, `cluster`, `group`, `platform`";
                self.report("config::invalid", message, &at, Some(help.to_owned()));
            }
        }
    }

    fn report(&mut self, code: &'static str, message: String, at: &[Step<'_>], help: Option<String>) {
        let diagnostic = Diagnostic::error(Code::new(code), message)
            .at(self.document.place_at(at))
            .with_optional_help(help);
        self.found.push(diagnostic);
    }
}
