//! Objects as they come in: compared with what Git declares and dropped, or kept as extra where everything belongs to Git.
//!
//! An object may come twice, since a list may be read anew: the last one counts. Of a Secret that Git does not declare
//! nothing but metadata is kept, whatever the answer held.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use plimsoll_drift::{
    Comparison, Desired as DesiredSide, Finding, Live, Neighbours, Rules, Schema, State, compare,
    is_somebodys, judge_extra,
};
use plimsoll_resource::ResourceId;
use plimsoll_yaml::{Dialect, Numbers};
use serde_json::Value;

use super::claims::{Claims, Place, owner_of, place_of};
use super::conditions::{self, Nature};
use super::definitions::Definitions;
use super::drawn::{Held, matched};
use super::plan::Job;
use super::recording::with_values;
use super::source::ClusterSource;
use super::{ClusterTask, RevisionMatch, own_rights};
use crate::check::composed::composite_kinds;
use crate::check::desired::DesiredResource;
use crate::check::outcome::{Identity, ResourceOutcome};
use crate::check::template::RESOURCE_NAME;
use crate::live::kube::{Content, Failure, ServedKind};
use crate::secrets;

/// As many extra objects are read whole; of more only metadata is told.
const EXTRAS_READ_WHOLE: usize = 100;

/// Judges objects, from many lists at once.
pub(super) struct Judge {
    task: ClusterTask,
    /// The places of the declared resources, in the order of their identities.
    declared: Vec<usize>,
    owned: BTreeSet<String>,
    definitions: Definitions,
    neighbours: Neighbours,
    findings: Mutex<Vec<Option<Finding>>>,
    extras: Mutex<BTreeMap<ResourceId, Extra>>,
    /// The claims and composites that composed resources come from, and what was seen of them.
    owners: HashSet<Place>,
    /// The groups and kinds of claims and composites that Git defines.
    composite_kinds: HashSet<(String, String)>,
    claims: Mutex<Claims>,
    /// The names that Crossplane drew, by the places of the declared resources.
    names: Mutex<BTreeMap<usize, String>>,
    /// Objects under names that Crossplane may have drawn, until all composites were seen.
    held: Mutex<Vec<Held>>,
}

/// What a judge came to.
pub(super) struct Judged {
    pub(super) task: ClusterTask,
    /// A finding for each declared resource that was seen.
    pub(super) findings: Vec<Option<Finding>>,
    /// What Git does not have.
    pub(super) extras: Vec<ResourceOutcome>,
    /// How far claims have come.
    pub(super) claims: Claims,
    /// The names that Crossplane drew, by the places of the declared resources.
    pub(super) names: BTreeMap<usize, String>,
}

/// An object that Git does not have.
struct Extra {
    kind: ServedKind,
    uid: String,
    finding: Finding,
    is_whole: bool,
    /// The object itself, of roles and their bindings: they are judged together.
    rights: Option<Value>,
}

impl Judge {
    /// A judge of a cluster.
    pub(super) fn new(task: ClusterTask, definitions: Definitions) -> Judge {
        let id_at = |index: &usize| task.resources.get(*index).map(|resource| &resource.id);
        let mut declared: Vec<usize> = (0..task.resources.len()).collect();
        declared.sort_by(|one, other| id_at(one).cmp(&id_at(other)));
        let owned = task.own.namespaces.iter().cloned().collect();
        let findings = Mutex::new(vec![None; task.resources.len()]);
        let neighbours = neighbours(&task);
        let composed = task.resources.iter().filter_map(|one| one.composed.as_deref());
        Judge {
            owners: composed.map(owner_of).collect(),
            composite_kinds: composite_kinds(task.resources.iter().map(|one| &**one)),
            task,
            declared,
            owned,
            definitions,
            neighbours,
            findings,
            extras: Mutex::default(),
            claims: Mutex::default(),
            names: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// Takes an object of a list.
    pub(super) fn take(&self, job: &Job, object: Value) {
        let Some(id) = identity(&job.kind, &object) else { return };
        match self.declared(&id) {
            Some((index, resource)) => self.take_declared(job, index, resource, object),
            None if self.may_be_drawn(&id, &object) => {
                let held = Held { job: job.clone(), id, object };
                self.held.lock().unwrap_or_else(PoisonError::into_inner).push(held);
            }
            None => self.take_other(job, id, object),
        }
    }

    fn take_declared(&self, job: &Job, index: usize, resource: &DesiredResource, object: Value) {
        if job.content != Content::Whole || resource.api_version != job.kind.api_version() {
            return;
        }
        let place = place_of(resource);
        if self.owners.contains(&place) {
            self.claims.lock().unwrap_or_else(PoisonError::into_inner).see(place, &object);
        }
        if self.task.is_wanted(resource) {
            let finding = self.of_declared(resource, object);
            let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(slot) = findings.get_mut(index) {
                *slot = Some(finding);
            }
        }
    }

    fn take_other(&self, job: &Job, id: ResourceId, object: Value) {
        let is_owned = job.selector.is_some()
            || id.namespace.as_ref().is_some_and(|namespace| self.owned.contains(namespace));
        if is_owned && job.tells_extras {
            self.take_extra(job, id, object);
        }
    }

    /// Gives the objects whose names Crossplane drew to what is declared, once all have come in: which composite an object belongs
    /// to is known only when the composites are.
    pub(super) fn take_drawn(&self) {
        let mut held = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        for (index, resource) in self.task.resources.iter().enumerate() {
            let Some(composed) = resource.composed.as_deref().filter(|composed| !composed.template.has_name)
            else {
                continue;
            };
            let owner = {
                let claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
                claims.owner_name(composed).map(str::to_owned)
            };
            let (own, others) = matched(held, resource, owner.as_deref(), &self.task.resources);
            held = others;
            for one in own {
                let name = one.id.name.clone();
                self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(index, name);
                self.take_declared(&one.job, index, resource, one.object);
            }
        }
        for one in held {
            self.take_other(&one.job, one.id, one.object);
        }
    }

    /// The declared resource with this identity, and its place.
    fn declared(&self, id: &ResourceId) -> Option<(usize, &DesiredResource)> {
        let at = |index: &usize| self.task.resources.get(*index).map(|resource| &resource.id);
        let found = self.declared.binary_search_by(|index| at(index).cmp(&Some(id))).ok()?;
        let index = *self.declared.get(found)?;
        Some((index, self.task.resources.get(index)?))
    }

    /// Whether an object may be a composed resource whose name Crossplane drew.
    fn may_be_drawn(&self, id: &ResourceId, object: &Value) -> bool {
        object.pointer(RESOURCE_NAME).is_some()
            && self.task.resources.iter().any(|resource| resource.is_drawn_object(id, object))
    }

    /// The finding on a declared resource. A snapshot tells of a Secret what is equal to the revision that it names.
    fn of_declared(&self, resource: &DesiredResource, object: Value) -> Finding {
        if !super::is_secret(&resource.id.group, &resource.id.kind) {
            return self.compare(resource, &object);
        }
        match self.task.snapshot {
            None => self.compare(resource, &object),
            Some(RevisionMatch::Other) => Finding::unknown("SecretOfAnotherRevision"),
            Some(RevisionMatch::Same) => match with_values(object, resource) {
                Some(object) => self.compare(resource, &object),
                None => Finding::unknown("NotComparable"),
            },
        }
    }

    fn compare(&self, resource: &DesiredResource, object: &Value) -> Finding {
        let Some((node, text)) = resource.parse() else { return Finding::unknown("NotComparable") };
        if secrets::is_sealed(&node) {
            return Finding::unknown("SopsEncrypted");
        }
        let Ok(mut desired) = DesiredSide::of_node(&node, &text) else {
            return Finding::unknown("NotComparable");
        };
        let filled;
        if let Some(composed) = &resource.composed {
            let mut value = composed.filled(desired.value().clone(), object);
            if !composed.template.has_name
                && let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut)
                && let Some(name) = object.pointer("/metadata/name")
            {
                metadata.insert("name".to_owned(), name.clone());
            }
            filled = value;
            desired = DesiredSide::of_value(&filled);
        }
        let (api_version, kind) = (&resource.api_version, &resource.id.kind);
        let comparison = self.comparison(self.definitions.schema(api_version, kind));
        let mut finding = compare(&desired, &Live::new(object), &comparison);
        if let Some(composed) = &resource.composed {
            finding.fields.iter_mut().for_each(|field| field.line = composed.lines.line(&field.path));
        }
        match self.definitions.unread(api_version, kind) {
            Some(unread) if !finding.fields.is_empty() => Finding::unknown(unread.failure.cause.word()),
            _ => {
                let of_claim = self.composite_kinds.contains(&(resource.id.group.clone(), kind.clone()));
                let nature = if of_claim { Nature::Composite } else { Nature::of(object) };
                conditions::judged(finding, nature, desired.value(), object)
            }
        }
    }

    fn comparison<'a>(&'a self, schema: Option<&'a Schema>) -> Comparison<'a> {
        Comparison {
            schema,
            rules: Rules::built_in(),
            neighbours: &self.neighbours,
            is_secret: &secrets::must_be_hidden,
        }
    }

    fn take_extra(&self, job: &Job, id: ResourceId, mut object: Value) {
        if super::is_secret(&id.group, &id.kind)
            && let Value::Object(fields) = &mut object
        {
            fields.retain(|key, _| matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
        }
        if is_somebodys(&Live::new(&object), &self.neighbours, Rules::built_in()) {
            return;
        }
        let is_whole = job.content == Content::Whole || super::is_secret(&id.group, &id.kind);
        let uid = object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default().to_owned();
        let extra = Extra {
            kind: job.kind.clone(),
            uid,
            finding: self.extra(&object),
            is_whole,
            rights: rights(&id, &object),
        };
        let mut extras = self.extras.lock().unwrap_or_else(PoisonError::into_inner);
        extras.insert(id, extra);
    }

    fn extra(&self, object: &Value) -> Finding {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let comparison = self.comparison(self.definitions.schema(&text("apiVersion"), &text("kind")));
        judge_extra(&Live::new(object), &comparison)
    }

    /// Reads the extras of which only metadata is known, so that their values can be told; a failure leaves them as they are.
    pub(super) async fn read_extras(&self, source: &ClusterSource) {
        let wanted: Vec<(ResourceId, ServedKind)> = {
            let extras = self.extras.lock().unwrap_or_else(PoisonError::into_inner);
            let partly = extras.iter().filter(|(_, extra)| !extra.is_whole);
            partly.take(EXTRAS_READ_WHOLE).map(|(id, extra)| (id.clone(), extra.kind.clone())).collect()
        };
        let reads = wanted.into_iter().map(|(id, kind)| async move {
            let path = kind.object(id.namespace.as_deref(), &id.name);
            let read = source.read(&path, &kind.kind).await;
            if let Ok(object) = read {
                let finding = self.extra(&object);
                let mut extras = self.extras.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(extra) = extras.get_mut(&id) {
                    extra.finding = finding;
                    extra.rights = rights(&id, &object);
                }
            }
        });
        futures::future::join_all(reads).await;
    }

    /// Takes out of the extras the rights by which the check itself reads.
    pub(super) async fn leave_own_rights(&mut self, source: &ClusterSource) {
        let extras = self.extras.get_mut().unwrap_or_else(PoisonError::into_inner);
        let rights = extras.iter().filter_map(|(id, extra)| Some((id, extra.rights.as_ref()?))).collect();
        let own = own_rights::among(&rights, source).await;
        extras.retain(|id, _| !own.contains(id));
    }

    /// The definitions without which declared resources could not be judged.
    pub(super) fn wanting(&self) -> BTreeMap<String, Failure> {
        let findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown =
            self.task.resources.iter().zip(findings.iter()).filter(|(_, finding)| {
                finding.as_ref().is_some_and(|finding| finding.state == State::Unknown)
            });
        let unread =
            unknown.filter_map(|(one, _)| self.definitions.unread(&one.api_version, &one.id.kind).cloned());
        unread.map(|unread| (unread.name, unread.failure)).collect()
    }

    /// What was found.
    pub(super) fn into_parts(self) -> Judged {
        let claims = self.claims.into_inner().unwrap_or_else(PoisonError::into_inner);
        let names = self.names.into_inner().unwrap_or_else(PoisonError::into_inner);
        let extras = self.extras.into_inner().unwrap_or_else(PoisonError::into_inner);
        let findings = self.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
        let task = self.task;
        let mut seen = BTreeSet::new();
        let told = extras
            .into_iter()
            // An object that is served in two groups is one object.
            .filter(|(_, extra)| extra.uid.is_empty() || seen.insert(extra.uid.clone()))
            .map(|(id, extra)| ResourceOutcome {
                layer: layer_of(&task, &id),
                id: Identity::Kubernetes { cluster: task.cluster.to_string(), id },
                via: None,
                source: None,
                finding: extra.finding,
            })
            .filter(|outcome| task.scope.has_layer(&outcome.layer))
            .collect();
        Judged { task, findings, extras: told, claims, names }
    }
}

/// What declared resources say of others: what scales them, and which volume claims are made for them.
fn neighbours(task: &ClusterTask) -> Neighbours {
    let mut neighbours = Neighbours::default();
    let speaks = |kind: &str| matches!(kind, "HorizontalPodAutoscaler" | "ScaledObject" | "StatefulSet");
    for resource in task.resources.iter().filter(|resource| speaks(&resource.id.kind)) {
        let Some((node, _)) = resource.parse() else { continue };
        let Ok(mut value) = node.to_value(Dialect::Helm, Numbers::AsWritten) else { continue };
        if let (Some(metadata), Some(namespace)) =
            (value.get_mut("metadata").and_then(Value::as_object_mut), &resource.id.namespace)
        {
            metadata.insert("namespace".to_owned(), Value::String(namespace.clone()));
        }
        neighbours.add(&value);
    }
    neighbours
}

fn rights(id: &ResourceId, object: &Value) -> Option<Value> {
    let is_right = id.group == own_rights::GROUP && id.namespace.is_some();
    is_right.then(|| object.clone())
}

fn identity(kind: &ServedKind, object: &Value) -> Option<ResourceId> {
    let metadata = object.get("metadata")?;
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(ResourceId {
        group: kind.group.clone(),
        kind: kind.kind.clone(),
        namespace: text("namespace").map(str::to_owned),
        name: text("name")?.to_owned(),
    })
}

/// The layer that an extra is told under: the one that declares most in its namespace, else the cluster's last.
fn layer_of(task: &ClusterTask, id: &ResourceId) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in task.resources.iter().filter(|resource| resource.id.namespace == id.namespace) {
        *counts.entry(&resource.layer).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(layer, _)| layer.to_owned());
    most.or_else(|| task.resources.last().map(|last| last.layer.to_string())).unwrap_or_default()
}
