//! Claims and composite resources of a whole environment into the resources that Crossplane composes of them.
//!
//! A function of values: the resources of an environment in, what they become out, each with the claim, the Composition and the
//! template that it comes from. Nested composite resources are expanded to any depth, a cycle is told.
//!
//! Crossplane reconciles again and again while the world answers; here the world is simulated. What it would say (an ARN, an
//! endpoint, a name that Crossplane draws) is an unknown text that is carried through the pipelines and shown in angle brackets
//! with its source, never a made-up value. A value that was calculated from an unknown is found by a second run with other
//! unknowns: what differs is unknown too. Follows crossplane v2.2.1 `internal/controller/apiextensions`.

mod catalog;
mod claim;
mod live;
mod node;
mod outcome;
mod reconciler;
mod selection;
mod simulation;
mod unknown;

use std::sync::Arc;

use serde_json::Value;

use crate::provenance::Provenance;
use crate::supplied_output::SuppliedOutput;
use catalog::Catalog;
use live::Live;

/// What is given for an expansion besides the resources of the environment.
#[derive(Debug, Clone, Default)]
pub struct Supplied {
    /// What functions answer; the first that fits a step counts.
    pub outputs: Arc<Vec<SuppliedOutput>>,
    /// Resources as they are in the cluster. What they say of themselves takes the place of unknowns.
    pub observed: Vec<Value>,
}

/// What an environment's claims and composite resources become.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expansion {
    /// Every claim and composite resource: those of the environment, and those that are composed, each after its parent.
    pub composites: Vec<Composite>,
    /// The resources that are composed and are no composites themselves, in the order of their composites.
    pub managed: Vec<ManagedResource>,
    /// The composites among what is composed, as Crossplane applies them, each after the one that composes it.
    pub nested: Vec<ManagedResource>,
    /// What is not made at once, or not at all, with what it waits for.
    pub waiting: Vec<Waiting>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// A claim or a composite resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// The resource of the environment that it is, or comes from: a place in the list that was expanded.
    pub resource: usize,
    /// The composite that composes it, or the claim that it belongs to.
    pub parent: Option<usize>,
    /// The name of its template in the parent's Composition.
    pub resource_name: Option<String>,
    /// Its API version.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name; `None` where Crossplane draws one.
    pub name: Option<String>,
    /// Its Composition: a place in the list that was expanded. A claim has none, its composite has.
    pub composition: Option<usize>,
    /// How it was composed; `None` where it stands in the environment.
    pub provenance: Option<Arc<Provenance>>,
}

/// A resource that Crossplane composes.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedResource {
    /// The resource as Crossplane applies it, but for its owner. A name that Crossplane draws is absent, `generateName` is its
    /// beginning; a text that is not known yet stands in angle brackets.
    pub value: Arc<Value>,
    /// The composite that it belongs to: a place in [`Expansion::composites`].
    pub composite: usize,
    /// The name of its template.
    pub resource_name: String,
    /// Where its values come from.
    pub provenance: Arc<Provenance>,
    /// The fields that are not known yet.
    pub unknown: Vec<UnknownField>,
    /// Whether it is made only after other resources are there.
    pub comes_later: bool,
}

/// A field whose value only the live systems can give.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownField {
    /// Its path in the resource, as Crossplane writes paths.
    pub path: String,
    /// Where its value will come from, such as `Cluster dev status.atProvider.arn`; empty where that cannot be told.
    pub sources: Vec<String>,
}

/// A resource that is not made at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The composite that it belongs to: a place in [`Expansion::composites`].
    pub composite: usize,
    /// The name of its template; `None` where all of the composite waits.
    pub resource_name: Option<String>,
    /// What it waits for; empty where that cannot be told.
    pub sources: Vec<String>,
    /// What becomes of it.
    pub outlook: Outlook,
}

/// What becomes of a resource that is not made at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It is made once what it waits for is there.
    Later,
    /// It waits for what nothing in the environment gives: whether it is made only the live systems say.
    Open,
    /// It is never made, since the claim does not say what its Composition requires.
    Never,
}

impl Outlook {
    /// Whether it is still not made when everything else is there.
    #[must_use]
    pub fn is_missing(self) -> bool {
        self != Outlook::Later
    }
}

/// What is wrong with a claim, a composite resource or what it needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The kind of problem.
    pub kind: ProblemKind,
    /// What is wrong, in one line.
    pub message: String,
    /// The resource of the environment that the claim is: a place in the list that was expanded.
    pub resource: usize,
    /// A field of that resource, as Crossplane writes paths.
    pub field: Option<String>,
    /// The Composition at fault with a pointer into it: a place in the list that was expanded.
    pub composition: Option<(usize, String)>,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The definition does not have the version.
    UnknownVersion,
    /// There is no Composition that fits.
    NoComposition,
    /// Several Compositions fit, and Crossplane takes any of them.
    SeveralCompositions,
    /// The composite keeps to a revision that only the cluster has.
    PinnedRevision,
    /// A step of the pipeline fails.
    Pipeline,
    /// A step asks a function that is not written here, and nobody supplies its answer.
    UnknownFunction,
    /// A composite composes itself.
    Cycle,
    /// A resource is never made, since the claim does not say what its Composition requires.
    NeverMade,
}

/// Expands everything that an XRD among the resources defines.
#[must_use]
pub fn expand(resources: &[&Value], supplied: &Supplied) -> Expansion {
    expand_to(resources, supplied, Extent::Settled)
}

/// Expands as far as Crossplane comes when it first sees the claims: what waits for the live systems is missing. A small part
/// of the work of [`expand`].
#[must_use]
pub fn expand_at_first(resources: &[&Value], supplied: &Supplied) -> Expansion {
    expand_to(resources, supplied, Extent::First)
}

fn expand_to(resources: &[&Value], supplied: &Supplied, extent: Extent) -> Expansion {
    let catalog = Catalog::new(resources);
    if !catalog.has_definitions() {
        return Expansion::default();
    }
    outcome::expand(World { catalog: &catalog, supplied, live: &Live::new(&supplied.observed) }, extent)
}

/// What simulations run on.
#[derive(Clone, Copy)]
struct World<'a> {
    catalog: &'a Catalog<'a>,
    supplied: &'a Supplied,
    live: &'a Live<'a>,
}

/// How far a simulation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// One reconciliation of each composite.
    First,
    /// Until nothing changes any more.
    Settled,
}
