//! What the management cluster has of the declared resources: their external names, what their references became, and what
//! the provider says of them.
//!
//! A help and no part of the truth: what cannot be read here is left out, and AWS is asked by what Git says alone. Lists are
//! of each kind once, whole, with the kinds' plain discovery, which every server answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::declared::Declared;
use crate::live::encoding::percent_encoded;
use crate::live::kube::{Accept, Cause, Connection, Failure};

/// How long the management cluster may take: what it says is a help, and AWS is to be read in the time that is left.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many objects a page has.
const PAGE: usize = 500;

/// The objects of the resources that are declared for a cluster; what is not there or could not be read is left out.
pub async fn observe(
    connection: &Connection,
    cluster: &str,
    resources: &[Declared],
    deadline: Instant,
) -> Vec<Value> {
    let of_cluster: Vec<&Declared> =
        resources.iter().filter(|resource| resource.cluster.as_deref() == Some(cluster)).collect();
    timeout_at(deadline.min(Instant::now() + PATIENCE), read(connection, &of_cluster))
        .await
        .unwrap_or_default()
}

async fn read(connection: &Connection, resources: &[&Declared]) -> Vec<Value> {
    let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for resource in resources {
        if let (Some(version), Some(kind)) = (resource.text("/apiVersion"), resource.text("/kind")) {
            kinds.entry(version).or_default().insert(kind);
        }
    }
    let of_version = kinds.into_iter().map(|(version, kinds)| async move {
        let Ok(plurals) = plurals(connection, version).await else { return Vec::new() };
        let lists = kinds.into_iter().filter_map(|kind| Some((kind, plurals.get(kind)?)));
        let lists = lists.map(|(kind, plural)| async move {
            let path = format!("/apis/{version}/{plural}");
            let mut objects = list(connection, &path).await.unwrap_or_default();
            // The items of a list do not say what they are.
            for members in objects.iter_mut().filter_map(Value::as_object_mut) {
                members.insert("apiVersion".to_owned(), Value::from(version));
                members.insert("kind".to_owned(), Value::from(kind));
            }
            objects
        });
        join_all(lists).await
    });
    let objects = join_all(of_version).await.into_iter().flatten().flatten();
    objects.filter(|object| resources.iter().any(|resource| is_object_of(resource, object))).collect()
}

/// The object of each resource, by the resource's place. Where composites whose names are drawn compose alike, their objects do
/// not say which is whose; then none is taken.
#[must_use]
pub fn matched(resources: &[Declared], objects: &BTreeMap<String, Vec<Value>>) -> BTreeMap<usize, Value> {
    let mut matched = BTreeMap::new();
    for (cluster, objects) in objects {
        for object in objects {
            let mut places = resources.iter().enumerate().filter(|(_, resource)| {
                resource.cluster.as_ref() == Some(cluster) && is_object_of(resource, object)
            });
            let Some((place, resource)) = places.next() else { continue };
            let is_drawn = resource.composed.as_ref().is_some_and(|template| !template.has_name);
            if !is_drawn || places.next().is_none() {
                matched.insert(place, object.clone());
            }
        }
    }
    matched
}

/// Whether an object is what was declared: by its name, or by what it was composed as where Crossplane drew the name.
fn is_object_of(declared: &Declared, object: &Value) -> bool {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    if ["/apiVersion", "/kind"].iter().any(|pointer| text(pointer) != declared.text(pointer)) {
        return false;
    }
    match &declared.composed {
        Some(template) if !template.has_name => template.made(object),
        _ => {
            text("/metadata/name") == declared.text("/metadata/name")
                && text("/metadata/namespace") == declared.text("/metadata/namespace")
        }
    }
}

/// The names in paths of the kinds of a version.
pub(super) async fn plurals(
    connection: &Connection,
    version: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let read = |bytes: &[u8]| {
        let answer = json(bytes)?;
        let resources = answer.get("resources").and_then(Value::as_array).ok_or_else(no_answer)?;
        let plurals = resources.iter().filter_map(|resource| {
            let text = |key: &str| resource.get(key).and_then(Value::as_str);
            let plural = text("name").filter(|name| !name.contains('/'))?;
            Some((text("kind")?.to_owned(), plural.to_owned()))
        });
        Ok(plurals.collect())
    };
    connection.get(&format!("/apis/{version}"), Accept::Json, read).await
}

pub(super) async fn list(connection: &Connection, path: &str) -> Result<Vec<Value>, Failure> {
    let mut objects = Vec::new();
    let mut token = String::new();
    loop {
        let address = format!("{path}?limit={PAGE}{token}");
        let read = |bytes: &[u8]| {
            let mut answer = json(bytes)?;
            let next =
                answer.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default().to_owned();
            match answer.get_mut("items").map(Value::take) {
                Some(Value::Array(items)) => Ok((items, next)),
                _ => Err(no_answer()),
            }
        };
        let (items, next) = connection.get(&address, Accept::Json, read).await?;
        objects.extend(items);
        if next.is_empty() {
            return Ok(objects);
        }
        token = format!("&continue={}", percent_encoded(&next));
    }
}

fn json(bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes).map_err(|_| no_answer())
}

fn no_answer() -> Failure {
    Failure::new(Cause::InvalidAnswer, "the answer is no list of an API server")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vpc() -> Declared {
        Declared::composed_for_test(
            json!({"apiVersion": "ec2.aws.m.upbound.io/v1beta1", "kind": "VPC",
                "metadata": {"name": "main", "namespace": "lab"}}),
            None,
        )
    }

    #[test]
    fn an_object_is_known_by_its_name_and_namespace() {
        let object = |namespace: &str| {
            json!({"apiVersion": "ec2.aws.m.upbound.io/v1beta1", "kind": "VPC",
                "metadata": {"name": "main", "namespace": namespace}})
        };
        assert!(is_object_of(&vpc(), &object("lab")));
        assert!(!is_object_of(&vpc(), &object("other")));
    }
}
