//! Expansion: the claims of an environment into the resources that Crossplane composes of them, with their sources.
//!
//! The engine is [`plimsoll_crossplane::expansion`]; here an environment's files become its input, and what it gives is tied
//! to files and lines again. A function of values: a rendered environment, or the files of a Git tree, in; nothing is read.
//!
//! `diff` and `check` use [`EnvironmentResources::of_files`], `render`, `lint` and `crossplane expand`
//! [`EnvironmentResources::of_rendered`].

mod report;
mod resources;
pub(crate) mod source_lines;
pub mod supplied;
pub mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_crossplane::expansion as engine;
use plimsoll_crossplane::provenance::Provenance;
use plimsoll_resource::{ResourceId, split_api_version};
use plimsoll_yaml::Node;
use serde_json::Value;

pub use engine::{Outlook, Supplied, UnknownField};
pub(crate) use report::UNKNOWN_VERSION;
pub use resources::{EnvironmentResources, ResourceFile};
pub use source_lines::{SourceLine, places_of};

use crate::diagnostic::{Diagnostics, Place};

/// What the claims of an environment become.
#[derive(Debug, Clone, Default)]
pub struct Expansion {
    /// Every claim and composite, each after its parent.
    pub composites: Vec<Composite>,
    /// The resources that are composed and are no composites themselves.
    pub managed: Vec<ManagedResource>,
    /// The composites among what is composed, as Crossplane applies them, each after the one that composes it.
    pub nested: Vec<ManagedResource>,
    /// What is not made at once, or not at all.
    pub waiting: Vec<Waiting>,
    /// What is wrong, with places in the environment's files.
    pub found: Diagnostics,
    /// Definitions by group and kind, also that of their claims: places among the resources.
    definitions: BTreeMap<(String, String), usize>,
}

/// A claim or composite resource.
#[derive(Debug, Clone)]
pub struct Composite {
    /// Group, kind, namespace and name; the name ends in `-` where Crossplane draws the rest.
    pub id: ResourceId,
    /// Its `apiVersion`.
    pub api_version: String,
    /// The composite or claim that it belongs to: a place in [`Expansion::composites`].
    pub parent: Option<usize>,
    /// The claim that all began with: a place in [`Expansion::composites`], its own for a claim.
    pub claim: usize,
    /// The name of its template in the parent's Composition.
    pub resource_name: Option<String>,
    /// Its Composition's name; a claim of an XRD v1 has none, its composite has.
    pub composition: Option<String>,
    /// The file that the claim stands in.
    pub file: String,
    /// Whether all that it becomes is known: nothing was wrong with its definition, its Composition or its pipeline.
    pub is_expanded: bool,
    provenance: Option<Arc<Provenance>>,
    composition_index: Option<usize>,
    resource: usize,
}

/// A resource that Crossplane composes.
#[derive(Debug, Clone)]
pub struct ManagedResource {
    /// Group, kind, namespace and name. Where Crossplane draws the name it is the name of the template, in parentheses.
    pub id: ResourceId,
    /// Its `apiVersion`.
    pub api_version: String,
    /// Whether the name in [`ManagedResource::id`] is the one that the resource will have.
    pub has_name: bool,
    /// The resource as Crossplane applies it, but for its owner. Text that is not known yet stands in angle brackets.
    pub value: Arc<Value>,
    /// The composite that it belongs to: a place in [`Expansion::composites`].
    pub composite: usize,
    /// The claim that it comes from: a place in [`Expansion::composites`].
    pub claim: usize,
    /// The name of its Composition.
    pub composition: String,
    /// The name of its template in the Composition.
    pub resource_name: String,
    /// The fields that only the live systems can give.
    pub unknown: Vec<UnknownField>,
    /// Whether it is made only after other resources are there.
    pub comes_later: bool,
    provenance: Arc<Provenance>,
}

/// A resource that is not made at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The composite: a place in [`Expansion::composites`].
    pub composite: usize,
    /// The name of its template; `None` where all of the composite waits.
    pub resource_name: Option<String>,
    /// What it waits for, such as `Cluster dev status.atProvider.arn`; empty where that cannot be told.
    pub sources: Vec<String>,
    /// What becomes of it.
    pub outlook: Outlook,
}

impl Expansion {
    /// The claim that a managed resource comes from.
    #[must_use]
    pub fn claim_of(&self, managed: &ManagedResource) -> Option<&Composite> {
        self.composites.get(managed.claim)
    }
}

/// Resources with the texts that they stand in.
pub trait Sources: Sync {
    /// The plain data of all resources.
    fn values(&self) -> Vec<&Value>;

    /// The plain data of a resource.
    fn value(&self, index: usize) -> Option<&Value>;

    /// The tree of a resource.
    fn node(&self, index: usize) -> Option<&Node>;

    /// The place of a node of a resource.
    fn place_of(&self, index: usize, node: &Node) -> Option<Place>;

    /// What is supplied besides.
    fn supplied(&self) -> &Supplied;
}

impl EnvironmentResources {
    /// Expands every claim and composite resource.
    #[must_use]
    pub fn expand(&self) -> Expansion {
        expand(self)
    }
}

/// Expands every claim and composite resource among these.
#[must_use]
pub fn expand(sources: &dyn Sources) -> Expansion {
    let values = sources.values();
    Tie { sources, values: &values }.tied(engine::expand(&values, sources.supplied()))
}

/// Expands as far as Crossplane comes at first: what waits for the live systems is missing.
#[must_use]
pub fn expand_at_first(sources: &dyn Sources) -> Expansion {
    let values = sources.values();
    Tie { sources, values: &values }.tied(engine::expand_at_first(&values, sources.supplied()))
}

struct Tie<'a> {
    sources: &'a dyn Sources,
    values: &'a [&'a Value],
}

impl Tie<'_> {
    fn tied(&self, expansion: engine::Expansion) -> Expansion {
        let found = report::diagnostics(self.sources, self.values, &expansion);
        let unexpanded: BTreeSet<usize> = expansion
            .problems
            .iter()
            .filter(|problem| problem.kind != engine::ProblemKind::NeverMade)
            .map(|problem| problem.resource)
            .collect();
        let mut composites: Vec<Composite> = Vec::with_capacity(expansion.composites.len());
        for (index, composite) in expansion.composites.into_iter().enumerate() {
            let claim = composite
                .parent
                .and_then(|parent| composites.get(parent))
                .map_or(index, |parent| parent.claim);
            let is_expanded = !unexpanded.contains(&composite.resource);
            composites.push(Composite { is_expanded, ..self.composite(composite, claim) });
        }
        let tied = |managed| tied_managed(managed, &composites);
        let managed = expansion.managed.into_iter().map(tied).collect();
        let nested = expansion.nested.into_iter().map(tied).collect();
        let waiting = expansion
            .waiting
            .into_iter()
            .map(|waiting| Waiting {
                composite: waiting.composite,
                resource_name: waiting.resource_name,
                sources: waiting.sources,
                outlook: waiting.outlook,
            })
            .collect();
        Expansion { composites, managed, nested, waiting, found, definitions: self.definitions() }
    }

    fn definitions(&self) -> BTreeMap<(String, String), usize> {
        let mut definitions = BTreeMap::new();
        for (index, value) in self.values.iter().enumerate() {
            let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
            if text("/kind") != Some("CompositeResourceDefinition") {
                continue;
            }
            for kind in ["/spec/names/kind", "/spec/claimNames/kind"] {
                if let (Some(group), Some(kind)) = (text("/spec/group"), text(kind)) {
                    // Of several that define a kind the first counts.
                    definitions.entry((group.to_owned(), kind.to_owned())).or_insert(index);
                }
            }
        }
        definitions
    }

    fn composite(&self, composite: engine::Composite, claim: usize) -> Composite {
        let drawn = || {
            format!(
                "{}-",
                self.values.get(composite.resource).map(|claim| name_of(claim)).unwrap_or_default()
            )
        };
        let composition = composite.composition.and_then(|index| self.values.get(index));
        let file = self
            .sources
            .node(composite.resource)
            .and_then(|node| self.sources.place_of(composite.resource, node))
            .map(|place| place.file);
        Composite {
            id: ResourceId {
                group: split_api_version(&composite.api_version).0.to_owned(),
                kind: composite.kind,
                namespace: composite.namespace,
                name: composite.name.unwrap_or_else(drawn),
            },
            api_version: composite.api_version,
            parent: composite.parent,
            claim,
            resource_name: composite.resource_name,
            composition: composition.map(|composition| name_of(composition)),
            file: file.unwrap_or_default(),
            is_expanded: true,
            provenance: composite.provenance,
            composition_index: composite.composition,
            resource: composite.resource,
        }
    }
}

fn name_of(resource: &Value) -> String {
    resource.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn tied_managed(managed: engine::ManagedResource, composites: &[Composite]) -> ManagedResource {
    let text =
        |pointer: &str| managed.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let composite = composites.get(managed.composite);
    let api_version = text("/apiVersion");
    let name = Some(text("/metadata/name")).filter(|name| !name.is_empty());
    ManagedResource {
        id: ResourceId {
            group: split_api_version(&api_version).0.to_owned(),
            kind: text("/kind"),
            namespace: Some(text("/metadata/namespace")).filter(|namespace| !namespace.is_empty()),
            name: name.clone().unwrap_or_else(|| format!("({})", managed.resource_name)),
        },
        api_version,
        has_name: name.is_some(),
        composite: managed.composite,
        claim: composite.map_or(managed.composite, |composite| composite.claim),
        composition: composite.and_then(|composite| composite.composition.clone()).unwrap_or_default(),
        value: managed.value,
        resource_name: managed.resource_name,
        unknown: managed.unknown,
        comes_later: managed.comes_later,
        provenance: managed.provenance,
    }
}
