//! Reconciles composite resources until nothing changes any more, in a world that answers with unknowns.
//!
//! In the first round nothing exists, as when a claim is created. In each later round what was composed is there and ready, and
//! the parts of its status that the Composition reads are unknowns. Claims see each other as they were at the end of the round
//! before, so their order does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::catalog::{Catalog, Composition, Role, text};
use super::selection::{pinned_revision, select};
use super::unknown::Unknowns;
use super::{Extent, Problem, ProblemKind, World, claim};
use crate::definitions::GroupVersionKind;
use crate::field_path::{set_value, value_at};
use crate::pipeline::{self, Failure, Inputs, Machinery};
use crate::pipeline_state::HeldBack;
use crate::provenance::Provenance;
use crate::required_resources::RequiredResources;
use crate::xrd::XrdScope;

/// A chain of resources that wait for each other's status settles in as many rounds as it is long.
const MOST_ROUNDS: usize = 12;

/// Composites are nested a few levels deep; what is deeper than this has no end.
const DEEPEST: usize = 16;

/// A claim of this many composites has no end either.
const MOST_COMPOSITES: usize = 1000;

/// A composite resource with what it became.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The resource of the environment that it comes from.
    pub(super) resource: usize,
    pub(super) claim: Option<Value>,
    pub(super) composite: Value,
    pub(super) status: Value,
    /// A place among the catalog's Compositions.
    pub(super) composition: Option<usize>,
    pub(super) composed: BTreeMap<String, Composed>,
    pub(super) nested: BTreeMap<String, Node>,
    pub(super) held_back: Vec<HeldBack>,
    /// What held resources back when the composite was new.
    pub(super) held_back_at_first: Vec<HeldBack>,
    /// The names of what was composed when the composite was new.
    pub(super) at_first: Option<BTreeSet<String>>,
    pub(super) failure: Option<Failure>,
    machinery: Machinery,
    observed: Vec<Value>,
    /// Compositions of the composites around it, each with the spec that it was composed of.
    lineage: Vec<(usize, Value)>,
}

/// A composed resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Composed {
    pub(super) value: Value,
    pub(super) provenance: Provenance,
}

/// All composites of an environment, and what is unknown in them.
pub(super) struct Simulation<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    world: World<'a>,
    pub(super) unknowns: Unknowns,
    pub(super) roots: Vec<Node>,
    pub(super) problems: BTreeSet<Problem>,
    composites: usize,
}

impl<'a> Simulation<'a> {
    /// Runs to the end. The letter tells the unknowns of one simulation from those of another.
    pub(super) fn run(world: World<'a>, letter: char, extent: Extent) -> Simulation<'a> {
        let catalog = world.catalog;
        let unknowns = Unknowns::new(letter);
        let (roots, problems) = (Vec::new(), BTreeSet::new());
        let mut simulation = Simulation { catalog, world, unknowns, roots, problems, composites: 0 };
        let mut roots: Vec<Node> = catalog
            .resources
            .iter()
            .enumerate()
            .filter(|(_, resource)| catalog.definition_of(resource).is_some())
            .map(|(index, resource)| simulation.node((*resource).clone(), index, Vec::new()))
            .collect();
        let askable = catalog.askable();
        for _ in 0..MOST_ROUNDS {
            let required = simulation.required(&askable, &roots);
            let mut has_changed = false;
            for root in &mut roots {
                simulation.composites = 0;
                has_changed |= simulation.reconcile(root, &required);
            }
            if extent == Extent::First || catalog.is_static() || !has_changed {
                break;
            }
        }
        simulation.roots = roots;
        simulation
    }

    /// A composite resource that is new.
    fn node(&mut self, resource: Value, index: usize, lineage: Vec<(usize, Value)>) -> Node {
        let mut node = Node { resource: index, lineage, ..Node::default() };
        self.set_composite(&mut node, resource);
        node
    }

    /// Takes the resource as it now is: its defaults, its identity and its Composition.
    fn set_composite(&mut self, node: &mut Node, mut resource: Value) {
        let Some(definition) = self.catalog.definition_of(&resource) else { return };
        let version = GroupVersionKind::of(&resource).version;
        if !definition.serves(&version) {
            let message =
                format!("`{}` does not serve version `{version}`", text(definition.xrd, "/metadata/name"));
            let field = Some("apiVersion".to_owned());
            self.tell(node, ProblemKind::UnknownVersion, message, field, None);
            node.composite = resource;
            return;
        }
        self.catalog.fill_defaults(&mut resource);
        let mut composite = if definition.role == Role::Claim {
            let label = format!(
                "name of the {} of {}",
                text(definition.xrd, "/spec/names/kind"),
                label_of(&resource, "")
            );
            let known = self.world.live.same(&resource).map(|live| text(live, "/spec/resourceRef/name"));
            if text(&resource, "/spec/resourceRef/name").is_empty()
                && let Some(name) = known.filter(|name| !name.is_empty())
            {
                // Where the spec is no object its definition refuses it.
                let _ = set_value(&mut resource, "spec.resourceRef.name", name.into());
            }
            let drawn = if text(&resource, "/spec/resourceRef/name").is_empty() {
                self.unknowns.word(&label)
            } else {
                String::new()
            };
            let composite = claim::composite_of(&resource, definition, &drawn);
            node.claim = Some(resource);
            composite
        } else {
            resource
        };
        if let Some(version) = definition.referenceable_version() {
            composite["apiVersion"] = format!("{}/{version}", text(definition.xrd, "/spec/group")).into();
        }
        self.catalog.fill_defaults(&mut composite);
        node.machinery = match definition.scope {
            XrdScope::LegacyCluster => Machinery::Legacy,
            _ => Machinery::Modern,
        };
        if let Some(revision) = pinned_revision(definition, &composite) {
            let message = format!("the revision `{revision}` of its Composition is only in the cluster");
            self.tell(node, ProblemKind::PinnedRevision, message, None, None);
        }
        match select(self.catalog, definition, &composite) {
            Ok(selected) => node.composition = Some(selected),
            Err(problem) => {
                node.composition = None;
                self.tell(node, problem.kind, problem.message, problem.field, None);
            }
        }
        let name = text(&composite, "/metadata/name").to_owned();
        if let Some(composition) = self.composition(node) {
            let reference = json!({"name": text(composition.value, "/metadata/name")});
            let path = if node.machinery == Machinery::Legacy {
                "spec.compositionRef"
            } else {
                "spec.crossplane.compositionRef"
            };
            // Where the spec is no object the pipeline tells so.
            let _ = set_value(&mut composite, path, reference);
            if !composition.is_static {
                let live =
                    self.world.live.same(&composite).map(|live| text(live, "/metadata/uid").to_owned());
                let uid = live.filter(|uid| !uid.is_empty()).unwrap_or_else(|| {
                    self.unknowns.word(&format!("{} metadata.uid", label_of(&composite, "")))
                });
                composite["metadata"]["uid"] = uid.into();
            }
        }
        if text(&composite, "/metadata/labels/crossplane.io~1composite").is_empty()
            && composite["metadata"].is_object()
            && (composite["metadata"]["labels"].is_object() || composite["metadata"]["labels"].is_null())
        {
            composite["metadata"]["labels"]["crossplane.io/composite"] = name.into();
        }
        node.composite = composite;
    }

    fn composition(&self, node: &Node) -> Option<&'a Composition<'a>> {
        self.catalog.compositions.get(node.composition?)
    }

    fn tell(
        &mut self,
        node: &Node,
        kind: ProblemKind,
        message: String,
        field: Option<String>,
        composition: Option<(usize, String)>,
    ) {
        // A field of a nested composite is none of the claim's.
        let field = field.filter(|_| node.lineage.is_empty());
        self.problems.insert(Problem { kind, message, resource: node.resource, field, composition });
    }

    /// One reconciliation of a composite and of those in it; whether anything came of it that was not there before.
    fn reconcile(&mut self, node: &mut Node, required: &RequiredResources) -> bool {
        let Some(composition) = self.composition(node) else { return false };
        self.composites += 1;
        let observed = if node.at_first.is_some() {
            self.observe(node, composition)
        } else {
            let live = self.world.live.same(&node.composite);
            node.status = live.and_then(|live| live.get("status")).cloned().unwrap_or_default();
            self.world.live.composed_of(&node.composite).into_values().cloned().collect()
        };
        let is_settled = node.at_first.is_some() && composition.is_static && observed == node.observed;
        let mut has_changed = false;
        if !is_settled {
            let mut composite = node.composite.clone();
            if !node.status.is_null() {
                composite["status"] = node.status.clone();
            }
            let inputs = Inputs {
                composite,
                machinery: node.machinery,
                composition: Arc::clone(&composition.shared),
                functions: Arc::clone(&self.catalog.functions),
                observed: observed.clone(),
                required: required.clone(),
                outputs: Arc::clone(&self.world.supplied.outputs),
                ..Inputs::default()
            };
            has_changed = self.take(node, pipeline::run(&inputs));
            has_changed |= node.observed != observed;
            node.observed = observed;
        }
        has_changed | self.reconcile_nested(node, required)
    }

    /// Takes what a pipeline gave; whether it is something else than before.
    fn take(&mut self, node: &mut Node, outcome: Result<pipeline::Outputs, Failure>) -> bool {
        let mut outputs = match outcome {
            Ok(outputs) => outputs,
            Err(failure) => {
                let is_new = node.failure.as_ref() != Some(&failure);
                node.failure = Some(failure);
                node.at_first.get_or_insert_default();
                return is_new;
            }
        };
        let had_failed = node.failure.take().is_some();
        let mut composed = BTreeMap::new();
        for value in outputs.composed {
            let name =
                text(&value, "/metadata/annotations/crossplane.io~1composition-resource-name").to_owned();
            let provenance = outputs.provenance.remove(&name).unwrap_or_default();
            composed.insert(name, Composed { value, provenance });
        }
        if node.at_first.is_none() {
            node.at_first = Some(composed.keys().cloned().collect());
            node.held_back_at_first.clone_from(&outputs.held_back);
        }
        let status = outputs.composite.get("status").cloned().unwrap_or_default();
        let has_changed = had_failed || composed != node.composed || status != node.status;
        node.composed = composed;
        node.status = status;
        node.held_back = outputs.held_back;
        has_changed
    }

    /// The composites among what a composite composed.
    fn reconcile_nested(&mut self, node: &mut Node, required: &RequiredResources) -> bool {
        let mut has_changed = false;
        let mut nested = std::mem::take(&mut node.nested);
        nested.retain(|name, _| node.composed.contains_key(name));
        for (name, composed) in &node.composed {
            if self.catalog.definition_of(&composed.value).is_none() {
                continue;
            }
            let resource = self.existing(&composed.value, name);
            let mut child = match nested.remove(name) {
                Some(child) => child,
                None => Node { resource: node.resource, lineage: self.lineage(node), ..Node::default() },
            };
            self.set_composite(&mut child, resource);
            if self.is_endless(node, &child) {
                continue;
            }
            has_changed |= self.reconcile(&mut child, required);
            node.nested.insert(name.clone(), child);
        }
        has_changed
    }

    fn lineage(&self, node: &Node) -> Vec<(usize, Value)> {
        let mut lineage = node.lineage.clone();
        lineage.extend(node.composition.map(|composition| (composition, spec_of(&node.composite))));
        lineage
    }

    /// Whether a nested composite is one of those around it again, or there are too many to be meant.
    fn is_endless(&mut self, node: &Node, child: &Node) -> bool {
        let Some(composition) = child.composition else { return false };
        let spec = spec_of(&child.composite);
        let is_again = child.lineage.iter().any(|(other, of)| *other == composition && *of == spec);
        if !is_again && child.lineage.len() <= DEEPEST && self.composites < MOST_COMPOSITES {
            return false;
        }
        let kind = text(&child.composite, "/kind");
        let message = if is_again {
            format!("`{kind}` composes itself without end")
        } else {
            format!("`{kind}` composes more than {DEEPEST} levels or {MOST_COMPOSITES} composites")
        };
        let place =
            self.composition(node).map(|composition| (composition.index, "/spec/pipeline".to_owned()));
        self.tell(node, ProblemKind::Cycle, message, None, place);
        true
    }

    /// A composed resource as it is once it exists: with a name.
    fn existing(&mut self, value: &Value, name: &str) -> Value {
        let mut resource = value.clone();
        if text(&resource, "/metadata/name").is_empty() && resource["metadata"].is_object() {
            let drawn = self.unknowns.word(&format!("{} metadata.name", label_of(&resource, name)));
            let prefix = text(&resource, "/metadata/generateName");
            resource["metadata"]["name"] = format!("{prefix}{drawn}").into();
        }
        if let Some(metadata) = resource.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("ownerReferences");
        }
        resource
    }

    /// What was composed, as it is once it is there and ready. What is there already keeps what it says of itself.
    fn observe(&mut self, node: &Node, composition: &Composition<'_>) -> Vec<Value> {
        let mut observed = Vec::with_capacity(node.composed.len());
        let live = self.world.live.composed_of(&node.composite);
        for (name, composed) in &node.composed {
            let mut resource = self.existing(&composed.value, name);
            if let Some(live) = live.get(name.as_str()) {
                let mut alive = (*live).clone();
                overlay(&mut alive, &resource);
                resource = alive;
            }
            let label = label_of(&composed.value, name);
            if let Some(nested) = node.nested.get(name) {
                resource["status"] = nested.status.clone();
            }
            if !resource["status"].is_object() {
                resource["status"] = json!({});
            }
            resource["status"]["conditions"] =
                ["Ready", "Synced"].iter().map(|kind| json!({"type": kind, "status": "True"})).collect();
            for path in composition.observed_paths.get(name).into_iter().flatten() {
                if value_at(&resource, path).is_err() {
                    let word = self.unknowns.word(&format!("{label} {path}"));
                    // A path that does not fit is the pipeline's to tell.
                    let _ = set_value(&mut resource, path, word.into());
                }
            }
            observed.push(resource);
        }
        observed
    }

    /// What functions may ask for: resources of the environment, and composites with their status.
    fn required(&self, askable: &[usize], roots: &[Node]) -> RequiredResources {
        if self.catalog.is_static() {
            return RequiredResources::default();
        }
        let is_root: BTreeSet<usize> =
            roots.iter().filter(|root| root.claim.is_none()).map(|root| root.resource).collect();
        let mut resources: Vec<Value> = askable
            .iter()
            .filter(|index| !is_root.contains(*index))
            .filter_map(|index| self.catalog.resources.get(*index).map(|resource| (*resource).clone()))
            .collect();
        let mut nodes: Vec<&Node> = roots.iter().collect();
        while let Some(node) = nodes.pop() {
            let mut composite = node.composite.clone();
            if !node.status.is_null() {
                composite["status"] = node.status.clone();
            }
            resources.push(composite);
            nodes.extend(node.nested.values());
        }
        RequiredResources::new(resources)
    }
}

/// Puts what is desired over what is there, member by member; lists are replaced.
fn overlay(there: &mut Value, desired: &Value) {
    match (there, desired) {
        (Value::Object(there), Value::Object(desired)) => {
            for (key, value) in desired {
                overlay(there.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (there, desired) => *there = desired.clone(),
    }
}

/// What a composite is composed of: its spec without Crossplane's own part.
fn spec_of(composite: &Value) -> Value {
    let mut spec = composite.get("spec").cloned().unwrap_or_default();
    if let Some(fields) = spec.as_object_mut() {
        for own in ["crossplane", "compositionRef", "claimRef", "resourceRef"] {
            fields.remove(own);
        }
    }
    spec
}

/// `Kind name`, or the name of its template where Crossplane names the resource.
pub(super) fn label_of(resource: &Value, resource_name: &str) -> String {
    let name = match text(resource, "/metadata/name") {
        "" => resource_name,
        drawn if Unknowns::are_in(drawn) && !resource_name.is_empty() => resource_name,
        name => name,
    };
    format!("{} {name}", text(resource, "/kind"))
}
