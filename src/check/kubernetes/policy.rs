//! The least rights that a check of the clusters needs, as manifests: a ClusterRole and Roles for each cluster.
//!
//! Computed from what Git declares alone, without asking anybody: names of resources come from definitions in Git, else from the
//! rule by which Kubernetes itself forms plurals. The verbs are get and list. Values of Secrets are asked for only where Git
//! declares some; a namespace that is owned needs the right to list everything in it, since everything is looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_resource::Scope;
use plimsoll_yaml::{Node, emit_value};
use serde_json::{Value, json};

use super::definitions::is_custom;
use crate::check::composed::composed;
use crate::check::desired::{Desired, DesiredResource};
use crate::check::run::own_of;

/// The name that every printed role carries.
const NAME: &str = "plimsoll-check";

/// Rights by API group: the resources.
type Rights<'a> = BTreeMap<&'a str, BTreeSet<String>>;

/// A kind of managed resource that a cluster is asked about, wherever its objects lie, to find them in AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManagedKind {
    /// The cluster, by its name in the environment.
    pub cluster: String,
    /// The API group.
    pub group: String,
    /// The kind.
    pub kind: String,
}

/// The manifests for every cluster of an environment, each behind a comment that names the cluster.
#[must_use]
pub fn manifests(desired: &Desired, managed: &[ManagedKind]) -> String {
    let plurals = declared_plurals(&desired.resources);
    let mut text = String::new();
    let composed = composed(desired);
    let resources = || desired.resources.iter().chain(&composed);
    let clusters: BTreeSet<&str> = resources().filter_map(|resource| resource.cluster.as_deref()).collect();
    for cluster in clusters {
        let resources = resources().filter(|resource| resource.cluster.as_deref() == Some(cluster));
        let resources = resources.map(|resource| &**resource);
        let managed = managed.iter().filter(|kind| kind.cluster == cluster);
        let documents = of_cluster(resources, managed, &own_of(desired, cluster), &plurals);
        for document in documents {
            text.push_str(&format!("---\n# cluster: {cluster}\n"));
            // Only control characters have no YAML form, and JSON is YAML.
            text.push_str(&emit_value(&document).unwrap_or_else(|_| format!("{document:#}\n")));
        }
    }
    text
}

fn of_cluster<'a>(
    resources: impl Iterator<Item = &'a DesiredResource>,
    managed: impl Iterator<Item = &'a ManagedKind>,
    own: &crate::config::environment::Own,
    plurals: &BTreeMap<(String, String), String>,
) -> Vec<Value> {
    let mut of_cluster = Rights::new();
    let mut of_namespaces: BTreeMap<&str, Rights<'a>> = BTreeMap::new();
    let mut has_custom = false;
    for resource in resources {
        let id = &resource.id;
        let key = (id.group.clone(), id.kind.clone());
        let name = plurals.get(&key).cloned().unwrap_or_else(|| plural(&id.kind));
        has_custom |= is_custom(&id.group);
        let rights = match (&id.namespace, resource.scope) {
            (Some(namespace), _) => of_namespaces.entry(namespace).or_default(),
            (None, Some(Scope::Namespaced)) => of_namespaces.entry("default").or_default(),
            (None, _) => &mut of_cluster,
        };
        rights.entry(&id.group).or_default().insert(name);
    }
    for kind in managed {
        of_cluster.entry(&kind.group).or_default().insert(plural(&kind.kind));
    }
    if has_custom {
        let group = of_cluster.entry("apiextensions.k8s.io").or_default();
        group.insert("customresourcedefinitions".to_owned());
    }
    let everything = || Rights::from([("*", BTreeSet::from(["*".to_owned()]))]);
    for namespace in &own.namespaces {
        of_namespaces.insert(namespace, everything());
    }
    if !own.selectors.is_empty() {
        // What carries a label is looked for in every namespace.
        of_cluster = everything();
    }
    let mut documents = vec![role("ClusterRole", None, &of_cluster)];
    documents.extend(of_namespaces.iter().map(|(namespace, rights)| role("Role", Some(namespace), rights)));
    documents
}

fn role(kind: &str, namespace: Option<&str>, rights: &Rights<'_>) -> Value {
    let rules: Vec<Value> = rights
        .iter()
        .map(|(group, resources)| json!({"apiGroups": [group], "resources": resources, "verbs": ["get", "list"]}))
        .collect();
    let mut metadata = json!({"name": NAME});
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules})
}

/// What definitions in Git call the resources of their kinds.
fn declared_plurals(resources: &[Arc<DesiredResource>]) -> BTreeMap<(String, String), String> {
    let defines = |kind: &str| matches!(kind, "CustomResourceDefinition" | "CompositeResourceDefinition");
    let mut plurals = BTreeMap::new();
    for resource in resources.iter().filter(|resource| defines(&resource.id.kind)) {
        let Some((node, _)) = resource.parse() else { continue };
        let text = |path: &[&str]| node.at(path).and_then(Node::as_str).map(str::to_owned);
        let Some(group) = text(&["spec", "group"]) else { continue };
        for names in ["names", "claimNames"] {
            if let (Some(kind), Some(plural)) =
                (text(&["spec", names, "kind"]), text(&["spec", names, "plural"]))
            {
                plurals.insert((group.clone(), kind), plural);
            }
        }
    }
    plurals
}

/// The plural that Kubernetes and the makers of definitions form of a kind.
fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if ends(&["s"]) && !ends(&["ss", "us", "is"]) {
        // A plural already: Endpoints, BucketOwnershipControls.
        lower
    } else if ends(&["s", "x", "ch", "sh"]) {
        format!("{lower}es")
    } else if let Some(stem) =
        lower.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']))
    {
        format!("{stem}ies")
    } else {
        format!("{lower}s")
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn plurals_are_those_of_kubernetes() {
        for (kind, expected) in [
            ("Deployment", "deployments"),
            ("NetworkPolicy", "networkpolicies"),
            ("Ingress", "ingresses"),
            ("StorageClass", "storageclasses"),
            ("Endpoints", "endpoints"),
            ("Gateway", "gateways"),
            ("BucketOwnershipControls", "bucketownershipcontrols"),
            ("NodeStatus", "nodestatuses"),
        ] {
            assert_eq!(plural(kind), expected);
        }
    }
}
