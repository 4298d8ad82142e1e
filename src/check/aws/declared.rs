//! What an environment declares for AWS: the managed resources among its files, and those that its claims become.
//!
//! Managed resources are known by their groups, `SERVICE.aws.upbound.io` and `SERVICE.aws.m.upbound.io`. Those that claims
//! become are the expansion's; a value there that only the live systems can give is taken out, one that holds such a part
//! keeps it in angle brackets, and the paths of both are kept. A function of the files of a Git tree: nothing is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_crossplane::field_path::{delete_field, value_at};
use plimsoll_drift::Desired;
use plimsoll_resource::FileTree;
use plimsoll_yaml::{Dialect, Node, Numbers};
use serde_json::Value;

use crate::check::desired::{Desired as CheckDesired, DesiredResource};
use crate::check::outcome::{Source, Via};
use crate::expansion::{EnvironmentResources, Expansion, ManagedResource, Supplied};

/// How the groups of managed resources end, those of clusters and those of namespaces.
const GROUP_ENDINGS: [&str; 2] = [".aws.upbound.io", ".aws.m.upbound.io"];

/// A managed resource that the environment declares.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The whole resource, without values that only the live systems can give.
    pub value: Value,
    /// The claim and the managed resource, as reports spell them.
    pub via: Via,
    /// The layer that declares it.
    pub layer: String,
    /// The cluster that has the object, by its name in the environment.
    pub cluster: Option<String>,
    /// The file of the resource, or of the claim.
    pub source: Source,
    lines: Lines,
    /// The paths, as Crossplane writes them, whose values or parts of them only the live systems can give.
    pub unknown: Vec<String>,
    /// What it was composed as: the claim's composite and the name of the template; `None` where Git holds it.
    pub composed: Option<Composed>,
}

/// Where its fields stand.
#[derive(Debug, Clone)]
enum Lines {
    /// In a file of its own.
    File { root: Node, text: Arc<str> },
    /// In a claim, by the path as Crossplane writes it.
    Claim(BTreeMap<String, u32>),
}

/// How to find a composed resource in the management cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The name of the composite resource that it belongs to; may end in `-` where Crossplane draws the rest.
    pub composite: String,
    /// The name of its template in the Composition.
    pub resource_name: String,
    /// Whether its own name is known.
    pub has_name: bool,
}

impl Declared {
    /// The line of a field in the file, or of the nearest one above it.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<u32> {
        match &self.lines {
            Lines::File { root, text } => Desired::of_node(root, text).ok()?.line(&path.parse().ok()?),
            Lines::Claim(lines) => {
                let mut path = path;
                loop {
                    if let Some(line) = lines.get(path) {
                        return Some(*line);
                    }
                    path = &path[..path.rfind(['.', '['])?];
                }
            }
        }
    }

    /// A resource without a file, for tests.
    #[cfg(test)]
    pub(super) fn composed_for_test(value: Value, composed: Option<Composed>) -> Declared {
        Declared {
            via: Via { managed_resource: Some(spoken(&value)), ..Via::default() },
            layer: "network".to_owned(),
            cluster: None,
            source: Source { file: "environments/lab/network/claim.yaml".to_owned(), line: 1 },
            value,
            lines: Lines::Claim(BTreeMap::new()),
            unknown: Vec::new(),
            composed,
        }
    }

    /// A text of the resource, by pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.value.pointer(pointer).and_then(Value::as_str)
    }
}

/// Whether a group is one of AWS's managed resources; `aws.upbound.io` itself holds the provider's configuration.
#[must_use]
pub fn is_managed_group(group: &str) -> bool {
    GROUP_ENDINGS.iter().any(|ending| group.strip_suffix(ending).is_some_and(|service| !service.is_empty()))
}

/// Every managed resource that an environment declares: those in its files, in their order, then those of its claims.
#[must_use]
pub fn declared(desired: &CheckDesired) -> Vec<Declared> {
    let mut all: Vec<Declared> = desired.resources.iter().filter_map(|resource| of_file(resource)).collect();
    let mut tree = FileTree::default();
    for resource in &desired.resources {
        // The paths come from a tree already, so none of them leaves it.
        let _ = tree.insert(&resource.source.file, Arc::clone(resource.file_text()));
    }
    let environment = &desired.environment.metadata.name;
    let supplied = Supplied { outputs: Arc::clone(&desired.outputs), observed: Vec::new() };
    let resources = EnvironmentResources::of_files(&tree, environment, supplied);
    let expansion = resources.expand();
    all.extend(
        expansion
            .managed
            .iter()
            .filter(|managed| is_managed_group(&managed.id.group))
            .filter_map(|managed| composed(desired, &resources, &expansion, managed)),
    );
    all
}

fn of_file(resource: &DesiredResource) -> Option<Declared> {
    if !is_managed_group(&resource.id.group) {
        return None;
    }
    let (root, text) = resource.parse()?;
    let value = root.to_value(Dialect::Helm, Numbers::AsWritten).ok()?;
    Some(Declared {
        via: Via { managed_resource: Some(spoken(&value)), ..Via::default() },
        layer: resource.layer.to_string(),
        cluster: resource.cluster.as_deref().map(str::to_owned),
        source: resource.source.clone(),
        value,
        lines: Lines::File { root, text },
        unknown: Vec::new(),
        composed: None,
    })
}

fn composed(
    desired: &CheckDesired,
    resources: &EnvironmentResources,
    expansion: &Expansion,
    managed: &ManagedResource,
) -> Option<Declared> {
    let claim = expansion.claim_of(managed)?;
    let composite = expansion.composites.get(managed.composite)?;
    let mut value = managed.value.clone();
    let unknown: Vec<String> = managed.unknown.iter().map(|field| field.path.clone()).collect();
    // From the last to the first, so that no index moves before it is used.
    for path in unknown.iter().rev() {
        let is_hole = value_at(&value, path).is_ok_and(|value| value.as_str().is_some_and(is_hole));
        if is_hole {
            let _ = delete_field(&mut value, path);
        }
    }
    let file = claim.file.clone();
    let of_claim = desired.resources.iter().find(|resource| {
        resource.source.file == file && resource.id.kind == claim.id.kind && resource.id.name == claim.id.name
    });
    let lines = resources
        .all_lines_of(expansion, managed)
        .into_iter()
        .filter_map(|(path, lines)| {
            let line = lines.into_iter().find(|line| line.file == file)?;
            Some((path, line.line))
        })
        .collect();
    let name = |namespace: Option<&str>, name: &str| match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    let id = &managed.id;
    Some(Declared {
        via: Via {
            claim: Some(format!("{} {}", claim.id.kind, name(claim.id.namespace.as_deref(), &claim.id.name))),
            managed_resource: Some(format!("{} {}", id.kind, name(id.namespace.as_deref(), &id.name))),
            ..Via::default()
        },
        layer: of_claim.map(|resource| resource.layer.to_string()).unwrap_or_default(),
        cluster: of_claim.and_then(|resource| resource.cluster.as_deref()).map(str::to_owned),
        source: of_claim.map_or(Source { file, line: 1 }, |resource| resource.source.clone()),
        value,
        lines: Lines::Claim(lines),
        unknown,
        composed: Some(Composed {
            composite: composite.id.name.clone(),
            resource_name: managed.resource_name.clone(),
            has_name: managed.has_name,
        }),
    })
}

/// Whether a text is nothing but what only the live systems can give.
fn is_hole(text: &str) -> bool {
    text.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(|inner| !inner.contains(['<', '>']))
}

/// `Kind namespace/name`, as reports spell it.
fn spoken(value: &Value) -> String {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let kind = text("/kind").unwrap_or_default();
    let name = text("/metadata/name").unwrap_or_default();
    match text("/metadata/namespace") {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_managed_resources_name_a_service() {
        assert!(is_managed_group("ec2.aws.upbound.io"));
        assert!(is_managed_group("iam.aws.m.upbound.io"));
        assert!(!is_managed_group("aws.m.upbound.io"), "the provider's configuration");
        assert!(!is_managed_group(".aws.upbound.io"));
        assert!(!is_managed_group("ec2.aws.upbound.io.example.org"));
    }
}
