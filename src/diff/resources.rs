//! The resources of two sides into those that change, layer by layer.
//!
//! The same resource is the one with the same identity on the same cluster, whatever layer has it; then renamed ones are
//! paired. Resources whose bytes are equal are never parsed.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_diff::{
    FieldChange as FieldDelta, FieldChangeKind, RenameCandidate, ResourceChangeKind, Subject, compare, hide,
    images, judge, pair_renamed, parts,
};
use plimsoll_yaml::Step;
use rayon::prelude::*;
use serde_json::Value;

use super::item::{Item, Key, RenderedSide, items};
use super::secrecy::Secrecy;
use crate::report::diff::model::{
    Class, FieldChange, FieldDiff, ImageDiff, LayerDiff, Reason, ResourceChange, ResourceDiff,
    ResourceSource, Severity, Summary, Via,
};

/// The layers of both sides with what changes in them, in the head's order; those that only the base has come last.
#[must_use]
pub fn compare_layers(base: Option<RenderedSide<'_>>, head: Option<RenderedSide<'_>>) -> Vec<LayerDiff> {
    let (old, new) = (items(base), items(head));
    let mut unchanged: BTreeMap<&str, u32> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (key, item) in &new {
        match old.get(key) {
            Some(before) if before.layer == item.layer && before.is_same(item) => {
                *unchanged.entry(item.layer).or_default() += u32::from(item.claim.is_none());
            }
            Some(before) => pairs.push(Pair { before: Some(*before), after: Some(*item) }),
            None => {}
        }
    }
    pairs.extend(unmatched(&old, &new));
    let secrecy = Secrecy::new();
    let mut changed: BTreeMap<&str, Vec<ResourceDiff>> = BTreeMap::new();
    let compared: Vec<Option<ResourceDiff>> =
        pairs.par_iter().map(|pair| compare_pair(pair, &secrecy)).collect();
    for (pair, resource) in pairs.iter().zip(compared) {
        let Some(item) = pair.after.or(pair.before) else { continue };
        match resource {
            Some(resource) => changed.entry(item.layer).or_default().push(resource),
            None => *unchanged.entry(item.layer).or_default() += u32::from(item.claim.is_none()),
        }
    }
    layers(base, head)
        .into_iter()
        .map(|(name, destination)| {
            let mut resources = changed.remove(name).unwrap_or_default();
            resources.sort_by_cached_key(order);
            let mut summary =
                Summary { unchanged: unchanged.get(name).copied().unwrap_or_default(), ..Summary::default() };
            resources.iter().for_each(|resource| summary.count(resource.change, resource.class));
            LayerDiff { name: name.to_owned(), destination: destination.to_owned(), resources, summary }
        })
        .collect()
}

/// What resources are sorted by: their file, and behind a claim what it becomes.
fn order(resource: &ResourceDiff) -> (String, bool, String, Option<String>, String, String) {
    let id = &resource.id;
    let is_managed = resource.via.is_some();
    let file = resource.source.file.clone();
    (file, is_managed, id.kind.clone(), id.namespace.clone(), id.name.clone(), id.group.clone())
}

fn layers<'a>(base: Option<RenderedSide<'a>>, head: Option<RenderedSide<'a>>) -> Vec<(&'a str, &'a str)> {
    let mut seen = BTreeSet::new();
    let sides = [head, base].into_iter().flatten();
    sides
        .flat_map(|side| &side.environment.layers)
        .filter(|layer| seen.insert(layer.name.as_str()))
        .map(|layer| (layer.name.as_str(), layer.destination.as_str()))
        .collect()
}

/// A resource on both sides, or on one.
struct Pair<'a> {
    before: Option<Item<'a>>,
    after: Option<Item<'a>>,
}

/// What only one side has, renamed resources paired.
fn unmatched<'a>(old: &BTreeMap<Key<'a>, Item<'a>>, new: &BTreeMap<Key<'a>, Item<'a>>) -> Vec<Pair<'a>> {
    let only = |these: &BTreeMap<Key<'a>, Item<'a>>, those: &BTreeMap<Key<'a>, Item<'a>>| {
        let mut clusters: BTreeMap<(&'a str, bool), Vec<Item<'a>>> = BTreeMap::new();
        for (key, item) in these.iter().filter(|(key, _)| !those.contains_key(*key)) {
            clusters.entry((key.0, item.claim.is_some())).or_default().push(*item);
        }
        clusters
    };
    let mut removed = only(old, new);
    let mut added = only(new, old);
    let clusters: BTreeSet<(&str, bool)> = removed.keys().chain(added.keys()).copied().collect();
    let mut pairs = Vec::new();
    for cluster in clusters {
        let removed = removed.remove(&cluster).unwrap_or_default();
        let added = added.remove(&cluster).unwrap_or_default();
        let values = |items: &[Item<'a>], wanted: bool| -> Vec<Value> {
            items.iter().map(|item| if wanted { item.value().into_owned() } else { Value::Null }).collect()
        };
        let may_match = !removed.is_empty() && !added.is_empty();
        let (old_values, new_values) = (values(&removed, may_match), values(&added, may_match));
        let old_candidates: Vec<RenameCandidate<'_>> = removed
            .iter()
            .zip(&old_values)
            .map(|(item, value)| RenameCandidate { id: item.id, value })
            .collect();
        let new_candidates: Vec<RenameCandidate<'_>> = added
            .iter()
            .zip(&new_values)
            .map(|(item, value)| RenameCandidate { id: item.id, value })
            .collect();
        let renamed = if may_match { pair_renamed(&old_candidates, &new_candidates) } else { Vec::new() };
        let (mut gone, mut come) = (BTreeSet::new(), BTreeSet::new());
        for (before, after) in renamed {
            gone.insert(before);
            come.insert(after);
            pairs.push(Pair { before: removed.get(before).copied(), after: added.get(after).copied() });
        }
        let left = |items: Vec<Item<'a>>, taken: &BTreeSet<usize>| -> Vec<Item<'a>> {
            items
                .into_iter()
                .enumerate()
                .filter(|(index, _)| !taken.contains(index))
                .map(|(_, item)| item)
                .collect()
        };
        pairs.extend(left(removed, &gone).into_iter().map(|item| Pair { before: Some(item), after: None }));
        pairs.extend(left(added, &come).into_iter().map(|item| Pair { before: None, after: Some(item) }));
    }
    pairs
}

/// How a resource changes; none where it does not after all.
fn compare_pair(pair: &Pair<'_>, secrecy: &Secrecy) -> Option<ResourceDiff> {
    let item = pair.after.or(pair.before)?;
    let (before, after) = (pair.before.map(|item| item.value()), pair.after.map(|item| item.value()));
    let (mut change, fields) = match (&before, &after) {
        (Some(before), Some(after)) => {
            let is_renamed = pair.before.is_some_and(|before| before.id != item.id);
            let change = if is_renamed { ResourceChange::Renamed } else { ResourceChange::Changed };
            (change, compare(before, after))
        }
        (Some(before), None) => (ResourceChange::Removed, parts(before, FieldChangeKind::Removed)),
        (None, Some(after)) => (ResourceChange::Added, parts(after, FieldChangeKind::Added)),
        (None, None) => return None,
    };
    let previous_layer =
        pair.before.map(|before| before.layer).filter(|layer| *layer != item.layer).map(str::to_owned);
    let judged_as = match change {
        ResourceChange::Added => ResourceChangeKind::Added,
        ResourceChange::Removed => ResourceChangeKind::Removed,
        ResourceChange::Renamed => ResourceChangeKind::Renamed,
        ResourceChange::Changed | ResourceChange::Reordered => ResourceChangeKind::Changed,
    };
    let subject =
        Subject { id: item.id, change: judged_as, before: before.as_deref(), after: after.as_deref() };
    let judgement = judge(subject, &fields);
    if change == ResourceChange::Changed {
        if fields.is_empty() && previous_layer.is_none() {
            return None;
        }
        if fields.is_empty() {
            change = ResourceChange::Renamed;
        } else if fields.iter().all(|field| field.kind == FieldChangeKind::Reordered) {
            change = ResourceChange::Reordered;
        }
    }
    let images = images(&fields)
        .into_iter()
        .map(|image| ImageDiff { path: image.location.to_string(), before: image.before, after: image.after })
        .collect();
    let redact = secrecy.of(item.id);
    let fields = fields
        .into_iter()
        .zip(judgement.fields)
        .filter(|(field, _)| change != ResourceChange::Renamed || !names_the_resource(field))
        .map(|(mut field, (class, needs_replace))| {
            let hidden = hide(&mut field, &redact);
            FieldDiff {
                path: field.location.to_string(),
                change: field_change(field.kind),
                before: field.before,
                after: field.after,
                hidden,
                class: class_of(class),
                needs_replace,
            }
        })
        .collect();
    Some(ResourceDiff {
        id: item.identity(),
        previous: pair.before.filter(|before| before.id != item.id).map(|before| before.identity()),
        previous_layer,
        change,
        class: class_of(judgement.class),
        reasons: judgement.risks.into_iter().map(reason).collect(),
        source: ResourceSource { file: item.file.to_owned(), input: item.input.to_owned() },
        via: item.claim.map(|claim| Via { claim: claim.to_owned() }),
        fields,
        images,
        group: None,
    })
}

/// Whether the field is told by the new name already.
fn names_the_resource(field: &FieldDelta) -> bool {
    let steps: Vec<&Step> = field.location.steps().collect();
    let is_key = |step: Option<&&Step>, keys: &[&str]| matches!(step, Some(Step::Key(key)) if keys.contains(&key.as_str()));
    steps.len() == 2 && is_key(steps.first(), &["metadata"]) && is_key(steps.get(1), &["name", "namespace"])
}

fn reason(risk: plimsoll_diff::Risk) -> Reason {
    Reason {
        rule: risk.rule.to_owned(),
        severity: match risk.severity {
            plimsoll_diff::Severity::Medium => Severity::Medium,
            plimsoll_diff::Severity::High => Severity::High,
            plimsoll_diff::Severity::Critical => Severity::Critical,
        },
        message: risk.message,
        path: risk.location.map(|location| location.to_string()),
    }
}

fn field_change(kind: FieldChangeKind) -> FieldChange {
    match kind {
        FieldChangeKind::Added => FieldChange::Added,
        FieldChangeKind::Removed => FieldChange::Removed,
        FieldChangeKind::Changed => FieldChange::Changed,
        FieldChangeKind::Reordered => FieldChange::Reordered,
    }
}

fn class_of(class: plimsoll_diff::Class) -> Class {
    match class {
        plimsoll_diff::Class::MetadataOnly => Class::MetadataOnly,
        plimsoll_diff::Class::Routine => Class::Routine,
        plimsoll_diff::Class::Other => Class::Other,
        plimsoll_diff::Class::Risky => Class::Risky,
    }
}
