//! The claims of which Git does not tell everything that they become: those that cannot be expanded offline, and those with
//! templates that wait for what nothing in Git gives.
//!
//! A function of what Git declares. What such claims became is read from the management cluster by [`super::composed`].

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_resource::ResourceId;
use plimsoll_yaml::Node;
use serde_json::Value;

use super::declared::is_managed_group;
use crate::check::composed::{claim_resource, composite_kinds, spoken};
use crate::check::desired::{Desired, DesiredResource};
use crate::check::kubernetes::is_custom_group;
use crate::check::outcome::Source;
use crate::check::template::RESOURCE_NAME;
use crate::expansion::{Expansion, Outlook};

/// How the groups end whose kinds are defined by tools that are no platform of one's own; no XRD defines them.
const GROUPS_OF_TOOLS: [&str; 6] =
    ["crossplane.io", "upbound.io", "fluxcd.io", "argoproj.io", "external-secrets.io", "cert-manager.io"];

/// A claim of which only the management cluster knows what it becomes, or what some of its templates become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unexpanded {
    /// Its `apiVersion`.
    pub api_version: String,
    /// Kind, namespace and name.
    pub id: ResourceId,
    /// The layer that declares it.
    pub layer: String,
    /// The cluster that has it, by its name in the environment.
    pub cluster: Option<String>,
    /// Its file.
    pub source: Source,
    /// Which of what it becomes is not known.
    pub extent: Extent,
}

/// How much of a claim is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// Nothing says what it becomes, or what is said may be wrong.
    Everything,
    /// What these templates become.
    Templates(BTreeSet<String>),
    /// Nothing in Git defines the kind: whether it is a claim at all only the management cluster knows.
    IfClaim,
}

impl Unexpanded {
    /// Kind, namespace and name, as reports spell them.
    #[must_use]
    pub fn spoken(&self) -> String {
        spoken(&self.id)
    }

    /// What it is called among those of all clusters.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {} {}", self.cluster.as_deref().unwrap_or("-"), self.id.group, self.spoken())
    }

    /// Whether an object that it became is one that Git does not tell.
    #[must_use]
    pub fn leaves_open(&self, object: &Value) -> bool {
        match &self.extent {
            Extent::Everything | Extent::IfClaim => true,
            Extent::Templates(templates) => object
                .pointer(RESOURCE_NAME)
                .and_then(Value::as_str)
                .is_some_and(|template| templates.contains(template)),
        }
    }

    fn of(resource: &DesiredResource, extent: Extent) -> Unexpanded {
        Unexpanded {
            api_version: resource.api_version.clone(),
            id: resource.id.clone(),
            layer: resource.layer.to_string(),
            cluster: resource.cluster.as_deref().map(str::to_owned),
            source: resource.source.clone(),
            extent,
        }
    }
}

/// The claims that are not wholly known, then what may be claims.
#[must_use]
pub fn unexpanded(desired: &Desired, expansion: &Expansion) -> Vec<Unexpanded> {
    let mut claims: BTreeMap<usize, Extent> = BTreeMap::new();
    for (index, composite) in expansion.composites.iter().enumerate() {
        if index == composite.claim && !composite.is_expanded {
            claims.insert(index, Extent::Everything);
        }
    }
    for waiting in expansion.waiting.iter().filter(|waiting| waiting.outlook == Outlook::Open) {
        let Some(composite) = expansion.composites.get(waiting.composite) else { continue };
        let extent = claims.entry(composite.claim).or_insert_with(|| Extent::Templates(BTreeSet::new()));
        match (&waiting.resource_name, extent) {
            (Some(name), Extent::Templates(templates)) => {
                templates.insert(name.clone());
            }
            (None, extent) => *extent = Extent::Everything,
            (Some(_), _) => {}
        }
    }
    let of_claim = |(index, extent): (usize, Extent)| {
        let claim = expansion.composites.get(index)?;
        Some(Unexpanded::of(claim_resource(desired, claim)?, extent))
    };
    let known: Vec<Unexpanded> = claims.into_iter().filter_map(of_claim).collect();
    known.into_iter().chain(undefined(desired)).collect()
}

/// The resources whose kinds nothing in Git defines, and that may be claims of a definition that only the cluster has.
fn undefined(desired: &Desired) -> impl Iterator<Item = Unexpanded> + '_ {
    let mut defined = composite_kinds(desired.resources.iter().map(|resource| &**resource));
    let definitions =
        desired.resources.iter().filter(|resource| resource.id.kind == "CustomResourceDefinition");
    for resource in definitions {
        let Some((node, _)) = resource.parse() else { continue };
        let text = |path: &[&str]| node.at(path).and_then(Node::as_str).map(str::to_owned);
        defined.extend(text(&["spec", "group"]).zip(text(&["spec", "names", "kind"])));
    }
    let is_of_tool = |group: &str| {
        GROUPS_OF_TOOLS
            .iter()
            .any(|tool| group.strip_suffix(tool).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    };
    desired
        .resources
        .iter()
        .filter(move |resource| {
            let id = &resource.id;
            is_custom_group(&id.group)
                && !is_managed_group(&id.group)
                && !is_of_tool(&id.group)
                && resource.cluster.is_some()
                && !defined.contains(&(id.group.clone(), id.kind.clone()))
        })
        .map(|resource| Unexpanded::of(resource, Extent::IfClaim))
}
