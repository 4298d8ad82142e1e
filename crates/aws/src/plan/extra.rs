//! What AWS has as a part of something that Git declares, and Git does not declare.
//!
//! Items that a resource of Git was found to be are not extra, nor is what AWS or a controller made for itself. Where a
//! resource of the same kind could not be found for want of an answer, an unmatched item may be that, so nothing is said.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::compare::{is_empty, severity_of, shape};
use super::find::{Finder, Found, Outcome, first_member, has};
use super::inventory::Item;
use super::result::{AwsResult, Change, Difference, State};
use crate::kind::{self, Extra, Kind, ServiceKinds, Severity};
use crate::value::{tags_of, text_at};

/// Meets the reads that extras need.
pub(super) fn ask(finder: &mut Finder<'_>) {
    for (name, kind) in kind::all() {
        if let Some(extra) = &kind.extra {
            let _ = candidates(finder, &name, kind, extra);
        }
    }
}

/// All extras, by kind and name.
pub(super) fn all(finder: &mut Finder<'_>) -> Vec<AwsResult> {
    let mut claimed = BTreeSet::new();
    for index in 0..finder.resources.len() {
        if let Outcome::Found(found) = finder.find(index) {
            claimed.extend(found.keys.iter().cloned());
        }
    }
    let mut results = Vec::new();
    for (name, kind) in kind::all() {
        let Some(extra) = &kind.extra else { continue };
        if is_open(finder, &name) {
            continue;
        }
        for (region, item) in candidates(finder, &name, kind, extra) {
            if claimed.insert(item.key.clone()) {
                results.push(result_of(&name, kind, extra, region, &item.value));
            }
        }
    }
    results.sort_by(|one, other| (&one.kind, &one.name).cmp(&(&other.kind, &other.name)));
    results
}

/// Whether a resource of this kind, or of one that shares its items, could not be found for want of an answer.
fn is_open(finder: &mut Finder<'_>, name: &str) -> bool {
    let source = kind::kind(name).and_then(|kind| kind.source.as_ref()).map(|source| &source.read);
    (0..finder.resources.len()).any(|index| {
        let own = finder.resources[index].facts.and_then(|(_, kind)| kind.source.as_ref());
        own.map(|source| &source.read) == source
            && matches!(finder.find(index), Outcome::Unknown(_) | Outcome::Pending)
    })
}

/// Items of a kind that are parts of parents in Git.
fn candidates(
    finder: &mut Finder<'_>,
    name: &str,
    kind: &'static Kind,
    extra: &'static Extra,
) -> Vec<(Option<String>, Item)> {
    let Some(service) = name.split('.').next() else { return Vec::new() };
    let (Some(kinds), Some(source)) = (kind::service_kinds(service), &kind.source) else { return Vec::new() };
    let mut found_items = Vec::new();
    for index in 0..finder.resources.len() {
        if finder.resources[index].kind_name != extra.parent {
            continue;
        }
        let Outcome::Found(parent) = finder.find(index) else { continue };
        if let Some(field) = &extra.unless_declared
            && finder.resources[index].parameters.get(field).is_some_and(|value| !is_empty(value))
        {
            continue;
        }
        let mut arguments = Map::new();
        for (parameter, from) in &extra.with {
            let value = match from.as_str() {
                "$name" => Some(parent.id.clone()),
                path => text_at(&parent.value, path),
            };
            arguments.insert(parameter.clone(), Value::String(value.unwrap_or_default()));
        }
        let region = finder.resources[index].region.clone();
        let Some(items) = finder.inventory.read(kinds, &source.read, &region, &arguments) else { continue };
        for item in &items.items {
            if belongs(item, source, extra, &parent)
                && !is_excepted(finder, kinds, kind, extra, &region, &arguments, item)
            {
                found_items.push(((!kinds.global).then(|| region.clone()), item.clone()));
            }
        }
    }
    found_items
}

fn belongs(item: &Item, source: &kind::Source, extra: &Extra, parent: &Found) -> bool {
    source.only.iter().all(|(path, value)| has(&item.value, path, value))
        && extra.on.iter().all(|(own, theirs)| {
            let own = text_at(&item.value, own);
            own.is_some() && own == text_at(&parent.value, theirs)
        })
}

fn is_excepted(
    finder: &Finder<'_>,
    kinds: &'static ServiceKinds,
    kind: &Kind,
    extra: &'static Extra,
    region: &str,
    arguments: &Map<String, Value>,
    item: &Item,
) -> bool {
    let tags = kind.tags.as_ref().and_then(|path| first_member(&item.value, path)).map(tags_of);
    if tags.is_some_and(|tags| kind::is_owned(&tags)) {
        return true;
    }
    let all_have = |conditions: &std::collections::BTreeMap<String, Value>| {
        conditions.iter().all(|(path, value)| has(&item.value, path, value))
    };
    if extra.unless.iter().any(all_have) {
        return true;
    }
    if let Some((one, other)) = &extra.unless_same
        && text_at(&item.value, one) == text_at(&item.value, other)
    {
        return true;
    }
    extra.unless_of.iter().any(|belongs| {
        let own = text_at(&item.value, &belongs.from);
        all_have(&belongs.only)
            && own.is_some()
            && finder.inventory.read(kinds, &belongs.read, region, arguments).is_some_and(|others| {
                others.items.iter().any(|other| text_at(&other.value, &belongs.to) == own)
            })
    })
}

fn result_of(name: &str, kind: &Kind, extra: &Extra, region: Option<String>, item: &Value) -> AwsResult {
    let parts: Vec<String> = extra.name.iter().filter_map(|path| text_at(item, path)).collect();
    let id = kind.id.first().and_then(|path| text_at(item, path));
    let mut severity = extra.severity;
    let mut differences = Vec::new();
    let shaped = shape(&kind.fields, item);
    for (parameter, value) in shaped.as_object().into_iter().flatten() {
        if value == &Value::Bool(false) {
            continue;
        }
        if let Some(field) = kind.fields.get(parameter)
            && severity_of(field, Some(value)) == Severity::Critical
        {
            severity = Severity::Critical;
        }
        differences.push(Difference {
            path: format!("spec.forProvider.{parameter}"),
            change: Change::Added,
            desired: None,
            live: Some(value.clone()),
            severity: extra.severity,
            needs_replace: false,
        });
    }
    AwsResult {
        resource: None,
        kind: name.to_owned(),
        name: if parts.is_empty() { id.unwrap_or_default() } else { parts.join("/") },
        arn: kind.arn.as_ref().filter(|arn| !arn.contains("${")).and_then(|path| text_at(item, path)),
        region,
        state: State::Extra,
        severity: Some(severity),
        cause: None,
        settles: false,
        differences,
        uncompared: Vec::new(),
    }
}
