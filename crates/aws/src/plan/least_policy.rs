//! The least rights that a comparison needs, from the tables: the actions of every operation that the kinds in Git may ask for.
//!
//! An action is limited to what the operation is about (a bucket, a cluster) where the service allows that and every name is
//! known without asking AWS; else it holds for everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::calls::Calls;
use super::desired::Desired;
use super::find::{Finder, mentions_alias};
use super::inventory::Inventory;
use super::{Account, ManagedResource, judge};
use crate::kind::{self, Kind, ServiceKinds};
use crate::service::iam_action;

/// What stands for everything.
const EVERYTHING: &str = "*";

/// What the rights of a service can be limited to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    /// The parameters of requests that name it.
    parameters: Vec<String>,
    /// Its ARNs.
    arns: Vec<String>,
}

static SCOPES: LazyLock<BTreeMap<String, Scope>> = LazyLock::new(|| {
    let value = kind::value_of(include_str!("../../data/scopes.yaml")).expect("a test parses the file");
    serde_json::from_value(value).expect("a test parses the file")
});

/// Actions, each with the ARNs that it must be allowed for, or `*`.
pub type Rights = BTreeMap<String, BTreeSet<String>>;

/// The rights that reading these resources takes, in order. What needs no right is left out.
#[must_use]
pub fn least_policy(resources: &[ManagedResource], account: &Account) -> Rights {
    let desired = resources.iter().enumerate();
    let desired: Vec<Desired> =
        desired.filter_map(|(index, resource)| Desired::of(index, resource, account)).collect();
    let calls = Calls::default();
    let mut finder = Finder::new(&desired, account, Inventory::new(&calls, account));
    let mut rights = Gathered { account, rights: Rights::new() };
    for (index, resource) in desired.iter().enumerate() {
        let Some((kinds, kind)) = resource.facts else { continue };
        let Some(source) = &kind.source else { continue };
        let value = name_of(&mut finder, index, &source.with);
        rights.add(kinds, &source.read, value.as_deref());
        let own = known_name(resource);
        for join in &kind.joins {
            let is_left = join.unless_kind.as_ref().is_some_and(|other| {
                own.as_ref().is_some_and(|own| judge::has_own_object(&mut finder, index, other, own))
            });
            let declared = join.when_declared.as_ref().is_none_or(|parameter| {
                resource.parameters.keys().any(|name| name.starts_with(parameter.as_str()))
            });
            // A part of the same whole is asked by the same argument, anything else by the item's own name.
            let of_whole = join.with.values().any(|path| source.with.values().any(|from| from == path));
            let about = if of_whole { &value } else { &own };
            if !is_left && declared {
                rights.add(kinds, &join.read, about.as_deref());
            }
        }
        for (name, child) in kind::all() {
            rights.add_extras(&name, child, resource, own.as_deref());
        }
    }
    let mut parameters = desired.iter().map(|resource| Value::Object(resource.parameters.clone()));
    if desired.iter().any(|resource| resource.kind_name == "kms.Alias")
        || parameters.any(|parameters| mentions_alias(&parameters))
    {
        rights.insert("kms", "ListAliases", None);
    }
    rights.rights
}

/// The right to an operation about what is named so.
#[must_use]
pub fn least_right(service: &str, operation: &str, name: &str, account: &Account) -> Rights {
    let mut rights = Gathered { account, rights: Rights::new() };
    rights.insert(service, operation, Some(name));
    rights.rights
}

struct Gathered<'a> {
    account: &'a Account,
    rights: Rights,
}

impl Gathered<'_> {
    /// The actions of a read and of those that it goes through.
    fn add(&mut self, kinds: &ServiceKinds, read: &str, value: Option<&str>) {
        let mut next = Some(read);
        let mut seen = BTreeSet::new();
        while let Some(name) = next {
            let Some(read) = kinds.reads.get(name).filter(|_| seen.insert(name)) else { return };
            self.insert(read.service.as_deref().unwrap_or(&kinds.service), &read.operation, value);
            next = read.each.as_ref().map(|each| each.read.as_str());
        }
    }

    /// What looking for parts of a parent takes.
    fn add_extras(&mut self, name: &str, child: &Kind, parent: &Desired, own: Option<&str>) {
        let Some(extra) = child.extra.as_ref().filter(|extra| extra.parent == parent.kind_name) else {
            return;
        };
        let kinds = name.split('.').next().and_then(kind::service_kinds);
        let (Some(kinds), Some(source)) = (kinds, &child.source) else { return };
        self.add(kinds, &source.read, own);
        for belongs in &extra.unless_of {
            self.add(kinds, &belongs.read, own);
        }
    }

    fn insert(&mut self, service: &str, operation: &str, value: Option<&str>) {
        let action = iam_action(service, operation);
        if action.is_empty() {
            return;
        }
        let scope = SCOPES.get(service).filter(|scope| takes_any(service, operation, &scope.parameters));
        let arns: Vec<String> = match (scope, value) {
            (Some(scope), Some(value)) => scope
                .arns
                .iter()
                .map(|arn| {
                    arn.replace("${partition}", &self.account.partition)
                        .replace("${account}", &self.account.id)
                        .replace("${value}", value)
                })
                .collect(),
            _ => vec![EVERYTHING.to_owned()],
        };
        let known = self.rights.entry(action).or_default();
        known.extend(arns);
        if known.contains(EVERYTHING) {
            known.retain(|arn| arn == EVERYTHING);
        }
    }
}

/// Whether an operation has one of these parameters.
fn takes_any(service: &str, operation: &str, parameters: &[String]) -> bool {
    let Some(facts) = crate::service::service(service) else { return false };
    let input = facts.operations.get(operation).and_then(|operation| operation.input.as_ref());
    let shape = input.and_then(|input| facts.shapes.get(input));
    shape.is_some_and(|shape| parameters.iter().any(|parameter| shape.members.contains_key(parameter)))
}

/// What a read's one argument is, where that is known without asking.
fn name_of(finder: &mut Finder<'_>, index: usize, with: &BTreeMap<String, String>) -> Option<String> {
    let from = with.values().next()?;
    if from.starts_with('$') {
        return known_name(&finder.resources[index]);
    }
    let resolved = finder.resolve(index);
    let value = finder.argument(index, &resolved, from).ok()??;
    value.as_str().filter(|value| is_whole(value)).map(str::to_owned)
}

/// The name in AWS, where it is known without asking.
fn known_name(resource: &Desired) -> Option<String> {
    let is_named = resource.facts.is_some_and(|(_, kind)| kind.named);
    Some(resource.aws_name()).filter(|name| is_named && is_whole(name))
}

/// Whether a name has no part that only the live systems can give.
fn is_whole(name: &str) -> bool {
    !name.is_empty() && !name.ends_with('-') && !name.contains(['<', '>', '*', '?'])
}

#[cfg(test)]
mod tests {
    use super::SCOPES;
    use crate::service::service;

    #[test]
    fn every_scope_is_of_a_known_service() {
        for name in SCOPES.keys() {
            assert!(service(name).is_some(), "{name}");
        }
    }
}
