//! The least rights that a comparison needs, from the tables: the actions of every operation that the kinds in Git may ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::ManagedResource;
use crate::kind::{self, ServiceKinds};
use crate::service::iam_action;

/// The IAM actions that reading these resources takes, in order. Empty for what needs no right.
#[must_use]
pub fn least_policy(resources: &[ManagedResource]) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for resource in resources {
        let group = resource.manifest["apiVersion"].as_str().unwrap_or_default();
        let service = group.split('.').next().unwrap_or_default();
        kinds.insert(format!("{service}.{}", resource.manifest["kind"].as_str().unwrap_or_default()));
    }
    let children: Vec<String> = kind::all()
        .filter(|(_, kind)| kind.extra.as_ref().is_some_and(|extra| kinds.contains(&extra.parent)))
        .map(|(name, _)| name)
        .collect();
    kinds.extend(children);
    let mut actions = BTreeSet::new();
    for name in &kinds {
        let service = name.split('.').next().unwrap_or_default();
        let (Some(table), Some(kind)) = (kind::service_kinds(service), kind::kind(name)) else { continue };
        let reads = kind.source.iter().map(|source| &source.read);
        let joins = kind
            .joins
            .iter()
            .filter(|join| join.unless_kind.as_ref().is_none_or(|other| !kinds.contains(other)));
        let belongs = kind.extra.iter().flat_map(|extra| extra.unless_of.iter().map(|other| &other.read));
        for read in reads.chain(joins.map(|join| &join.read)).chain(belongs) {
            insert(table, read, &mut actions);
        }
    }
    actions.remove("");
    actions
}

/// The actions of a read and of those that it goes through.
fn insert(table: &ServiceKinds, read: &str, actions: &mut BTreeSet<String>) {
    let mut next = Some(read);
    let mut seen = BTreeMap::new();
    while let Some(name) = next {
        let Some(read) = table.reads.get(name) else { return };
        if seen.insert(name, ()).is_some() {
            return;
        }
        actions.insert(iam_action(read.service.as_deref().unwrap_or(&table.service), &read.operation));
        next = read.each.as_ref().map(|each| each.read.as_str());
    }
}
