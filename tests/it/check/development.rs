//! This repository's own environment `dev`, rendered, deployed to a real API server as a GitOps tool deploys it, checked, changed
//! behind its back, and checked again.
//!
//! The definitions are those of Crossplane, External Secrets and Flux, from their own modules, and those that Crossplane would
//! make of the environment's XRDs. One server stands in for both clusters, reached by a token and by a certificate. No controller
//! runs: what is deployed stays as it is, and what Crossplane would compose of the claims is composed by the test.

use std::path::{Path, PathBuf};

use plimsoll_crossplane::xrd::composite_schema;
use plimsoll_yaml::{Budget, Dialect, Numbers, parse_one};
use serde_json::{Value, json};

use super::composing::compose;
use super::lab::{Cluster, peer};
use crate::support::expected::package;
use crate::support::{Run, TemporaryRepository, copy};

/// The layers, as one after the other is applied.
const LAYERS: [&str; 5] = ["platform", "network", "deps", "app", "sync"];

/// The definitions that the environment needs, by peer.
const DEFINITIONS: [(&str, &[&str]); 4] = [
    (
        "CROSSPLANE_DEFINITIONS",
        &[
            "apiextensions.crossplane.io_compositeresourcedefinitions.yaml",
            "apiextensions.crossplane.io_compositions.yaml",
            "apiextensions.crossplane.io_managedresourceactivationpolicies.yaml",
            "pkg.crossplane.io_deploymentruntimeconfigs.yaml",
            "pkg.crossplane.io_functions.yaml",
            "pkg.crossplane.io_providers.yaml",
        ],
    ),
    (
        "EXTERNAL_SECRETS_DEFINITIONS",
        &[
            "external-secrets.io_externalsecrets.yaml",
            "external-secrets.io_pushsecrets.yaml",
            "external-secrets.io_secretstores.yaml",
            "generators.external-secrets.io_passwords.yaml",
            "generators.external-secrets.io_uuids.yaml",
        ],
    ),
    ("KUSTOMIZE_CONTROLLER_DEFINITIONS", &["kustomize.toolkit.fluxcd.io_kustomizations.yaml"]),
    ("SOURCE_CONTROLLER_DEFINITIONS", &["source.toolkit.fluxcd.io_gitrepositories.yaml"]),
];

#[test]
fn dev_is_clean_once_deployed_and_what_is_changed_is_found() {
    let Some(folders) = definition_files() else { return };
    let Some(cluster) = Cluster::start() else { return };
    let repository = rendered(&cluster, |_| {});
    define(&cluster, &repository, &folders);
    deploy(&cluster, repository.path());
    let run = check(&repository);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    assert_eq!((run.status, told(&report)), (0, Vec::new()), "{}", run.stderr);
    let resources = |report: &Value| report["summary"]["resources"].as_u64().unwrap_or_default();
    let declared = resources(&report);
    assert!(declared > 50, "everything is looked at");

    let composed = compose(&cluster, &repository);
    let run = check(&repository);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    assert_eq!((run.status, told(&report)), (0, Vec::new()), "{}", run.stderr);
    assert_eq!(resources(&report), declared + composed as u64, "what the claims became is looked at too");

    for steps in [
        "set image deployment/langfuse-web -n langfuse web=registry.example/langfuse:by-hand",
        "delete networkpolicy -n langfuse web",
        "create configmap debug -n langfuse --from-literal=a=b",
        "patch network langfuse-dev -n langfuse-dev --type merge -p {\"spec\":{\"nodes\":{\"maxSize\":9}}}",
        "patch externalsecret langfuse-database -n langfuse --type merge -p {\"spec\":{\"refreshInterval\":\"1m\"}}",
        "patch subnet langfuse-dev-public-1 -n langfuse-dev --type merge -p {\"spec\":{\"forProvider\":{\"mapPublicIpOnLaunch\":false}}}",
        "delete routetable langfuse-dev-public -n langfuse-dev",
        "patch kustomization -n flux-system dev-app --type merge -p {\"spec\":{\"suspend\":true}}",
    ] {
        cluster.kubectl(&steps.split(' ').collect::<Vec<_>>());
    }
    let run = check(&repository);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"));
    let expected = [
        "app ConfigMap langfuse/debug extra: data.a added",
        "app Deployment langfuse/langfuse-web changed: spec.template.spec.containers[name=web].image changed",
        "app ExternalSecret langfuse/langfuse-database changed: spec.refreshInterval changed",
        "app NetworkPolicy langfuse/web missing: ",
        "network Network langfuse-dev/langfuse-dev changed: spec.nodes.maxSize changed",
        "network RouteTable langfuse-dev/langfuse-dev-public missing: ",
        "network Subnet langfuse-dev/langfuse-dev-public-1 changed: spec.forProvider.mapPublicIpOnLaunch changed",
        "sync Kustomization flux-system/dev-app changed: spec.suspend added",
    ];
    assert_eq!((run.status, told(&report)), (2, expected.map(str::to_owned).to_vec()), "{}", run.stderr);
}

/// The files of definitions from other modules; none where one of these is missing.
pub(super) fn definition_files() -> Option<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (name, files) in DEFINITIONS {
        let folder = peer(name)?;
        found.extend(files.iter().map(|file| folder.join(file)));
    }
    Some(found)
}

/// The environment, rendered anew with both clusters at the server, and with what is changed of its inputs.
pub(super) fn rendered(cluster: &Cluster, change: impl FnOnce(&TemporaryRepository)) -> TemporaryRepository {
    let repository = TemporaryRepository::new();
    for folder in ["base", "overlays/dev"] {
        copy(&package().join(folder), &repository.path().join(folder));
    }
    let path = "overlays/dev/environment.yaml";
    let text = std::fs::read_to_string(repository.path().join(path)).expect("the environment");
    let access = |name: &str, user: &str| {
        format!("    {name}: {{kubeconfig: \"{}\"}}\n", cluster.kubeconfig(user).display())
    };
    let begin = text.find("    management:\n").expect("the environment has a management cluster");
    let end = text.find("  kinds:\n").expect("the environment names kinds");
    let clusters = access("management", "reader") + &access("workload", "certificate");
    repository.write(path, &format!("{}{clusters}{}", &text[..begin], &text[end..]));
    change(&repository);
    repository.commit("inputs");
    let run = repository.run(&["render", "--env", "dev"]);
    assert_eq!(run.status, 0, "{run}");
    repository
}

/// Gives the server the definitions of everything that is not its own.
pub(super) fn define(cluster: &Cluster, repository: &TemporaryRepository, files: &[PathBuf]) {
    let made = repository.path().join("definitions.json");
    let mut items = vec![definition(
        "aws.m.upbound.io",
        &json!({"kind": "ClusterProviderConfig", "plural": "clusterproviderconfigs"}),
        "Cluster",
        "v1beta1",
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    )];
    for xrd in xrds(&repository.path().join("environments/dev/platform/_cluster")) {
        let text = |pointer: &str| xrd.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let version = text("/spec/versions/0/name");
        let schema = composite_schema(&xrd, version).expect("the definition has a schema");
        items.push(definition(
            text("/spec/group"),
            &xrd["spec"]["names"],
            text("/spec/scope"),
            version,
            schema,
        ));
    }
    std::fs::write(&made, json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string())
        .expect("a file");
    let mut arguments = vec!["apply".to_owned(), "--server-side".to_owned()];
    for file in files.iter().chain([&made]) {
        arguments.extend(["-f".to_owned(), file.display().to_string()]);
    }
    cluster.kubectl(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    cluster.wait_for_definitions();
    std::fs::remove_file(made).expect("a file");
}

pub(super) fn definition(group: &str, names: &Value, scope: &str, version: &str, schema: Value) -> Value {
    let plural = names["plural"].as_str().unwrap_or_default();
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {"group": group, "names": names, "scope": scope, "versions": [{"name": version, "served": true,
            "storage": true, "subresources": {"status": {}}, "schema": {"openAPIV3Schema": schema}}]}})
}

pub(super) fn xrds(folder: &Path) -> Vec<Value> {
    let entries = std::fs::read_dir(folder).expect("the platform was rendered");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(path).expect("a file");
        let tree = parse_one(&text, Dialect::Helm, &Budget::DEFAULT).expect("YAML");
        tree.to_value(Dialect::Helm, Numbers::AsWritten).expect("plain data")
    };
    files.map(read).filter(|value| value["kind"] == "CompositeResourceDefinition").collect()
}

/// Applies layer after layer, namespaces first, as Flux does.
fn deploy(cluster: &Cluster, folder: &Path) {
    cluster.kubectl(&["create", "namespace", "flux-system"]);
    for layer in LAYERS {
        let layer = folder.join("environments/dev").join(layer);
        let of_cluster = layer.join("_cluster");
        for path in [&of_cluster, &layer] {
            if path.is_dir() {
                let path = path.display().to_string();
                cluster.kubectl(&[
                    "apply",
                    "--server-side",
                    "--field-manager=kustomize-controller",
                    "-R",
                    "-f",
                    &path,
                ]);
            }
        }
    }
}

fn check(repository: &TemporaryRepository) -> Run {
    repository.run(&["check", "--env", "dev", "--only", "kubernetes", "--timeout", "60s", "-o", "json"])
}

/// A line for each resource that is not in sync.
pub(super) fn told(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<String> = report["resources"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|resource| resource["state"] != "inSync")
        .map(|resource| {
            let fields = resource["fields"].as_array().expect("a list");
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("{} {}", text(&field["path"]), text(&field["change"])))
                .collect();
            let id = &resource["id"];
            format!(
                "{} {} {}/{} {}: {}",
                text(&resource["layer"]),
                text(&id["kind"]),
                text(&id["namespace"]),
                text(&id["name"]),
                text(&resource["state"]),
                fields.join(", ")
            )
        })
        .collect();
    lines.sort();
    lines
}
