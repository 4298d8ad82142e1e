//! Argo CD: one Application a layer, in sync waves below one Application that holds them, and the health of own kinds.
//!
//! A layer's wave is its depth in `dependsOn`, and a wave waits until the Applications before it are healthy. Argo CD knows
//! neither the health of Applications nor that of an environment's own kinds, so scripts for both are rendered as keys of
//! `argocd-cm`. That ConfigMap and the Application that holds the others are applied once by hand and skipped by Argo CD
//! itself: the one is shared with other environments, the other would wait for its own health.
//!
//! No Application has a finalizer, so that deleting one never deletes what it applied. What leaves Git is pruned, unless the
//! layer holds data or says otherwise.
//!
//! Upstream: Argo CD 3.5 (`argoproj.io/v1alpha1`, `resource_customizations`, sync waves and hooks).

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_resource::ResourceId;
use serde_json::{Value, json};

use super::{LayerContents, argo_cd_differences, data, health};
use crate::config::environment::{ArgoCd, Environment, Layer};

const GROUP: &str = "argoproj.io";

/// What Argo CD calls the cluster that it runs in.
const OWN_CLUSTER: &str = "in-cluster";

/// An Application is as healthy as it says itself; Argo CD left this script out in 1.8.
const APPLICATION_HEALTH: &str = r#"local health = obj.status ~= nil and obj.status.health or nil
if health == nil or health.status == nil then
  return {status = "Progressing", message = "waiting for its first status"}
end
return {status = health.status, message = health.message or ""}
"#;

/// The objects: the project if the environment has one of its own, the health scripts, the Application that holds the others,
/// and the layers in their order.
pub(super) fn objects(
    environment: &Environment,
    settings: &ArgoCd,
    layers: &[LayerContents<'_>],
) -> Vec<(ResourceId, Value)> {
    let facts = health::Facts::of(layers);
    let composed = data::Composed::of(layers);
    let waves = waves(&environment.spec.layers);
    let mut objects = Vec::new();
    if settings.project.is_none() {
        objects.push(project(environment, settings));
    }
    objects.push(configuration(environment, settings, &facts.scripts(layers)));
    objects.push(holder(environment, settings));
    for ((layer, contents), wave) in environment.spec.layers.iter().zip(layers).zip(waves) {
        let differences = argo_cd_differences::of_layer(contents, &facts);
        let is_pruned = layer.prune.unwrap_or(!composed.holds_data(contents));
        let mut spec = json!({
            "destination": {"name": cluster_name(settings, &layer.destination)},
            "project": project_name(environment, settings),
            "source": source(environment, settings, &layer.name),
            "syncPolicy": {
                "automated": {"prune": is_pruned, "selfHeal": true},
                // A first sync fails until the kinds of the layer are served, which takes as long as providers take to start.
                "retry": {"limit": -1, "backoff": {"duration": "15s", "factor": 2, "maxDuration": "5m"}},
                "syncOptions": [
                    "RespectIgnoreDifferences=true",
                    "ServerSideApply=true",
                    "SkipDryRunOnMissingResource=true",
                ],
            },
        });
        if !differences.is_empty() {
            spec["ignoreDifferences"] = differences.into();
        }
        let name = format!("{}-{}", environment.metadata.name, layer.name);
        let annotations = [
            ("argocd.argoproj.io/compare-options", "ServerSideDiff=true".to_owned()),
            ("argocd.argoproj.io/sync-wave", wave.to_string()),
        ];
        objects.push(object(environment, settings, "Application", &name, &annotations, spec));
    }
    objects
}

/// How deep each layer lies in `dependsOn`; layers that wait for each other, which the configuration refuses, lie at 0.
fn waves(layers: &[Layer]) -> Vec<usize> {
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in layers {
        for layer in layers {
            let above = layer.depends_on.iter().filter_map(|name| depths.get(name.as_str())).max();
            let depth = above.map_or(0, |depth| depth + 1).min(layers.len());
            depths.insert(&layer.name, depth);
        }
    }
    layers.iter().map(|layer| depths.get(layer.name.as_str()).copied().unwrap_or_default()).collect()
}

fn project_name<'a>(environment: &'a Environment, settings: &'a ArgoCd) -> &'a str {
    settings.project.as_deref().unwrap_or(&environment.metadata.name)
}

fn cluster_name<'a>(settings: &'a ArgoCd, destination: &str) -> &'a str {
    settings.clusters.get(destination).map_or(OWN_CLUSTER, String::as_str)
}

fn source(environment: &Environment, settings: &ArgoCd, folder: &str) -> Value {
    json!({
        "directory": {"recurse": true},
        "path": format!("environments/{}/{folder}", environment.metadata.name),
        "repoURL": settings.url,
        "targetRevision": settings.branch,
    })
}

/// A project that allows the environment's repository and clusters only.
fn project(environment: &Environment, settings: &ArgoCd) -> (ResourceId, Value) {
    let layers = environment.spec.layers.iter();
    let clusters: BTreeSet<&str> = layers.map(|layer| cluster_name(settings, &layer.destination)).collect();
    let mut destinations: Vec<Value> =
        clusters.iter().map(|name| json!({"name": name, "namespace": "*"})).collect();
    if !clusters.contains(OWN_CLUSTER) {
        destinations.push(json!({"name": OWN_CLUSTER, "namespace": settings.namespace}));
    }
    let spec = json!({
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        "description": format!("What `plimsoll render --env {}` writes", environment.metadata.name),
        "destinations": destinations,
        "sourceRepos": [settings.url],
    });
    let annotations = [("argocd.argoproj.io/sync-wave", "-1".to_owned())];
    object(environment, settings, "AppProject", &environment.metadata.name, &annotations, spec)
}

/// The Application that holds the others.
fn holder(environment: &Environment, settings: &ArgoCd) -> (ResourceId, Value) {
    let spec = json!({
        "destination": {"name": OWN_CLUSTER, "namespace": settings.namespace},
        "project": project_name(environment, settings),
        "source": source(environment, settings, "sync"),
        "syncPolicy": {
            "automated": {"prune": false, "selfHeal": true},
            "syncOptions": ["ServerSideApply=true"],
        },
    });
    let name = &environment.metadata.name;
    object(environment, settings, "Application", name, &skipped(), spec)
}

/// The keys of `argocd-cm` that the layers need.
fn configuration(
    environment: &Environment,
    settings: &ArgoCd,
    scripts: &BTreeMap<(String, String), String>,
) -> (ResourceId, Value) {
    let mut data: BTreeMap<String, String> = scripts
        .iter()
        .map(|((group, kind), script)| {
            (format!("resource.customizations.health.{group}_{kind}"), script.clone())
        })
        .collect();
    data.insert(format!("resource.customizations.health.{GROUP}_Application"), APPLICATION_HEALTH.to_owned());
    data.insert("application.resourceTrackingMethod".to_owned(), "annotation".to_owned());
    let name = "argocd-cm";
    let mut value = json!({
        "apiVersion": "v1",
        "data": data,
        "kind": "ConfigMap",
        "metadata": metadata(environment, settings, name, &skipped()),
    });
    value["metadata"]["labels"]["app.kubernetes.io/part-of"] = "argocd".into();
    (id(settings, "", "ConfigMap", name), value)
}

/// What Argo CD leaves alone although it lies in a folder that it syncs.
fn skipped() -> [(&'static str, String); 1] {
    [("argocd.argoproj.io/hook", "Skip".to_owned())]
}

fn id(settings: &ArgoCd, group: &str, kind: &str, name: &str) -> ResourceId {
    ResourceId {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(settings.namespace.clone()),
        name: name.to_owned(),
    }
}

fn metadata(
    environment: &Environment,
    settings: &ArgoCd,
    name: &str,
    annotations: &[(&str, String)],
) -> Value {
    let annotations: BTreeMap<&str, &str> =
        annotations.iter().map(|(key, value)| (*key, value.as_str())).collect();
    json!({
        "annotations": annotations,
        "labels": {"plimsoll.dev/environment": environment.metadata.name},
        "name": name,
        "namespace": settings.namespace,
    })
}

fn object(
    environment: &Environment,
    settings: &ArgoCd,
    kind: &str,
    name: &str,
    annotations: &[(&str, String)],
    spec: Value,
) -> (ResourceId, Value) {
    let value = json!({
        "apiVersion": format!("{GROUP}/v1alpha1"),
        "kind": kind,
        "metadata": metadata(environment, settings, name, annotations),
        "spec": spec,
    });
    (id(settings, GROUP, kind, name), value)
}
