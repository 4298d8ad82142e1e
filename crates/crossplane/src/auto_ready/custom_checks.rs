//! Health checks that the input or the context writes in CEL, an alpha feature of function-auto-ready 0.7.0.
//!
//! Follows `fn.go` and `cel/resolver.go` of that version: a check is known by `group_version_Kind`, sees the resource as `object`
//! of no known type, and goes before the checks that are built in. The words of syntax errors, and functions of Kubernetes'
//! libraries, which are known here and not there, are what differs.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cel::{HealthQuery, QueryError};
use crate::definitions::GroupVersionKind;
use crate::pipeline_state::{FunctionResult, Ready};

/// Whether the function was started with the feature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CustomChecks {
    /// As it is by itself.
    #[default]
    Disabled,
    /// With `--feature-gates=CELHealthcheckCustomizations=true`.
    Enabled,
}

/// The checks by the kinds that they are for.
pub(super) struct Checks(BTreeMap<String, String>);

impl Checks {
    /// Those of the context, then those of the input.
    pub(super) fn of(input: &Value, context: &Map<String, Value>, custom: CustomChecks) -> Checks {
        let mut checks = BTreeMap::new();
        if custom == CustomChecks::Enabled {
            let from = input.get("celHealthCheckCustomizationFrom").and_then(Value::as_str);
            checks.extend(from.and_then(|key| nested(context, key)).map(texts).unwrap_or_default());
            let own = input.get("celHealthCheckCustomization").and_then(Value::as_object);
            checks.extend(own.map(texts).unwrap_or_default());
        }
        Checks(checks)
    }

    /// What the check of a resource's kind says; `None` where there is none for it.
    pub(super) fn readiness(&self, observed: &Value) -> Option<Result<Ready, FunctionResult>> {
        let kind = GroupVersionKind::of(observed);
        let query = self.0.get(&format!("{}_{}_{}", kind.group, kind.version, kind.kind))?;
        Some(match HealthQuery::compile(query).and_then(|query| query.evaluate(observed)) {
            Ok(true) => Ok(Ready::True),
            Ok(false) => Ok(Ready::False),
            Err(error) => Err(FunctionResult::warning(words(error))),
        })
    }
}

fn words(error: QueryError) -> String {
    match error {
        QueryError::Compile(problems) => format!("failed to compile query: {problems}"),
        QueryError::NotBool => "celQuery does not return a bool type".to_owned(),
        QueryError::Evaluate(failure) => format!("failed to eval the program: {failure}"),
    }
}

fn texts(fields: &Map<String, Value>) -> BTreeMap<String, String> {
    fields.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The map at the end of a key such as `[example.org/environment].checks`.
fn nested<'c>(context: &'c Map<String, Value>, key: &str) -> Option<&'c Map<String, Value>> {
    let mut parts = parts(key).into_iter();
    let first = context.get(&parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part)).and_then(Value::as_object)
}

/// What stands in brackets, and between dots; the original finds both with `\[([^\[\]]+)\]|([^.\[\]]+)`.
fn parts(key: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = key;
    while let Some(first) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix('[')
            && let Some(end) = inside.find(['[', ']'])
            && end > 0
            && inside[end..].starts_with(']')
        {
            parts.push(inside[..end].to_owned());
            rest = &inside[end + 1..];
        } else if matches!(first, '.' | '[' | ']') {
            rest = &rest[1..];
        } else {
            let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
            parts.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
    }
    parts
}
