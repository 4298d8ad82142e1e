//! Reconciles one claim or composite resource of the environment, and the composites in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::catalog::{Catalog, Composition, Role, text};
use super::node::{Composed, Node, RanOn, is_same};
use super::selection::{pinned_revision, select};
use super::unknown::Unknowns;
use super::{Problem, ProblemKind, World, claim};
use crate::definitions::GroupVersionKind;
use crate::field_path::{set_value, value_at};
use crate::pipeline::{self, Failure, Inputs, Machinery, Owner, crossing};
use crate::required_resources::RequiredResources;
use crate::xrd::XrdScope;

/// Composites are nested a few levels deep; what is deeper than this has no end.
const DEEPEST: usize = 16;

/// A claim of this many composites has no end either.
const MOST_COMPOSITES: usize = 1000;

/// Reconciles once.
pub(super) struct Reconciler<'a> {
    catalog: &'a Catalog<'a>,
    world: World<'a>,
    unknowns: &'a mut Unknowns,
    problems: &'a mut BTreeSet<Problem>,
    composites: usize,
}

impl<'a> Reconciler<'a> {
    pub(super) fn new(
        world: World<'a>,
        unknowns: &'a mut Unknowns,
        problems: &'a mut BTreeSet<Problem>,
    ) -> Reconciler<'a> {
        Reconciler { catalog: world.catalog, world, unknowns, problems, composites: 0 }
    }

    /// Takes the resource as it now is: its defaults, its identity and its Composition.
    pub(super) fn set_composite(&mut self, node: &mut Node, mut resource: Value) {
        let Some(definition) = self.catalog.definition_of(&resource) else { return };
        let version = GroupVersionKind::of(&resource).version;
        if !definition.serves(&version) {
            let message =
                format!("`{}` does not serve version `{version}`", text(definition.xrd, "/metadata/name"));
            let field = Some("apiVersion".to_owned());
            self.tell(node, ProblemKind::UnknownVersion, message, field, None);
            node.composite = Arc::new(resource);
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
        node.composite = Arc::new(composite);
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
    pub(super) fn reconcile(&mut self, node: &mut Node, required: &RequiredResources) -> bool {
        let Some(composition) = self.composition(node) else { return false };
        if let Some(memory) = node.before.memory.take() {
            node.memory = memory;
        }
        self.composites += 1;
        let observed = if node.at_first.is_some() {
            self.observe(node, composition)
        } else {
            let live = self.world.live.same(&node.composite);
            node.status = Arc::new(live.and_then(|live| live.get("status")).cloned().unwrap_or_default());
            let composed = self.world.live.composed_of(&node.composite);
            composed.into_values().map(|live| crossing(live.clone())).collect()
        };
        let crossed = node.crossed();
        let observes_the_same = node.ran_on.as_ref().is_some_and(|before| {
            before.observed.len() == observed.len()
                && before.observed.iter().zip(&observed).all(|(before, now)| is_same(before, now))
        });
        let is_settled = node.ran_on.as_ref().is_some_and(|before| {
            observes_the_same
                && (composition.is_static || (Arc::ptr_eq(&before.composite, &crossed) && !before.asked))
        });
        let mut has_changed = false;
        if !is_settled {
            let required = required.watched();
            let inputs = Inputs {
                composite: crossed,
                machinery: node.machinery,
                owner: Owner::LeftOut,
                pipeline: Arc::clone(&composition.pipeline),
                observed,
                required,
                outputs: Arc::clone(&self.world.supplied.outputs),
                ..Inputs::default()
            };
            let outcome = pipeline::run_again(&inputs, &mut node.memory);
            has_changed = self.take(node, outcome) | !observes_the_same;
            let Inputs { composite, observed, required, .. } = inputs;
            node.ran_on = Some(RanOn { composite, observed, asked: required.was_asked() });
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
        let mut has_changed = node.failure.take().is_some();
        let mut composed = BTreeMap::new();
        for (name, value) in outputs.composed {
            let provenance = outputs.provenance.remove(&name).unwrap_or_default();
            let mut resource = Composed { value, provenance, observed: None };
            if let Some(before) = node.composed.remove(&name) {
                resource = if resource.is_as(&before) {
                    before
                } else {
                    has_changed = true;
                    resource
                };
            } else {
                has_changed = true;
            }
            composed.insert(name, resource);
        }
        // What is left is not composed any more.
        has_changed |= !node.composed.is_empty();
        node.composed = composed;
        if node.at_first.is_none() {
            node.at_first = Some(node.composed.keys().cloned().collect());
            node.held_back_at_first.clone_from(&outputs.held_back);
        }
        let status = outputs.composite.get_mut("status").map(Value::take).unwrap_or_default();
        if status != *node.status {
            has_changed = true;
            node.status = Arc::new(status);
        }
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
            let mut child = match nested.remove(name) {
                Some(child) => child,
                None => Node {
                    resource: node.resource,
                    lineage: self.lineage(node),
                    before: node.before.nested.remove(name).unwrap_or_default(),
                    ..Node::default()
                },
            };
            if !child.made_as.as_ref().is_some_and(|before| Arc::ptr_eq(before, &composed.value)) {
                let resource = self.existing(&composed.value, name);
                self.set_composite(&mut child, resource);
                child.made_as = Some(Arc::clone(&composed.value));
            }
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
        resource
    }

    /// What was composed, as it is once it is there and ready. What is there already keeps what it says of itself.
    fn observe(&mut self, node: &mut Node, composition: &Composition<'_>) -> Vec<Arc<Value>> {
        let mut observed = Vec::with_capacity(node.composed.len());
        let live = self.world.live.composed_of(&node.composite);
        for (name, composed) in &mut node.composed {
            let nested = node.nested.get(name).map(|nested| Arc::clone(&nested.status));
            if let Some((before, resource)) = &composed.observed
                && match (before, &nested) {
                    (Some(before), Some(now)) => Arc::ptr_eq(before, now),
                    (before, now) => before.is_none() && now.is_none(),
                }
            {
                observed.push(Arc::clone(resource));
                continue;
            }
            if let Some((value, resource)) = node.before.observed.get(name)
                && nested.is_none()
                && Arc::ptr_eq(value, &composed.value)
            {
                composed.observed = Some((None, Arc::clone(resource)));
                observed.push(Arc::clone(resource));
                continue;
            }
            let paths = composition.observed_paths.get(name).map(Vec::as_slice).unwrap_or_default();
            let resource = self.existing(&composed.value, name);
            let resource = self.ready(resource, live.get(name.as_str()).copied(), nested.as_deref());
            let resource = crossing(self.with_unknowns(resource, &composed.value, name, paths));
            composed.observed = Some((nested, Arc::clone(&resource)));
            observed.push(resource);
        }
        observed
    }

    /// A resource that exists as it is once it is ready.
    fn ready(&self, mut resource: Value, live: Option<&Value>, nested: Option<&Value>) -> Value {
        if let Some(live) = live {
            let mut alive = live.clone();
            overlay(&mut alive, &resource);
            resource = alive;
        }
        if let Some(status) = nested {
            resource["status"] = status.clone();
        }
        if !resource["status"].is_object() {
            resource["status"] = json!({});
        }
        resource["status"]["conditions"] =
            json!([{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "True"}]);
        resource
    }

    /// A resource with unknowns at the paths that its Composition reads and that are not there.
    fn with_unknowns(
        &mut self,
        mut resource: Value,
        composed: &Value,
        name: &str,
        paths: &[String],
    ) -> Value {
        let label = label_of(composed, name);
        for path in paths {
            if value_at(&resource, path).is_err() {
                let word = self.unknowns.word(&format!("{label} {path}"));
                // A path that does not fit is the pipeline's to tell.
                let _ = set_value(&mut resource, path, word.into());
            }
        }
        resource
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
