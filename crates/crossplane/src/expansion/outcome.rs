//! The end of a simulation as the list of what an environment's claims become.

use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::catalog::text;
use super::node::{Before, Composed, Node};
use super::simulation::{Root, Simulation};
use super::unknown::{Run, Trail, Unknowns, settle};
use super::{
    Composite, Expansion, Extent, ManagedResource, Outlook, Problem, ProblemKind, UnknownField, Waiting,
    World,
};
use crate::field_path::value_at;
use crate::pipeline::FailureKind;
use crate::provenance::Provenance;

/// Simulates, and once more with other unknowns where there are any.
pub(super) fn expand(world: World<'_>, extent: Extent) -> Expansion {
    let roots = world.catalog.roots().into_par_iter().enumerate();
    let alone: Option<Vec<Expansion>> =
        roots.map(|(number, resource)| expand_alone(world, number, resource, extent)).collect();
    let mut all = Expansion::default();
    for expansion in alone.unwrap_or_else(|| expand_together(world, extent)) {
        append(&mut all, expansion);
    }
    all.problems.sort();
    all.problems.dedup();
    all
}

/// What one claim becomes by itself; `None` where it may depend on others.
fn expand_alone(world: World<'_>, number: usize, resource: usize, extent: Extent) -> Option<Expansion> {
    let run =
        |letter, before| Root::run_alone(world, resource, Unknowns::new(letter, number), extent, before);
    let mut first = run('a', Before::default())?;
    let needs_second = extent == Extent::Settled && !first.unknowns.is_empty();
    let second = if needs_second { Some(run('b', first.take_before(world))?) } else { None };
    Some(collect(world, first, second))
}

/// What claims become that see each other.
fn expand_together(world: World<'_>, extent: Extent) -> Vec<Expansion> {
    let first = Simulation::run(world, 'a', extent);
    let needs_second = extent == Extent::Settled && !first.is_known();
    let second = needs_second.then(|| Simulation::run(world, 'b', extent));
    let of_second = second.into_iter().flat_map(|second| second.roots).map(Some);
    let of_second = of_second.chain(std::iter::repeat_with(|| None));
    let roots: Vec<(Root, Option<Root>)> = first.roots.into_iter().zip(of_second).collect();
    roots.into_par_iter().map(|(first, second)| collect(world, first, second)).collect()
}

fn collect(world: World<'_>, mut first: Root, mut second: Option<Root>) -> Expansion {
    // What is only held by the tree itself is taken out of it instead of being copied.
    first.node.forget_course();
    let mut other = None;
    if let Some(second) = &mut second {
        second.node.forget_course();
        other = Some(std::mem::take(&mut second.node));
    }
    let mut collector = Collector {
        world,
        first: &first.unknowns,
        second: second.as_ref().map(|second| &second.unknowns),
        expansion: Expansion::default(),
    };
    collector.add(first.node, other, None, None);
    collector.expansion.problems.extend(first.problems);
    collector.expansion
}

/// Puts what one claim becomes behind what others become.
fn append(all: &mut Expansion, expansion: Expansion) {
    let before = all.composites.len();
    let Expansion { composites, managed, nested, waiting, problems } = expansion;
    all.composites.extend(composites.into_iter().map(|composite| {
        let parent = composite.parent.map(|parent| parent + before);
        Composite { parent, ..composite }
    }));
    let moved =
        |managed: ManagedResource| ManagedResource { composite: managed.composite + before, ..managed };
    all.managed.extend(managed.into_iter().map(moved));
    all.nested.extend(nested.into_iter().map(moved));
    all.waiting.extend(
        waiting.into_iter().map(|waiting| Waiting { composite: waiting.composite + before, ..waiting }),
    );
    all.problems.extend(problems);
}

/// What one claim becomes.
struct Collector<'s> {
    world: World<'s>,
    first: &'s Unknowns,
    second: Option<&'s Unknowns>,
    expansion: Expansion,
}

impl Collector<'_> {
    fn add(
        &mut self,
        mut node: Node,
        other: Option<Node>,
        parent: Option<usize>,
        made: Option<(&str, &Arc<Provenance>)>,
    ) {
        let mut parent = parent;
        let mut made = made;
        if let Some(claim) = &node.claim {
            parent = Some(self.add_composite(&node, claim, parent, made.take()));
            if let Some(composite) = parent.and_then(|index| self.expansion.composites.get_mut(index)) {
                composite.composition = None;
            }
        }
        let place = self.add_composite(&node, &node.composite, parent, made);
        let mut other = other.unwrap_or_default();
        let mut all_composed = std::mem::take(&mut node.composed);
        for (name, composed) in &mut all_composed {
            let other = other.composed.remove(name).map(|other| other.value);
            let managed = self.managed(&node, name, composed, other, place);
            if node.nested.contains_key(name) {
                self.expansion.nested.push(managed);
                continue;
            }
            if managed.comes_later {
                let sources = self.sources_of(&node, name, &managed.unknown);
                let resource_name = Some(name.clone());
                self.expansion.waiting.push(Waiting {
                    composite: place,
                    resource_name,
                    sources,
                    outlook: Outlook::Later,
                });
            }
            self.expansion.managed.push(managed);
        }
        node.composed = all_composed;
        self.add_missing(&node, place);
        for (name, child) in std::mem::take(&mut node.nested) {
            let provenance = node.composed.get(&name).map(|composed| (name.as_str(), &composed.provenance));
            self.add(child, other.nested.remove(&name), Some(place), provenance);
        }
    }

    fn add_composite(
        &mut self,
        node: &Node,
        value: &Value,
        parent: Option<usize>,
        made: Option<(&str, &Arc<Provenance>)>,
    ) -> usize {
        let name = text(value, "/metadata/name");
        let is_drawn = Unknowns::are_in(name) && !text(value, "/metadata/generateName").is_empty();
        let of = |pointer: &str| self.first.shown(text(value, pointer)).0;
        let composition = node.composition.and_then(|index| self.world.catalog.compositions.get(index));
        let composite = Composite {
            resource: node.resource,
            parent,
            resource_name: made.map(|(name, _)| name.to_owned()),
            api_version: of("/apiVersion"),
            kind: of("/kind"),
            namespace: Some(of("/metadata/namespace")).filter(|namespace| !namespace.is_empty()),
            name: (!is_drawn).then(|| of("/metadata/name")),
            composition: composition.map(|composition| composition.index),
            provenance: made.map(|(_, provenance)| Arc::clone(provenance)),
        };
        self.expansion.composites.push(composite);
        self.expansion.composites.len() - 1
    }

    fn managed(
        &self,
        node: &Node,
        name: &str,
        composed: &mut Composed,
        other: Option<Arc<Value>>,
        place: usize,
    ) -> ManagedResource {
        let mut unknown = Vec::new();
        let value = std::mem::take(&mut composed.value);
        // Without a second run a value is compared with itself, which shows its unknowns.
        let (other, second) = match (self.second, other) {
            (Some(second), Some(other)) => (Some(other), second),
            _ => (None, self.first),
        };
        let value = match other {
            // What both runs made in one holds the unknowns of neither.
            Some(other) if Arc::ptr_eq(&value, &other) => {
                drop(other);
                let mut value = value;
                keep_one_name(&mut value);
                value
            }
            other => {
                let other = other.as_ref().unwrap_or(&value);
                Arc::new(settle_resource(
                    Run { value: &value, unknowns: self.first },
                    Run { value: other, unknowns: second },
                    &mut unknown,
                ))
            }
        };
        ManagedResource {
            value,
            composite: place,
            resource_name: name.to_owned(),
            provenance: Arc::clone(&composed.provenance),
            unknown,
            comes_later: node.at_first.as_ref().is_some_and(|names| !names.contains(name)),
        }
    }

    /// What a resource waits for that is not made at first: what its patch requires, else what it shows.
    fn sources_of(&self, node: &Node, name: &str, unknown: &[UnknownField]) -> Vec<String> {
        let held = node.held_back_at_first.iter().find(|held| held.resource == name);
        let mut sources: Vec<String> = match held {
            Some(held) => held
                .reads
                .iter()
                .filter_map(|path| value_at(&node.status, path.strip_prefix("status.")?).ok())
                .flat_map(|value| self.first.labels_in(value))
                .collect(),
            None => unknown.iter().flat_map(|field| field.sources.iter().cloned()).collect(),
        };
        sources.sort();
        sources.dedup();
        sources
    }

    /// What is not made although everything else is there.
    fn add_missing(&mut self, node: &Node, place: usize) {
        let composition = node.composition.and_then(|index| self.world.catalog.compositions.get(index));
        let at = |pointer: &str| composition.map(|composition| (composition.index, pointer.to_owned()));
        for held in &node.held_back {
            let is_status = |path: &&String| path.as_str() == "status" || path.starts_with("status.");
            let missing: Vec<&String> =
                held.reads.iter().filter(|path| value_at(&node.composite, path).is_err()).collect();
            let kind = text(&node.composite, "/kind");
            let required = missing.iter().find(|path| !is_status(path));
            if let Some(path) = required {
                self.expansion.problems.push(Problem {
                    kind: ProblemKind::NeverMade,
                    message: format!(
                        "`{}` is never made: its Composition requires `{path}` of the {kind}",
                        held.resource
                    ),
                    resource: node.resource,
                    field: None,
                    composition: at(&held.pointer),
                });
            }
            let label = super::reconciler::label_of(&node.composite, "");
            let (label, _) = self.first.shown(&label);
            let sources = missing.iter().map(|path| format!("{label} {path}")).collect();
            let resource_name = Some(held.resource.clone());
            self.expansion.waiting.push(Waiting {
                composite: place,
                resource_name,
                sources,
                outlook: if required.is_some() { Outlook::Never } else { Outlook::Open },
            });
        }
        let Some(failure) = &node.failure else { return };
        let (message, sources) = self.first.shown(&failure.message);
        let (kind, pointer) = match failure.kind {
            FailureKind::UnknownFunction(step) => {
                (ProblemKind::UnknownFunction, format!("/spec/pipeline/{step}/functionRef/name"))
            }
            FailureKind::Step => (ProblemKind::Pipeline, "/spec/pipeline".to_owned()),
        };
        if node.composed.is_empty() || sources.is_empty() {
            self.expansion.problems.push(Problem {
                kind,
                message,
                resource: node.resource,
                field: None,
                composition: at(&pointer),
            });
        } else {
            self.expansion.waiting.push(Waiting {
                composite: place,
                resource_name: None,
                sources,
                outlook: Outlook::Open,
            });
        }
    }
}

/// Takes the prefix of a name that is not drawn.
fn keep_one_name(resource: &mut Arc<Value>) {
    let metadata = resource.get("metadata");
    let has_both = metadata.is_some_and(|metadata| {
        metadata.get("name").is_some_and(Value::is_string) && metadata.get("generateName").is_some()
    });
    if has_both
        && let Some(metadata) = Arc::make_mut(resource).get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.remove("generateName");
    }
}

/// A composed resource out of the two of both runs, without a name that is drawn.
fn settle_resource(first: Run<'_>, second: Run<'_>, unknown: &mut Vec<UnknownField>) -> Value {
    let mut settled = settle(first, second, &Trail::Root, unknown);
    let Some(metadata) = settled.get_mut("metadata").and_then(Value::as_object_mut) else { return settled };
    let mut gone = Vec::new();
    let drawn = first.value.pointer("/metadata/name").and_then(Value::as_str);
    if drawn.is_some_and(Unknowns::are_in) && metadata.contains_key("generateName") {
        gone.push("name");
    } else if drawn.is_some() {
        gone.push("generateName");
    }
    for field in &gone {
        metadata.remove(*field);
    }
    unknown.retain(|found| {
        let rest = found.path.strip_prefix("metadata.").unwrap_or_default();
        !gone.iter().any(|field| {
            rest.strip_prefix(field).is_some_and(|below| below.is_empty() || below.starts_with(['.', '[']))
        })
    });
    settled
}
