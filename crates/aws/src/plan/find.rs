//! Which item of AWS a managed resource is, and what its references become.
//!
//! A resource is known by its external name, by the tags that Crossplane writes, or by what identifies it. References are
//! filled by finding their targets first; a target that is missing or unknown is told apart, so that only what depends on it is
//! left open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::calls::{CallFailure, Question};
use super::desired::Desired;
use super::inventory::{Inventory, Item, Items};
use super::{Account, rule_set};
use crate::kind::{self, Field, Find, Form, Join, Kind, ServiceKinds};
use crate::value::{Names, all_at, canonical, first_at, is_alias, tags_of, text_at};

/// What was found of a resource.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// Answers are still wanted.
    Pending,
    /// A call failed.
    Unknown(CallFailure),
    /// AWS does not have it.
    Missing,
    /// It is this.
    Found(Arc<Found>),
}

/// A resource in AWS.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The items it is made of; most are one.
    pub(super) keys: Vec<String>,
    pub(super) value: Value,
    pub(super) id: String,
    pub(super) arn: Option<String>,
}

/// Why a parameter has no value.
#[derive(Debug, Clone)]
pub(super) enum Blocked {
    Pending,
    Unknown(CallFailure),
    /// It refers to what is not there.
    Dangling,
}

/// The parameters of a resource with references filled.
#[derive(Debug, Clone, Default)]
pub(super) struct Resolved {
    pub(super) parameters: Map<String, Value>,
    /// Parameters without a value, by their paths (`vpcConfig.subnetIds`).
    pub(super) blocked: BTreeMap<String, Blocked>,
}

/// Finds resources, each once.
pub(super) struct Finder<'p> {
    pub(super) resources: &'p [Desired],
    pub(super) account: &'p Account,
    pub(super) inventory: Inventory<'p>,
    pub(super) by_name: BTreeMap<(&'p str, &'p str), Vec<usize>>,
    outcomes: Vec<Option<Outcome>>,
    pub(super) resolved: Vec<Option<Arc<Resolved>>>,
    under_way: BTreeSet<usize>,
    names: BTreeMap<String, Arc<Names>>,
}

impl<'p> Finder<'p> {
    pub(super) fn new(
        resources: &'p [Desired],
        account: &'p Account,
        inventory: Inventory<'p>,
    ) -> Finder<'p> {
        let mut by_name: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, resource) in resources.iter().enumerate() {
            by_name.entry((resource.kind_name.as_str(), resource.name.as_str())).or_default().push(index);
        }
        Finder {
            resources,
            account,
            inventory,
            by_name,
            outcomes: vec![None; resources.len()],
            resolved: vec![None; resources.len()],
            under_way: BTreeSet::new(),
            names: BTreeMap::new(),
        }
    }

    pub(super) fn wanted(&self) -> Vec<Question> {
        self.inventory.wanted()
    }

    pub(super) fn find_all(&mut self) {
        for index in 0..self.resources.len() {
            self.find(index);
        }
    }

    /// What names stand for in a region.
    pub(super) fn names(&mut self, region: &str) -> Arc<Names> {
        if let Some(names) = self.names.get(region) {
            return Arc::clone(names);
        }
        let mut names = Names {
            partition: self.account.partition.clone(),
            account: self.account.id.clone(),
            ..Names::default()
        };
        let uses_aliases = self.resources.iter().any(|resource| {
            resource.kind_name == "kms.Alias" || mentions_alias(&Value::Object(resource.parameters.clone()))
        });
        if uses_aliases
            && let Some(kinds) = kind::service_kinds("kms")
            && let Some(aliases) = self.inventory.read(kinds, "aliases", region, &Map::new())
        {
            names.keys = aliases.items.iter().filter_map(alias_of).collect();
            names.keys_failure = aliases.failure.as_ref().map(|failure| failure.code.clone());
        }
        let names = Arc::new(names);
        self.names.insert(region.to_owned(), Arc::clone(&names));
        names
    }

    /// Finds a resource.
    pub(super) fn find(&mut self, index: usize) -> Outcome {
        if let Some(outcome) = &self.outcomes[index] {
            return outcome.clone();
        }
        if !self.under_way.insert(index) {
            let message = "the references go round in a circle".to_owned();
            return Outcome::Unknown(CallFailure { code: "ReferenceCycle".to_owned(), message });
        }
        let resource = &self.resources[index];
        let outcome = match resource.facts {
            Some((kinds, kind)) => self.find_known(index, kinds, kind),
            None => Outcome::Missing,
        };
        self.under_way.remove(&index);
        self.outcomes[index] = Some(outcome.clone());
        outcome
    }

    fn find_known(&mut self, index: usize, kinds: &'static ServiceKinds, kind: &'static Kind) -> Outcome {
        let resource = &self.resources[index];
        let Some(source) = &kind.source else { return Outcome::Missing };
        let resolved = self.resolve(index);
        let mut arguments = Map::new();
        for (parameter, from) in &source.with {
            match self.argument(index, &resolved, from) {
                Ok(Some(value)) => arguments.insert(parameter.clone(), value),
                Ok(None) | Err(Blocked::Dangling) => return Outcome::Missing,
                Err(Blocked::Pending) => return Outcome::Pending,
                Err(Blocked::Unknown(failure)) => return Outcome::Unknown(failure),
            };
        }
        let Some(items) = self.inventory.read(kinds, &source.read, &resource.region, &arguments) else {
            return Outcome::Pending;
        };
        let Some(items) = self.with_early_joins(kinds, kind, resource, &items) else {
            return Outcome::Pending;
        };
        if resource.kind_name == "ec2.SecurityGroupRule" {
            return rule_set::find(self, index, &resolved, &items);
        }
        let candidates: Vec<&Item> = items
            .items
            .iter()
            .filter(|item| source.only.iter().all(|(path, value)| has(&item.value, path, value)))
            .filter(|item| !is_gone(kind, &item.value))
            .collect();
        let mut blocked = None;
        for way in &kind.find {
            match self.search(index, kind, way, &candidates, &resolved) {
                Ok(Some(item)) => return Outcome::Found(Arc::new(self.found(index, kind, item))),
                Ok(None) => {}
                Err(Blocked::Dangling) => {}
                Err(reason) => blocked = Some(reason),
            }
        }
        match (blocked, &items.failure) {
            (Some(Blocked::Pending), _) => Outcome::Pending,
            (Some(Blocked::Unknown(failure)), _) => Outcome::Unknown(failure),
            (_, Some(failure)) => Outcome::Unknown(failure.clone()),
            _ => Outcome::Missing,
        }
    }

    /// Items with what they are found by.
    fn with_early_joins(
        &self,
        kinds: &'static ServiceKinds,
        kind: &'static Kind,
        resource: &Desired,
        items: &Arc<Items>,
    ) -> Option<Arc<Items>> {
        if !kind.joins.iter().any(|join| join.early) {
            return Some(Arc::clone(items));
        }
        let mut all = Items { items: Vec::new(), failure: items.failure.clone() };
        let mut is_whole = true;
        let is_it = |item: &&Item| {
            let mut ids = kind.id.iter().filter_map(|path| text_at(&item.value, path));
            ids.any(|id| Some(&id) == resource.external.as_ref())
        };
        let known: Vec<&Item> = items.items.iter().filter(is_it).collect();
        let candidates = if known.is_empty() { items.items.iter().collect() } else { known };
        for item in candidates {
            let mut value = item.value.clone();
            for join in kind.joins.iter().filter(|join| join.early) {
                match self.join(kinds, join, &resource.region, &mut value) {
                    Some(None) => {}
                    Some(Some(failure)) => all.failure = Some(failure),
                    None => is_whole = false,
                }
            }
            all.items.push(Item { key: item.key.clone(), value });
        }
        is_whole.then(|| Arc::new(all))
    }

    /// Adds to an item what another read has of it. `None` while that is not known; else the failure, if it failed.
    pub(super) fn join(
        &self,
        kinds: &'static ServiceKinds,
        join: &Join,
        region: &str,
        value: &mut Value,
    ) -> Option<Option<CallFailure>> {
        if !join.only_where.iter().all(|(path, wanted)| has(value, path, wanted)) {
            return Some(None);
        }
        if join.unless.as_ref().is_some_and(|path| first_at(value, path).is_some()) {
            return Some(None);
        }
        let mut arguments = Map::new();
        for (parameter, path) in &join.with {
            let argument = match path.strip_prefix('\'') {
                Some(text) => text.trim_end_matches('\'').to_owned(),
                None => text_at(value, path).unwrap_or_default(),
            };
            let is_list = ["Ids", "Arns", "Versions"].iter().any(|end| parameter.ends_with(end));
            let argument = if is_list { Value::from(vec![argument]) } else { Value::from(argument) };
            arguments.insert(parameter.clone(), argument);
        }
        let items = self.inventory.read(kinds, &join.read, region, &arguments)?;
        let own = join.on.as_ref().and_then(|path| text_at(value, path));
        let is_of_it = |item: &&Item| match join.of.as_ref().or(join.on.as_ref()) {
            Some(path) => text_at(&item.value, path) == own,
            None => true,
        };
        let mut of_it = items.items.iter().filter(is_of_it).map(|item| item.value.clone());
        let Some(members) = value.as_object_mut() else { return Some(None) };
        match &join.into {
            Some(name) if join.all => {
                if items.failure.is_none() {
                    members.insert(name.clone(), Value::Array(of_it.collect()));
                }
            }
            Some(name) => {
                if let Some(item) = of_it.next() {
                    members.insert(name.clone(), item);
                } else if items.failure.is_none() {
                    members.insert(name.clone(), Value::Object(Map::new()));
                }
            }
            None => {
                for (name, part) in of_it.next().as_ref().and_then(Value::as_object).into_iter().flatten() {
                    members.entry(name.clone()).or_insert_with(|| part.clone());
                }
            }
        }
        Some(items.failure.clone())
    }

    fn search<'i>(
        &mut self,
        index: usize,
        kind: &'static Kind,
        way: &Find,
        items: &[&'i Item],
        resolved: &Resolved,
    ) -> Result<Option<&'i Item>, Blocked> {
        let resource = &self.resources[index];
        match way {
            Find::Way(way) if way == "external" => {
                let Some(name) = resource.external.as_deref() else { return Ok(None) };
                let is_it = |item: &&&Item| {
                    kind.id.iter().any(|path| text_at(&item.value, path).as_deref() == Some(name))
                        || arn_of(kind, &item.value, "", resource, self.account).as_deref() == Some(name)
                };
                Ok(items.iter().find(is_it).copied())
            }
            Find::Way(way) if way == "tags" => {
                let Some(path) = &kind.tags else { return Ok(None) };
                Ok(items.iter().find(|item| is_tagged(&item.value, path, resource)).copied())
            }
            Find::Way(_) => Ok(items.first().copied()),
            Find::Values(values) | Find::Unique { unique: values } => {
                let names = self.names(&resource.region);
                let mut wanted = Vec::new();
                for (path, from) in values {
                    let value = self.argument(index, resolved, from)?.unwrap_or(Value::Null);
                    if value.is_null() && from.starts_with("$tag:") {
                        return Ok(None);
                    }
                    let field = kind.fields.get(from);
                    let form = field.map_or(Form::Text, |field| field.form);
                    wanted.push((path, form, spelled(form, &value, field, &names)));
                }
                if wanted.iter().all(|(_, _, text)| text.is_empty()) {
                    return Ok(None);
                }
                let is_it = |item: &&&Item| {
                    wanted.iter().all(|(path, form, text)| {
                        let live = first_at(&item.value, path).cloned().unwrap_or(Value::Null);
                        spelled(*form, &live, None, &names) == *text
                    })
                };
                let is_free = |item: &&&Item| {
                    !matches!(way, Find::Unique { .. })
                        || !kind.tags.as_ref().is_some_and(|path| is_another(&item.value, path, resource))
                };
                let mut found = items.iter().filter(is_it).filter(is_free);
                let first = found.next().copied();
                let is_unique = !matches!(way, Find::Unique { .. }) || found.next().is_none();
                Ok(first.filter(|_| is_unique))
            }
        }
    }

    fn found(&self, index: usize, kind: &Kind, item: &Item) -> Found {
        let resource = &self.resources[index];
        let id = kind.id.first().and_then(|path| text_at(&item.value, path));
        let id = id.unwrap_or_else(|| resource.aws_name());
        Found {
            keys: vec![item.key.clone()],
            arn: arn_of(kind, &item.value, &id, resource, self.account),
            value: item.value.clone(),
            id,
        }
    }

    /// An argument of a read: a parameter, `$name`, or the text of a parameter's first value.
    pub(super) fn argument(
        &self,
        index: usize,
        resolved: &Resolved,
        from: &str,
    ) -> Result<Option<Value>, Blocked> {
        let resource = &self.resources[index];
        match from {
            "$name" => return Ok(Some(Value::String(resource.aws_name()))),
            "$alias" => {
                let name = resource.aws_name();
                let whole = if name.starts_with("alias/") { name } else { format!("alias/{name}") };
                return Ok(Some(Value::String(whole)));
            }
            "$private" => {
                let networks = resource.parameters.get("vpc");
                return Ok(Some(Value::Bool(networks.is_some_and(|vpc| !super::compare::is_empty(vpc)))));
            }
            _ => {}
        }
        if let Some(key) = from.strip_prefix("$tag:") {
            let tags = resource.parameters.get("tags").map(tags_of).unwrap_or_default();
            return Ok(tags.get(key).cloned().map(Value::String));
        }
        if let Some(blocked) = resolved.blocked.get(from) {
            return Err(blocked.clone());
        }
        let value = resolved.parameters.get(from).filter(|value| !value.is_null());
        Ok(value.cloned())
    }
}

/// A value in the spelling that finding compares.
fn spelled(form: Form, value: &Value, _field: Option<&Field>, names: &Names) -> String {
    let single = match value {
        Value::Array(items) => items.first().unwrap_or(&Value::Null),
        other => other,
    };
    if single.is_null() { String::new() } else { canonical(form, single, names) }
}

/// Whether a path has a value; a list of values allows each, `vpce-*` all that begin so.
pub(super) fn has(item: &Value, path: &str, wanted: &Value) -> bool {
    let found = all_at(item, path);
    match wanted {
        Value::Null => found.is_empty(),
        Value::Array(any) => found.iter().any(|value| any.contains(value)),
        Value::String(text) if text.ends_with('*') => {
            let beginning = text.trim_end_matches('*');
            found.iter().any(|value| value.as_str().is_some_and(|value| value.starts_with(beginning)))
        }
        one => found.contains(&one),
    }
}

fn is_gone(kind: &Kind, item: &Value) -> bool {
    let Some(status) = &kind.status else { return false };
    let word = text_at(item, &status.from).unwrap_or_default();
    status.gone.iter().any(|gone| gone.eq_ignore_ascii_case(&word))
        || status.gone_with.as_ref().is_some_and(|path| first_at(item, path).is_some())
}

fn is_tagged(item: &Value, path: &str, resource: &Desired) -> bool {
    let Some(tags) = first_member(item, path).map(tags_of) else { return false };
    tags.get("crossplane-name") == Some(&resource.name)
        && tags.get("crossplane-kind") == Some(&resource.tag_kind)
        && tags.get("crossplane-namespace").is_none_or(|own| Some(own) == resource.namespace.as_ref())
}

/// Whether Crossplane's tags name another resource.
fn is_another(item: &Value, path: &str, resource: &Desired) -> bool {
    let Some(tags) = first_member(item, path).map(tags_of) else { return false };
    tags.get("crossplane-name").is_some_and(|name| *name != resource.name)
}

/// A member at a path as it stands, a list as a list.
pub(super) fn first_member<'v>(item: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(item, |value, step| value.get(step))
}

/// The ARN of an item.
pub(super) fn arn_of(
    kind: &Kind,
    item: &Value,
    name: &str,
    resource: &Desired,
    account: &Account,
) -> Option<String> {
    let arn = kind.arn.as_ref()?;
    if !arn.contains("${") {
        return text_at(item, arn);
    }
    let path = resource.parameters.get("path").and_then(Value::as_str).unwrap_or("/");
    Some(
        arn.replace("${partition}", &account.partition)
            .replace("${account}", &account.id)
            .replace("${region}", &resource.region)
            .replace("${path}", path)
            .replace("${name}", name),
    )
}

pub(super) fn mentions_alias(value: &Value) -> bool {
    match value {
        Value::String(_) => is_alias(value),
        Value::Array(items) => items.iter().any(mentions_alias),
        Value::Object(members) => members.values().any(mentions_alias),
        _ => false,
    }
}

fn alias_of(item: &Item) -> Option<(String, String)> {
    Some((text_at(&item.value, "AliasName")?, text_at(&item.value, "TargetKeyId")?))
}
