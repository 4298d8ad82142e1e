//! Everything that rules look at: the rendered resources of all layers, and the managed resources that claims become.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_resource::ResourceId;
use serde_json::Value;

use crate::config::environment::Environment;
use crate::expansion::Expansion;
use crate::render::RenderedEnvironment;

/// A resource with where it belongs.
#[derive(Debug, Clone)]
pub struct LintResource {
    /// Its identity.
    pub id: ResourceId,
    /// Its layer.
    pub layer: String,
    /// The cluster that it goes to.
    pub cluster: String,
    /// Its plain data.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

/// Where a resource stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a rendered file, from an input.
    File {
        /// The rendered file, from the repository's root.
        path: String,
        /// The input.
        source: String,
    },
    /// In no file: a claim becomes it. A place in [`Expansion::managed`].
    Managed(usize),
}

/// A layer, and those that are there before it.
#[derive(Debug, Clone, Default)]
pub struct LayerFacts {
    /// Its name.
    pub name: String,
    /// The cluster that it goes to.
    pub cluster: String,
    /// All layers that it waits for, directly or through others.
    pub earlier: BTreeSet<String>,
}

/// The resources of an environment and the facts that it declares.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The resources: first the rendered ones, then the managed ones.
    pub resources: Vec<LintResource>,
    /// The layers in their order.
    pub layers: Vec<LayerFacts>,
    /// The AWS account.
    pub account: Option<String>,
    /// The AWS region.
    pub region: Option<String>,
    by_kind: BTreeMap<String, Vec<usize>>,
}

impl World {
    /// The world of a rendered environment.
    #[must_use]
    pub fn of(environment: &Environment, rendered: &RenderedEnvironment, expansion: &Expansion) -> World {
        let mut resources = Vec::new();
        for layer in &rendered.layers {
            for resource in &layer.resources {
                let value = resource.definition.clone().or_else(|| rendered.value(resource));
                let Some(value) = value else { continue };
                let origin = Origin::File { path: resource.path.clone(), source: resource.source.clone() };
                resources.push(LintResource {
                    id: resource.id.clone(),
                    layer: layer.name.clone(),
                    cluster: layer.destination.clone(),
                    value,
                    origin,
                });
            }
        }
        for (index, managed) in expansion.managed.iter().enumerate() {
            let claim = expansion.claim_of(managed);
            let file = claim.map(|claim| claim.file.as_str()).unwrap_or_default();
            let of_claim = resources
                .iter()
                .find(|resource| matches!(&resource.origin, Origin::File { path, .. } if path == file));
            let Some(of_claim) = of_claim else { continue };
            let (layer, cluster) = (of_claim.layer.clone(), of_claim.cluster.clone());
            resources.push(LintResource {
                id: managed.id.clone(),
                layer,
                cluster,
                value: Value::clone(&managed.value),
                origin: Origin::Managed(index),
            });
        }
        let depends: BTreeMap<&str, Vec<&str>> = environment
            .spec
            .layers
            .iter()
            .map(|layer| (layer.name.as_str(), layer.depends_on.iter().map(String::as_str).collect()))
            .collect();
        let layers = environment
            .spec
            .layers
            .iter()
            .map(|layer| LayerFacts {
                name: layer.name.clone(),
                cluster: layer.destination.clone(),
                earlier: earlier(&layer.name, &depends),
            })
            .collect();
        let aws = environment.spec.aws.as_ref();
        let account = aws.map(|aws| aws.account_id.clone());
        let region = aws.map(|aws| aws.region.clone());
        World::new(resources, layers, account, region)
    }

    /// A world of these resources and facts.
    #[must_use]
    pub fn new(
        resources: Vec<LintResource>,
        layers: Vec<LayerFacts>,
        account: Option<String>,
        region: Option<String>,
    ) -> World {
        let mut by_kind: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, resource) in resources.iter().enumerate() {
            by_kind.entry(resource.id.kind.clone()).or_default().push(index);
        }
        World { resources, layers, account, region, by_kind }
    }

    /// The resources of a kind and a group, with their places.
    pub(super) fn of_kind<'w>(
        &'w self,
        group: &'w str,
        kind: &'w str,
    ) -> impl Iterator<Item = (usize, &'w LintResource)> {
        let places = self.by_kind.get(kind).into_iter().flatten();
        places
            .filter_map(|index| Some((*index, self.resources.get(*index)?)))
            .filter(move |(_, resource)| resource.id.group == group)
    }

    /// The managed resources of AWS of a kind and a service, such as `VPC` of `ec2`, cluster-scoped ones among them.
    pub(super) fn managed<'w>(
        &'w self,
        service: &'w str,
        kind: &'w str,
    ) -> impl Iterator<Item = (usize, &'w LintResource)> {
        let places = self.by_kind.get(kind).into_iter().flatten();
        places
            .filter_map(|index| Some((*index, self.resources.get(*index)?)))
            .filter(move |(_, resource)| resource.service() == Some(service))
    }

    /// A resource of a cluster and a namespace by its name.
    pub(super) fn find(
        &self,
        beside: &LintResource,
        group: &str,
        kind: &str,
        name: &str,
    ) -> Option<(usize, &LintResource)> {
        self.find_in(&beside.cluster, beside.id.namespace.as_deref(), group, kind, name)
    }

    /// A resource by cluster, namespace and name.
    pub(super) fn find_in(
        &self,
        cluster: &str,
        namespace: Option<&str>,
        group: &str,
        kind: &str,
        name: &str,
    ) -> Option<(usize, &LintResource)> {
        let places = self.by_kind.get(kind).into_iter().flatten();
        places.filter_map(|index| Some((*index, self.resources.get(*index)?))).find(|(_, resource)| {
            resource.id.group == group
                && resource.cluster == cluster
                && resource.id.namespace.as_deref() == namespace
                && resource.id.name == name
        })
    }

    /// Whether a layer has another one's resources when it is applied.
    pub(super) fn comes_after(&self, layer: &str, other: &str) -> bool {
        layer == other || self.layers.iter().any(|facts| facts.name == layer && facts.earlier.contains(other))
    }
}

impl LintResource {
    /// The AWS service of a managed resource.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        let group = self.id.group.as_str();
        let service =
            group.strip_suffix(".aws.m.upbound.io").or_else(|| group.strip_suffix(".aws.upbound.io"));
        service.filter(|service| !service.contains('.'))
    }

    /// A text of the resource, by a JSON pointer; empty where there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        text(&self.value, pointer)
    }

    /// The name that the resource has in AWS: its external name, else its own.
    pub(super) fn external_name(&self) -> &str {
        match self.text("/metadata/annotations/crossplane.io~1external-name") {
            "" => &self.id.name,
            name => name,
        }
    }

    pub(super) fn sort_key(&self) -> String {
        match &self.origin {
            Origin::File { path, .. } => path.clone(),
            Origin::Managed(_) => format!("~{}/{}", self.layer, self.id),
        }
    }
}

/// A text by a JSON pointer; empty where there is none.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a list by a JSON pointer.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn earlier(layer: &str, depends: &BTreeMap<&str, Vec<&str>>) -> BTreeSet<String> {
    let mut earlier = BTreeSet::new();
    let mut waiting = depends.get(layer).cloned().unwrap_or_default();
    while let Some(next) = waiting.pop() {
        if earlier.insert(next.to_owned()) {
            waiting.extend(depends.get(next).into_iter().flatten());
        }
    }
    earlier
}
