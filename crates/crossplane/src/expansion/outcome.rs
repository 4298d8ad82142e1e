//! The end of a simulation as the list of what an environment's claims become.

use serde_json::Value;

use super::catalog::text;
use super::simulation::{Composed, Node, Simulation};
use super::unknown::{Unknowns, settle};
use super::{
    Composite, Expansion, Extent, ManagedResource, Outlook, Problem, ProblemKind, UnknownField, Waiting,
    World,
};
use crate::field_path::value_at;
use crate::pipeline::FailureKind;
use crate::provenance::Provenance;

/// Simulates, and once more with other unknowns where there are any.
pub(super) fn expand(world: World<'_>, extent: Extent) -> Expansion {
    let first = Simulation::run(world, 'a', extent);
    let needs_second = extent == Extent::Settled && !first.unknowns.is_empty();
    let second = needs_second.then(|| Simulation::run(world, 'b', extent));
    let mut collector = Collector { first: &first, second: second.as_ref(), expansion: Expansion::default() };
    for (index, root) in first.roots.iter().enumerate() {
        let other = second.as_ref().and_then(|second| second.roots.get(index));
        collector.add(root, other, None, None);
    }
    let mut expansion = collector.expansion;
    expansion.problems.extend(first.problems);
    expansion.problems.sort();
    expansion.problems.dedup();
    expansion
}

struct Collector<'s> {
    first: &'s Simulation<'s>,
    second: Option<&'s Simulation<'s>>,
    expansion: Expansion,
}

impl Collector<'_> {
    fn add(
        &mut self,
        node: &Node,
        other: Option<&Node>,
        parent: Option<usize>,
        made: Option<(&str, &Provenance)>,
    ) {
        let mut parent = parent;
        let mut made = made;
        if let Some(claim) = &node.claim {
            parent = Some(self.add_composite(node, claim, parent, made.take()));
            if let Some(composite) = parent.and_then(|index| self.expansion.composites.get_mut(index)) {
                composite.composition = None;
            }
        }
        let place = self.add_composite(node, &node.composite, parent, made);
        for (name, composed) in &node.composed {
            if node.nested.contains_key(name) {
                continue;
            }
            let other = other.and_then(|other| other.composed.get(name));
            let managed = self.managed(node, name, composed, other, place);
            if managed.comes_later {
                let sources = self.sources_of(node, name, &managed.unknown);
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
        self.add_missing(node, place);
        for (name, child) in &node.nested {
            let provenance = node.composed.get(name).map(|composed| (name.as_str(), &composed.provenance));
            let other = other.and_then(|other| other.nested.get(name));
            self.add(child, other, Some(place), provenance);
        }
    }

    fn add_composite(
        &mut self,
        node: &Node,
        value: &Value,
        parent: Option<usize>,
        made: Option<(&str, &Provenance)>,
    ) -> usize {
        let name = text(value, "/metadata/name");
        let is_drawn = Unknowns::are_in(name) && !text(value, "/metadata/generateName").is_empty();
        let of = |pointer: &str| self.first.unknowns.shown(text(value, pointer)).0;
        let composition = node.composition.and_then(|index| self.first.catalog.compositions.get(index));
        let composite = Composite {
            resource: node.resource,
            parent,
            resource_name: made.map(|(name, _)| name.to_owned()),
            api_version: of("/apiVersion"),
            kind: of("/kind"),
            namespace: Some(of("/metadata/namespace")).filter(|namespace| !namespace.is_empty()),
            name: (!is_drawn).then(|| of("/metadata/name")),
            composition: composition.map(|composition| composition.index),
            provenance: made.map(|(_, provenance)| provenance.clone()),
        };
        self.expansion.composites.push(composite);
        self.expansion.composites.len() - 1
    }

    fn managed(
        &self,
        node: &Node,
        name: &str,
        composed: &Composed,
        other: Option<&Composed>,
        place: usize,
    ) -> ManagedResource {
        let mut unknown = Vec::new();
        let clean = |composed: &Composed| {
            let mut value = composed.value.clone();
            if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove("ownerReferences");
                let drawn = metadata.get("name").and_then(Value::as_str);
                if drawn.is_some_and(Unknowns::are_in) && metadata.contains_key("generateName") {
                    metadata.remove("name");
                } else if drawn.is_some() {
                    metadata.remove("generateName");
                }
            }
            value
        };
        let value = match (self.second, other) {
            (Some(second), Some(other)) => settle(
                (&clean(composed), &self.first.unknowns),
                (&clean(other), &second.unknowns),
                "",
                &mut unknown,
            ),
            _ if self.first.unknowns.is_empty() => clean(composed),
            _ => {
                let value = clean(composed);
                let of_first = (&value, &self.first.unknowns);
                settle(of_first, of_first, "", &mut unknown)
            }
        };
        ManagedResource {
            value,
            composite: place,
            resource_name: name.to_owned(),
            provenance: composed.provenance.clone(),
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
                .flat_map(|value| self.first.unknowns.labels_in(value))
                .collect(),
            None => unknown.iter().flat_map(|field| field.sources.iter().cloned()).collect(),
        };
        sources.sort();
        sources.dedup();
        sources
    }

    /// What is not made although everything else is there.
    fn add_missing(&mut self, node: &Node, place: usize) {
        let composition = node.composition.and_then(|index| self.first.catalog.compositions.get(index));
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
            let label = super::simulation::label_of(&node.composite, "");
            let (label, _) = self.first.unknowns.shown(&label);
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
        let (message, sources) = self.first.unknowns.shown(&failure.message);
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
