//! Documents that are no resources but tell the function something: `meta.gotemplating.fn.crossplane.io/v1alpha1`.

use std::collections::BTreeMap;

use plimsoll_gotemplate::encoding::base64_decode;
use plimsoll_gotemplate::quote::quote;
use serde_json::{Map, Value};

use super::META_API_VERSION;
use crate::field_path::{MergeOptions, merge_value};
use crate::functions::selector_of;
use crate::pipeline::Condition;
use crate::pipeline_state::{Desired, Fatal};
use crate::required_resources::ResourceSelector;

/// The context key under which resources that were asked for are handed on.
pub(super) const EXTRA_RESOURCES_KEY: &str = "apiextensions.crossplane.io/extra-resources";

/// What is asked for, by the names that the template gives.
pub(super) type Requirements = BTreeMap<String, ResourceSelector>;

/// What such documents said so far.
#[derive(Debug, Default)]
pub(super) struct MetaResources {
    pub(super) conditions: Vec<Condition>,
    pub(super) requirements: Requirements,
    /// The context as the function was given it, which every document begins with again.
    context: Map<String, Value>,
}

impl MetaResources {
    /// Nothing said yet, with the context as it is now.
    pub(super) fn new(context: &Map<String, Value>) -> MetaResources {
        MetaResources { context: context.clone(), ..MetaResources::default() }
    }

    /// Takes one document in.
    pub(super) fn add(&mut self, kind: &str, document: &Value, desired: &mut Desired) -> Result<(), Fatal> {
        match kind {
            "CompositeConnectionDetails" => {
                let data = document.get("data").and_then(Value::as_object);
                for (key, value) in data.into_iter().flatten() {
                    let bytes =
                        base64_decode(value.as_str().unwrap_or_default().as_bytes()).unwrap_or_default();
                    desired.connection.insert(key.clone(), bytes);
                }
                Ok(())
            }
            "ClaimConditions" => self.add_conditions(document),
            "Context" => self.add_context(document, desired),
            "ExtraResources" => self.add_requirements(document),
            unknown => {
                let (unknown, version) = (quote(unknown.as_bytes()), quote(META_API_VERSION.as_bytes()));
                let rule = "must be one of CompositeConnectionDetails, Context or ExtraResources";
                Err(Fatal(format!("invalid kind {unknown} for apiVersion {version} - {rule}")))
            }
        }
    }

    fn add_conditions(&mut self, document: &Value) -> Result<(), Fatal> {
        let conditions = document
            .get("conditions")
            .and_then(Value::as_array)
            .ok_or_else(|| Fatal("cannot get Conditions from input: conditions: no such field".to_owned()))?;
        for condition in conditions {
            let text = |key: &str| condition.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let kind = text("type");
            if ["Ready", "Synced", "Healthy"].contains(&kind.as_str()) {
                let problem = "is a reserved Crossplane Condition";
                return Err(Fatal(format!("cannot set ClaimCondition type: {kind} {problem}")));
            }
            let status = match text("status").as_str() {
                status @ ("True" | "False") => status.to_owned(),
                _ => "Unknown".to_owned(),
            };
            self.conditions.push(Condition {
                kind,
                status,
                reason: text("reason"),
                message: text("message"),
            });
        }
        Ok(())
    }

    fn add_requirements(&mut self, document: &Value) -> Result<(), Fatal> {
        let requirements = document.get("requirements").and_then(Value::as_object).ok_or_else(|| {
            Fatal("cannot get extra resources requirements: requirements: no such field".to_owned())
        })?;
        for (name, requirement) in requirements {
            if self.requirements.insert(name.clone(), selector_of(requirement)).is_some() {
                return Err(Fatal(format!("duplicate extra resource key {}", quote(name.as_bytes()))));
            }
        }
        Ok(())
    }

    /// Merges keys over the context that the function was given, and sets all keys of that: what an earlier document set is
    /// lost where the function was given the key too, as in the original.
    fn add_context(&self, document: &Value, desired: &mut Desired) -> Result<(), Fatal> {
        let missing = || Fatal("cannot get Contexts from input: data: no such field".to_owned());
        let data = document.get("data").and_then(Value::as_object).ok_or_else(missing)?;
        let mut merged = self.context.clone();
        for (key, value) in data {
            let mut holder = match merged.remove(key) {
                Some(present) => serde_json::json!({"value": present}),
                None => serde_json::json!({}),
            };
            merge_value(&mut holder, "value", value.clone(), Some(MergeOptions::Overwrite))
                .map_err(|error| Fatal(format!("cannot merge Context: {error}")))?;
            merged.insert(key.clone(), holder["value"].take());
        }
        desired.context.extend(merged);
        Ok(())
    }
}
