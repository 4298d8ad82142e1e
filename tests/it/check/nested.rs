//! Composites within composites on a real API server: what claims become level by level, compared as it lives.
//!
//! The objects of `tests/corpus/nested/live.yaml` are made as Crossplane makes them, with its field managers, labels, owners and
//! references. A case is a file of kubectl commands beside the report; a check of a snapshot says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll_crossplane::xrd::{claim_schema, composite_schema};
use plimsoll_resource::split_api_version;
use serde_json::{Value, json};

use super::cases::{of_snapshot, point_at, take_steps, without_times};
use super::development::{definition, xrds};
use super::lab::Cluster;
use crate::support::TemporaryRepository;
use crate::support::expected::{assert_none, compare, entries, package};

/// The kinds that a case begins anew with.
const KINDS: &str =
    "shops,vaults,cells,databases,xdatabases,xdisks,buckets.s3.aws.m.upbound.io,keys,ebsvolumes";

#[test]
fn composites_within_composites_are_compared_with_what_they_compose() {
    let Some(cluster) = Cluster::start() else { return };
    let corpus = package().join("tests/corpus/nested");
    let files = corpus.join("repository");
    let live = read(&corpus.join("live.yaml"));
    define(&cluster, &files, &live);
    let mut wrong = Vec::new();
    let cases = entries("nested/cases");
    for steps in cases.into_iter().filter(|path| path.extension().is_some_and(|end| end == "steps")) {
        let repository = TemporaryRepository::with(&files);
        cluster.kubectl(&["delete", KINDS, "--all", "--all-namespaces", "--ignore-not-found"]);
        deploy(&cluster, repository.path());
        compose(&cluster, &live);
        let user = take_steps(&cluster, &steps);
        point_at(&repository, &cluster, user);
        let run = repository.run(&["check", "--env", "dev", "--timeout", "60s"]);
        wrong.extend(compare(&steps.with_extension("expected"), &without_times(&run)));
        wrong.extend(of_snapshot(&repository, &run, &steps));
    }
    assert_none(&wrong);
}

/// What Crossplane made.
fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("the corpus can be read");
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Gives the server the kinds of everything: those of the definitions in Git, and others that take any field.
fn define(cluster: &Cluster, files: &Path, live: &[Value]) {
    let any = || json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let mut items = Vec::new();
    for (kind, version) in [("CompositeResourceDefinition", "v2"), ("Composition", "v1")] {
        let names = json!({"kind": kind, "plural": format!("{}s", kind.to_lowercase())});
        items.push(definition("apiextensions.crossplane.io", &names, "Cluster", version, any()));
    }
    // The older definitions are of the older version.
    let mut older = items[0]["spec"]["versions"][0].clone();
    older["name"] = json!("v1");
    older["storage"] = json!(false);
    items[0]["spec"]["versions"].as_array_mut().expect("a list").push(older);
    for xrd in xrds(&files.join("environments/dev/platform/_cluster")) {
        let schema = composite_schema(&xrd, "v1alpha1").expect("the definition has a schema");
        let scope = xrd.pointer("/spec/scope").and_then(Value::as_str).unwrap_or("Cluster");
        let group = text(&xrd, "/spec/group");
        items.push(definition(group, &xrd["spec"]["names"], scope, "v1alpha1", schema));
        if let Some(schema) = claim_schema(&xrd, "v1alpha1") {
            items.push(definition(group, &xrd["spec"]["claimNames"], "Namespaced", "v1alpha1", schema));
        }
    }
    let managed: BTreeSet<(&str, &str, bool)> = live
        .iter()
        .map(|made| {
            let is_namespaced = made.pointer("/object/metadata/namespace").is_some();
            (text(made, "/object/apiVersion"), text(made, "/object/kind"), is_namespaced)
        })
        .filter(|(api_version, ..)| api_version.contains("aws"))
        .collect();
    for (api_version, kind, is_namespaced) in managed {
        let (group, version) = split_api_version(api_version);
        let names = json!({"kind": kind, "plural": format!("{}s", kind.to_lowercase())});
        let scope = if is_namespaced { "Namespaced" } else { "Cluster" };
        items.push(definition(group, &names, scope, version, any()));
    }
    apply(cluster, "platform", items);
    cluster.wait_for_definitions();
}

/// Applies what Git declares, namespaces first.
fn deploy(cluster: &Cluster, folder: &Path) {
    for path in ["platform", "shops/_cluster", "shops"] {
        let path = folder.join("environments/dev").join(path).display().to_string();
        let manager = "--field-manager=kustomize-controller";
        cluster.kubectl(&["apply", "--server-side", manager, "-R", "-f", &path]);
    }
}

/// Makes what Crossplane made, level by level, and lets each composite name what it composed.
fn compose(cluster: &Cluster, live: &[Value]) {
    let mut made: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut references: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for one in live {
        let mut object = one["object"].clone();
        if let Some((kind, name)) = one["owner"].as_str().and_then(|owner| owner.split_once(' ')) {
            object["metadata"]["ownerReferences"] = json!([{"apiVersion": "lab.example.org/v1alpha1",
                "kind": kind, "name": name, "uid": format!("uid-of-{kind}-{name}"), "controller": true,
                "blockOwnerDeletion": true}]);
            let reference = json!({"apiVersion": object["apiVersion"], "kind": object["kind"],
                "name": object["metadata"]["name"]});
            references.entry(text(one, "/owner")).or_default().push(reference);
        }
        made.entry(text(one, "/by")).or_default().push(object);
    }
    for (controller, objects) in made {
        apply(cluster, controller, objects);
    }
    let owners = references.into_iter().map(|(owner, references)| {
        let (kind, name) = owner.split_once(' ').expect("kind and name");
        let spec = if kind.starts_with('X') {
            json!({"compositionRef": {"name": "chosen"}, "resourceRefs": references})
        } else {
            json!({"crossplane": {"compositionRef": {"name": "chosen"}, "resourceRefs": references}})
        };
        let mut owner = json!({"apiVersion": "lab.example.org/v1alpha1", "kind": kind,
            "metadata": {"name": name}, "spec": spec});
        if !kind.starts_with('X') {
            owner["metadata"]["namespace"] = json!("shop");
        }
        owner
    });
    apply(cluster, "composite", owners.collect());
    let claims = live.iter().filter_map(|one| {
        let of_claim = one.pointer("/object/spec/claimRef")?;
        let reference = json!({"apiVersion": one["object"]["apiVersion"], "kind": one["object"]["kind"],
            "name": one["object"]["metadata"]["name"]});
        Some(json!({"apiVersion": of_claim["apiVersion"], "kind": of_claim["kind"],
            "metadata": {"name": of_claim["name"], "namespace": of_claim["namespace"]},
            "spec": {"resourceRef": reference}}))
    });
    apply(cluster, "claim", claims.collect());
}

/// Applies objects as one of Crossplane's controllers.
fn apply(cluster: &Cluster, controller: &str, items: Vec<Value>) {
    let file = cluster.folder().join("made.json");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    std::fs::write(&file, list.to_string()).expect("a file");
    let manager = format!("--field-manager=apiextensions.crossplane.io/{controller}");
    cluster.kubectl(&["apply", "--server-side", &manager, "-f", &file.display().to_string()]);
}
