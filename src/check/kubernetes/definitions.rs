//! The schemas of custom resources: from the cluster's definitions, else from those that Git declares.
//!
//! The server's own definition comes first, since it is what the server fills, prunes and merges by. One that cannot be read
//! makes nothing unknown: without a schema lists are compared as a whole and nothing is taken for a default.

use plimsoll_drift::Schema;
use plimsoll_yaml::{Dialect, Numbers};
use serde_json::Value;

use super::ClusterTask;
use super::judge::Schemas;
use super::plan::{Job, Plan};
use super::source::ClusterSource;

/// Groups that a server has without a definition, beside the core group and those without a dot.
const BUILT_IN_GROUPS: &str = include_str!("built_in_groups.txt");

/// Reads the schemas of all custom resources that are compared.
pub(super) async fn read(task: &ClusterTask, plan: &Plan, source: &ClusterSource) -> Schemas {
    let mut kinds: Vec<&Job> = Vec::new();
    for job in &plan.jobs {
        let is_known = kinds.iter().any(|known| known.number == job.number);
        if !is_known && is_custom(&job.kind.group) && job.content == crate::live::kube::Content::Whole {
            kinds.push(job);
        }
    }
    let reads = kinds.into_iter().map(|job| async move {
        let name = format!("{}.{}", job.kind.plural, job.kind.group);
        let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
        let live = source.read(&path, "CustomResourceDefinition").await.ok();
        let definition = live.or_else(|| declared(task, &name))?;
        let schema = schema_of(&definition, &job.kind.version)?;
        Some(((job.kind.api_version(), job.kind.kind.clone()), Schema::of_open_api(schema)))
    });
    futures::future::join_all(reads).await.into_iter().flatten().collect()
}

/// Whether a group's kinds come from definitions.
pub(super) fn is_custom(group: &str) -> bool {
    group.contains('.') && !BUILT_IN_GROUPS.lines().any(|known| known == group)
}

fn declared(task: &ClusterTask, name: &str) -> Option<Value> {
    let resource = task
        .resources
        .iter()
        .find(|resource| resource.id.kind == "CustomResourceDefinition" && resource.id.name == name)?;
    let (node, _) = resource.parse()?;
    node.to_value(Dialect::Helm, Numbers::AsWritten).ok()
}

fn schema_of<'d>(definition: &'d Value, version: &str) -> Option<&'d Value> {
    let versions = definition.pointer("/spec/versions")?.as_array()?;
    let found = versions.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(version))?;
    found.pointer("/schema/openAPIV3Schema")
}
