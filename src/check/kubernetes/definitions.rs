//! The schemas of custom resources: from the cluster's definitions, else from those that Git declares.
//!
//! The server's own definition comes first, since it is what the server fills, prunes and merges by. Where there is certainly
//! none, lists are compared as a whole and nothing is taken for a default. One that could not be read leaves open whether a
//! difference is one: what is equal without it is equal with it, and all else is unknown.

use std::collections::HashMap;

use plimsoll_crossplane::xrd::composite_schema;
use plimsoll_drift::Schema;
use plimsoll_yaml::{Dialect, Numbers};
use serde_json::Value;

use super::ClusterTask;
use super::plan::{Job, Plan};
use super::source::ClusterSource;
use crate::live::kube::{Cause, Content, Failure, ServedKind};

/// Deeper than so no schema is followed.
const DEEPEST: usize = 100;

/// What is known of custom resources, by `group/version` and kind.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    schemas: HashMap<(String, String), Schema>,
    unread: HashMap<(String, String), Unread>,
}

/// A definition that could not be read.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    /// Its name.
    pub(super) name: String,
    /// Why.
    pub(super) failure: Failure,
}

impl Definitions {
    /// The schema of a kind.
    pub(super) fn schema(&self, api_version: &str, kind: &str) -> Option<&Schema> {
        self.schemas.get(&(api_version.to_owned(), kind.to_owned()))
    }

    /// Why the schema of a kind is not known, though it may have one.
    pub(super) fn unread(&self, api_version: &str, kind: &str) -> Option<&Unread> {
        self.unread.get(&(api_version.to_owned(), kind.to_owned()))
    }
}

/// Groups that a server has without a definition, beside the core group and those without a dot.
const BUILT_IN_GROUPS: &str = include_str!("built_in_groups.txt");

/// Reads the schemas of all custom resources that are compared.
pub(super) async fn read(task: &ClusterTask, plan: &Plan, source: &ClusterSource) -> Definitions {
    let mut kinds: Vec<&Job> = Vec::new();
    for job in &plan.jobs {
        let is_known = kinds.iter().any(|known| known.number == job.number);
        if !is_known && is_custom(&job.kind.group) && job.content == Content::Whole {
            kinds.push(job);
        }
    }
    let reads = kinds.into_iter().map(|job| async move {
        let name = format!("{}.{}", job.kind.plural, job.kind.group);
        let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
        let live = source.read(&path, "CustomResourceDefinition").await;
        let known = match live {
            Ok(definition) => Ok(schema_of(&definition, &job.kind)),
            Err(failure) => match declared(task, &name, &job.kind) {
                Some(schema) => Ok(Some(schema)),
                None if failure.cause == Cause::NotFound => Ok(None),
                None => Err(Unread { name, failure }),
            },
        };
        ((job.kind.api_version(), job.kind.kind.clone()), known)
    });
    let mut definitions = Definitions::default();
    for (kind, known) in futures::future::join_all(reads).await {
        match known {
            Ok(schema) => definitions.schemas.extend(schema.map(|schema| (kind, schema))),
            Err(unread) => {
                definitions.unread.insert(kind, unread);
            }
        }
    }
    definitions
}

/// Whether a group's kinds come from definitions.
pub(in crate::check) fn is_custom(group: &str) -> bool {
    group.contains('.') && !BUILT_IN_GROUPS.lines().any(|known| known == group)
}

/// The schema that Git declares: by a definition, or by one of Crossplane's that becomes such a definition.
fn declared(task: &ClusterTask, name: &str, kind: &ServedKind) -> Option<Schema> {
    let of_kind = |kind: &str| {
        let mut resources = task.resources.iter();
        let resource = resources.find(|resource| resource.id.kind == kind && resource.id.name == name)?;
        resource.parse()?.0.to_value(Dialect::Helm, Numbers::AsWritten).ok()
    };
    let own = of_kind("CustomResourceDefinition").and_then(|definition| schema_of(&definition, kind));
    own.or_else(|| {
        let definition = of_kind("CompositeResourceDefinition")?;
        let schema = composite_schema(&definition, &kind.version)?;
        Some(Schema::of_open_api(&schema, &kind.kind, &kind.group))
    })
}

fn schema_of(definition: &Value, kind: &ServedKind) -> Option<Schema> {
    let versions = definition.pointer("/spec/versions")?.as_array()?;
    let schema_where = |fits: &dyn Fn(&Value) -> bool| {
        versions.iter().find(|one| fits(one))?.pointer("/schema/openAPIV3Schema")
    };
    let own = schema_where(&|one| one.get("name").and_then(Value::as_str) == Some(&kind.version))?;
    let mut schema = own.clone();
    let stored = schema_where(&|one| one.get("storage") == Some(&Value::Bool(true)));
    if let Some(stored) = stored.filter(|stored| *stored != own) {
        take_defaults(&mut schema, stored, 0);
    }
    Some(Schema::of_open_api(&schema, &kind.kind, &kind.group))
}

/// Gives a schema the defaults of the version that resources are stored in: the server fills those in too, before it converts.
fn take_defaults(schema: &mut Value, stored: &Value, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let Some(fields) = schema.as_object_mut() else { return };
    if let Some(default) = stored.get("default") {
        fields.entry("default").or_insert_with(|| default.clone());
    }
    for key in ["items", "additionalProperties"] {
        if let (Some(inner), Some(stored)) = (fields.get_mut(key), stored.get(key)) {
            take_defaults(inner, stored, depth + 1);
        }
    }
    let properties = fields.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(stored) = stored.get("properties").and_then(|stored| stored.get(name)) {
            take_defaults(property, stored, depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_of_the_stored_version_are_filled_in_too() {
        let list =
            |item: Value| json!({"type": "array", "items": {"type": "object", "properties": {"a": item}}});
        let mut schema = json!({"properties": {"policy": {"type": "string"}, "own": {"default": 1},
            "list": list(json!({"type": "string"}))}});
        let stored = json!({"properties": {"policy": {"default": "Background"}, "own": {"default": 2},
            "gone": {"default": 3}, "list": list(json!({"default": "x"}))}});
        take_defaults(&mut schema, &stored, 0);
        let expected = json!({"properties": {"policy": {"type": "string", "default": "Background"}, "own": {"default": 1},
            "list": list(json!({"type": "string", "default": "x"}))}});
        assert_eq!(schema, expected);
    }
}
