//! How each resource of Git stands, from what was found of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::calls::CallFailure;
use super::compare::{Comparison, is_empty};
use super::find::{Blocked, Finder, Found, Outcome, mentions_alias};
use super::result::{AwsResult, Change, Difference, State};
use crate::kind::{Find, Kind, ServiceKinds, Severity};
use crate::value::{first_at, same, text_at, text_of};

/// Meets the reads that found resources need besides.
pub(super) fn ask_for_joins(finder: &mut Finder<'_>) {
    for index in 0..finder.resources.len() {
        if let Outcome::Found(found) = finder.find(index)
            && let Some((kinds, kind)) = finder.resources[index].facts
        {
            let _ = joined(finder, index, kinds, kind, &found);
        }
        finder.names(&finder.resources[index].region);
    }
}

/// All resources, in order.
pub(super) fn all(finder: &mut Finder<'_>) -> Vec<AwsResult> {
    (0..finder.resources.len()).map(|index| of(finder, index)).collect()
}

/// An item with its joins, and the failures among them; `None` while some are not known.
pub(super) fn joined(
    finder: &mut Finder<'_>,
    index: usize,
    kinds: &'static ServiceKinds,
    kind: &'static Kind,
    found: &Found,
) -> Option<(Value, Option<CallFailure>)> {
    let mut value = found.value.clone();
    let mut failure = None;
    let mut is_whole = true;
    for join in kind.joins.iter().filter(|join| !join.early) {
        if let Some(other) = &join.unless_kind
            && has_own_object(finder, index, other, &found.id)
        {
            continue;
        }
        let declared = finder.resolve(index);
        if let Some(parameter) = &join.when_declared
            && declared.parameters.get(parameter).is_none_or(is_empty)
        {
            continue;
        }
        let region = finder.resources[index].region.clone();
        match finder.join(kinds, join, &region, &mut value) {
            Some(failed) => failure = failure.or(failed),
            None => is_whole = false,
        }
    }
    is_whole.then_some((value, failure))
}

/// Whether Git has an object of another kind for this bucket, which compares that part itself.
pub(super) fn has_own_object(finder: &mut Finder<'_>, index: usize, kind_name: &str, id: &str) -> bool {
    let others: Vec<usize> = (0..finder.resources.len())
        .filter(|other| *other != index && finder.resources[*other].kind_name == kind_name)
        .collect();
    others.into_iter().any(|other| {
        let resolved = finder.resolve(other);
        let bucket = resolved.parameters.get("bucket");
        bucket.is_some_and(|bucket| bucket.as_str() == Some(id))
            || (bucket.is_none() && finder.resources[other].aws_name() == id)
    })
}

fn of(finder: &mut Finder<'_>, index: usize) -> AwsResult {
    let resource = &finder.resources[index];
    let mut result = AwsResult {
        resource: Some(resource.index),
        kind: resource.kind_name.clone(),
        name: resource.external.clone().unwrap_or_else(|| resource.aws_name()),
        arn: None,
        region: resource.facts.is_none_or(|(kinds, _)| !kinds.global).then(|| resource.region.clone()),
        state: State::InSync,
        severity: None,
        cause: None,
        settles: false,
        differences: Vec::new(),
        uncompared: Vec::new(),
    };
    let Some((kinds, kind)) = resource.facts else {
        result.state = State::Unsupported;
        return result;
    };
    if kind.source.is_none() {
        result.state = State::ClusterOnly;
        return result;
    }
    match finder.find(index) {
        Outcome::Pending => unknown(&mut result, "Timeout"),
        Outcome::Unknown(failure) => unknown(&mut result, &failure.code),
        Outcome::Missing => {
            result.state = State::Missing;
            result.severity = Some(kind.missing.unwrap_or(Severity::Medium));
        }
        Outcome::Found(found) => {
            result.name = found.id.clone();
            result.arn = found.arn.clone();
            match joined(finder, index, kinds, kind, &found) {
                None => unknown(&mut result, "Timeout"),
                Some((value, failure)) => judge(finder, index, kind, &value, failure, &mut result),
            }
        }
    }
    result
}

fn unknown(result: &mut AwsResult, cause: &str) {
    result.state = State::Unknown;
    result.severity = Some(Severity::Medium);
    result.cause = Some(cause.to_owned());
}

fn judge(
    finder: &mut Finder<'_>,
    index: usize,
    kind: &'static Kind,
    value: &Value,
    failure: Option<CallFailure>,
    result: &mut AwsResult,
) {
    let resolved = finder.resolve(index);
    let names = finder.names(&finder.resources[index].region);
    let besides = accounted_for(finder, index, kind);
    let blocked = |path: &str| resolved.blocked.contains_key(path);
    let is_provider_only = |path: &str| kind.provider_only.iter().any(|known| known == path);
    let mut comparison = Comparison {
        names: &names,
        blocked: &blocked,
        is_partial: failure.is_some(),
        is_provider_only: &is_provider_only,
        besides: &besides,
        differences: Vec::new(),
        uncompared: Vec::new(),
    };
    let mut waiting = Vec::new();
    comparison.all(kind, &resolved.parameters, value);
    for path in &kind.waiting {
        waiting.extend(waiting_values(kind, value, path));
    }
    let mut differences = std::mem::take(&mut comparison.differences);
    result.uncompared = std::mem::take(&mut comparison.uncompared);
    let mut settles = false;
    if !waiting.is_empty() {
        settles = apply_waiting(kind, &resolved.parameters, &waiting, &names, &mut differences);
    }
    let external = finder.resources[index].external.as_deref().filter(|_| !kind.named);
    if differences.is_empty()
        && waiting.is_empty()
        && failure.is_none()
        && let Some(external) = external
        && kind.find.iter().any(|way| matches!(way, Find::Way(way) if way == "external"))
        && !is_known_as(kind, value, external, result)
    {
        differences.push(Difference {
            path: "metadata.annotations[\"crossplane.io/external-name\"]".to_owned(),
            change: Change::Changed,
            desired: Some(Value::from(external)),
            live: Some(Value::from(result.name.clone())),
            severity: Severity::Medium,
            needs_replace: false,
        });
    }
    differences.sort_by(|one, other| one.path.cmp(&other.path));
    result.differences = differences;
    let word = kind.status.as_ref().and_then(|status| text_at(value, &status.from)).unwrap_or_default();
    let says = |words: &[String]| words.iter().any(|known| known.eq_ignore_ascii_case(&word));
    let status = kind.status.as_ref();
    if status.is_some_and(|status| says(&status.failed)) {
        result.cause = Some(word.clone());
        result.differences.push(Difference {
            path: "spec.forProvider.status".to_owned(),
            change: Change::Changed,
            desired: None,
            live: Some(Value::String(word.clone())),
            severity: Severity::Medium,
            needs_replace: false,
        });
    }
    let worst = result.differences.iter().map(|difference| difference.severity).max();
    let open = resolved.blocked.values().find_map(|blocked| match blocked {
        Blocked::Unknown(failure) => Some(failure.code.clone()),
        Blocked::Pending => Some("Timeout".to_owned()),
        Blocked::Dangling => None,
    });
    let open = failure.map(|failure| failure.code).or(open);
    let uses_alias = mentions_alias(&Value::Object(resolved.parameters.clone()));
    let open = open.or(names.keys_failure.clone().filter(|_| uses_alias));
    if status.is_some_and(|status| says(&status.pending)) || !waiting.is_empty() {
        result.state = State::Pending;
        result.severity = Some(worst.unwrap_or(Severity::Low));
        let ends = word.to_lowercase().contains("delet");
        let names: Vec<&str> = waiting.iter().map(|(name, _)| name.as_str()).collect();
        result.cause = Some(if waiting.is_empty() || (status.is_some_and(|status| says(&status.pending))) {
            word
        } else {
            format!("PendingModifiedValues: {}", names.join(", "))
        });
        let leads_to_git = if waiting.is_empty() { result.differences.is_empty() } else { settles };
        result.settles = leads_to_git && !ends;
    } else if !result.differences.is_empty() {
        result.state = State::Changed;
        result.severity = worst;
    } else if let Some(cause) = open {
        unknown(result, &cause);
    }
}

/// Whether an external name is one of an item's: if not, the resource was made again.
fn is_known_as(kind: &Kind, value: &Value, external: &str, result: &AwsResult) -> bool {
    let mut names = kind.id.iter().filter_map(|path| text_at(value, path));
    names.any(|name| name == external) || result.arn.as_deref() == Some(external)
}

/// The values that wait, by parameter.
fn waiting_values(kind: &Kind, value: &Value, path: &str) -> Vec<(String, Value)> {
    let Some(waiting) = first_at(value, path).and_then(Value::as_object) else { return Vec::new() };
    let by_member = |member: &str| {
        kind.fields.iter().find(|(_, field)| {
            field.from.iter().any(|from| from == member || from.rsplit('.').next() == Some(member))
        })
    };
    waiting
        .iter()
        .filter(|(_, value)| !is_empty(value) && !value.is_object())
        .map(|(member, value)| {
            let name = by_member(member).map_or_else(|| member.clone(), |(name, _)| name.clone());
            (name, value.clone())
        })
        .collect()
}

/// Puts waiting values in the place of live ones. True where all of them are what Git declares.
fn apply_waiting(
    kind: &Kind,
    desired: &Map<String, Value>,
    waiting: &[(String, Value)],
    names: &crate::value::Names,
    differences: &mut Vec<Difference>,
) -> bool {
    let mut settles = true;
    for (name, value) in waiting {
        let path = format!("spec.forProvider.{name}");
        let field = kind.fields.get(name);
        let form = field.map(|field| field.form).unwrap_or_default();
        let declared = desired.get(name).filter(|value| !is_empty(value));
        let declared =
            declared.or(field.and_then(|field| field.default.as_ref()).filter(|value| !is_empty(value)));
        differences.retain(|difference| difference.path != path);
        if declared.is_none_or(|declared| same(form, declared, value, names)) {
            continue;
        }
        settles = false;
        differences.push(Difference {
            path,
            change: Change::Changed,
            desired: declared.cloned(),
            live: Some(value.clone()),
            severity: field.and_then(|field| field.severity).unwrap_or(Severity::Medium),
            needs_replace: false,
        });
    }
    settles && differences.is_empty()
}

/// Items of a resource's lists that other objects of Git account for, such as policies attached by an attachment.
fn accounted_for(finder: &mut Finder<'_>, index: usize, kind: &Kind) -> BTreeMap<String, Vec<String>> {
    let mut accounted = BTreeMap::new();
    let besides: Vec<_> =
        kind.fields.iter().filter_map(|(name, field)| Some((name.clone(), field.besides.clone()?))).collect();
    let own = finder.resources[index].aws_name();
    for (name, (other_kind, parameter)) in besides {
        let mut values = Vec::new();
        for other in 0..finder.resources.len() {
            if finder.resources[other].kind_name != other_kind {
                continue;
            }
            let resolved = finder.resolve(other);
            let is_of_it = resolved.parameters.values().any(|value| value.as_str() == Some(own.as_str()));
            if is_of_it && let Ok(Some(value)) = finder.argument(other, &resolved, &parameter) {
                values.push(text_of(&value));
            }
        }
        accounted.insert(name, values);
    }
    accounted
}
