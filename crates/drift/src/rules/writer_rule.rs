//! One rule of the files under `rules/`: which fields somebody may own though Git does not declare them.

use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

use super::texts;
use crate::ignore::glob;
use crate::sides::at;
use crate::walk::Walk;

/// A rule, as `rules/README.md` describes it.
#[derive(Debug)]
pub(crate) struct WriterRule {
    paths: Vec<FieldPath>,
    kinds: Vec<Box<str>>,
    managers: Option<Vec<Box<str>>>,
    values: Option<Vec<Box<str>>>,
    conditions: Vec<(FieldPath, Box<str>)>,
    allows_no_owner: bool,
    is_allocated: bool,
    needs_autoscaler: bool,
}

impl WriterRule {
    /// A rule of a file.
    pub(super) fn read(rule: &Value) -> WriterRule {
        let path = |text: &str| text.parse().expect("the paths of the rules are paths");
        let is = |key| at(rule, key) == &Value::Bool(true);
        let conditions = at(rule, "where").as_object().into_iter().flatten();
        WriterRule {
            paths: texts(at(rule, "paths")).iter().map(|text| path(text)).collect(),
            kinds: texts(at(rule, "kinds")),
            managers: rule.get("managers").map(texts),
            values: rule.get("values").map(texts),
            conditions: conditions
                .map(|(key, value)| (path(key), value.as_str().unwrap_or("*").into()))
                .collect(),
            allows_no_owner: is("orUnowned"),
            is_allocated: is("allocated"),
            needs_autoscaler: is("autoscaled"),
        }
    }

    /// Whether the rule covers what lives at a path.
    pub(super) fn covers(&self, walk: &Walk<'_>, path: &FieldPath, live: &Value) -> bool {
        self.paths.iter().any(|own| reaches(own, path))
            && self.is_for_kind(walk)
            && self.values.as_ref().is_none_or(|values| {
                let text = live.as_str().unwrap_or_default();
                values.iter().any(|value| glob(value, text))
            })
            && (!self.needs_autoscaler || walk.is_autoscaled)
            && self.conditions.iter().all(|(wanted, value)| holds(walk.live, wanted, value))
            && self.may_be_written(walk, path)
    }

    fn is_for_kind(&self, walk: &Walk<'_>) -> bool {
        self.kinds.is_empty()
            || self.kinds.iter().any(|own| match own.split_once('.') {
                Some((kind, group)) => kind == walk.kind && group == walk.group,
                None => own.as_ref() == walk.kind && walk.group.is_empty(),
            })
    }

    fn may_be_written(&self, walk: &Walk<'_>, path: &FieldPath) -> bool {
        if self.managers.is_none() && !self.is_allocated {
            return true;
        }
        let is_deployer = |manager: &str| walk.is_deployer(manager);
        let writer = walk.writers.writer(path, &is_deployer).map(|entry| entry.manager);
        match (&self.managers, writer) {
            (_, None) => self.is_allocated || self.allows_no_owner,
            (Some(managers), Some(writer)) => managers.iter().any(|manager| glob(manager, writer)),
            (None, Some(writer)) => walk.is_deployer(writer) || writer.starts_with("kube-"),
        }
    }
}

/// Whether the path of a rule is a path or stands above it; its keys are patterns.
fn reaches(own: &FieldPath, path: &FieldPath) -> bool {
    own.steps.len() <= path.steps.len()
        && own.steps.iter().zip(&path.steps).all(|(own, step)| match (own, step) {
            (Step::Any, _) => true,
            (Step::Key(pattern), Step::Key(key)) => glob(pattern, key),
            (own, step) => own == step,
        })
}

/// Whether a resource has a fitting value at a path, whose last key may be a pattern.
fn holds(live: &Value, path: &FieldPath, pattern: &str) -> bool {
    let Some((Step::Key(last), above)) = path.steps.split_last() else { return false };
    let above = FieldPath { steps: above.to_vec() };
    let map = above.find_value(live).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .any(|(key, value)| glob(last, key) && glob(pattern, value.as_str().unwrap_or_default()))
}
