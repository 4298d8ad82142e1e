//! Flux: one GitRepository, and one Kustomization a layer.
//!
//! A layer waits until the layers it depends on are healthy, health being told by conditions for kinds that kstatus does not
//! know. What leaves Git is deleted, unless the layer holds data or says otherwise. Substitution stays off: Flux must not read
//! `${...}` in rendered files as its own variables.
//!
//! Upstream: kustomize-controller 1.9 (`kustomize.toolkit.fluxcd.io/v1`), source-controller 1.8.

use plimsoll_resource::ResourceId;
use serde_json::{Map, Value, json};

use super::{LayerContents, data, health};
use crate::config::environment::{Environment, Flux, Layer};

const KUSTOMIZE_GROUP: &str = "kustomize.toolkit.fluxcd.io";
const SOURCE_GROUP: &str = "source.toolkit.fluxcd.io";

/// How soon a layer that failed is tried again.
const RETRY_INTERVAL: &str = "2m";

/// The objects, the repository first and the layers in their order.
pub(super) fn objects(
    environment: &Environment,
    settings: &Flux,
    layers: &[LayerContents<'_>],
) -> Vec<(ResourceId, Value)> {
    let facts = health::Facts::of(layers);
    let composed = data::Composed::of(layers);
    let repository = repository(environment, settings);
    let kustomizations = environment.spec.layers.iter().zip(layers).map(|(layer, contents)| {
        let holds_data = composed.holds_data(contents);
        let spec = kustomization(environment, settings, layer, holds_data, &facts.expressions(contents));
        let name = format!("{}-{}", environment.metadata.name, layer.name);
        object(settings, KUSTOMIZE_GROUP, "Kustomization", &name, &environment.metadata.name, spec)
    });
    std::iter::once(repository).chain(kustomizations).collect()
}

fn repository(environment: &Environment, settings: &Flux) -> (ResourceId, Value) {
    let mut spec = json!({
        "interval": settings.interval,
        "ref": {"branch": settings.branch},
        "url": settings.url,
    });
    if let Some(secret) = &settings.secret_ref {
        spec["secretRef"] = json!({"name": secret.name});
    }
    let name = &environment.metadata.name;
    object(settings, SOURCE_GROUP, "GitRepository", name, name, spec)
}

fn kustomization(
    environment: &Environment,
    settings: &Flux,
    layer: &Layer,
    holds_data: bool,
    expressions: &[Value],
) -> Value {
    let name = &environment.metadata.name;
    let mut spec = json!({
        "interval": settings.interval,
        "path": format!("./environments/{name}/{}", layer.name),
        "prune": layer.prune.unwrap_or(!holds_data),
        "retryInterval": RETRY_INTERVAL,
        "sourceRef": {"kind": "GitRepository", "name": name},
        "timeout": settings.timeout,
        "wait": true,
    });
    if !layer.depends_on.is_empty() {
        spec["dependsOn"] = layer
            .depends_on
            .iter()
            .map(|dependency| json!({"name": format!("{name}-{dependency}")}))
            .collect();
    }
    if !expressions.is_empty() {
        spec["healthCheckExprs"] = expressions.into();
    }
    if let Some(config) = settings.workload_kube_config.as_ref().filter(|_| layer.destination == "workload") {
        let mut secret = Map::new();
        secret.insert("name".to_owned(), config.secret_ref.name.clone().into());
        if let Some(key) = &config.secret_ref.key {
            secret.insert("key".to_owned(), key.clone().into());
        }
        spec["kubeConfig"] = json!({"secretRef": secret});
    }
    spec
}

fn object(
    settings: &Flux,
    group: &str,
    kind: &str,
    name: &str,
    environment: &str,
    spec: Value,
) -> (ResourceId, Value) {
    let id = ResourceId {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(settings.namespace.clone()),
        name: name.to_owned(),
    };
    let value = json!({
        "apiVersion": format!("{group}/v1"),
        "kind": kind,
        "metadata": {
            "annotations": {format!("{KUSTOMIZE_GROUP}/substitute"): "disabled"},
            "labels": {"plimsoll.dev/environment": environment},
            "name": name,
            "namespace": settings.namespace,
        },
        "spec": spec,
    });
    (id, value)
}
