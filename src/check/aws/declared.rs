//! What an environment declares for AWS: the managed resources among its files, and those that its claims become.
//!
//! Managed resources are known by their groups, `SERVICE.aws.upbound.io` and `SERVICE.aws.m.upbound.io`. Those that claims
//! become are the expansion's; a value there that only the live systems can give is taken out, one that holds such a part
//! keeps it in angle brackets, and the paths of both are kept. A function of the files of a Git tree: nothing is read. Claims of
//! which not everything is known come beside, for [`super::surroundings`] to follow.

use std::sync::Arc;

use plimsoll_crossplane::field_path::{delete_field, value_at};
use plimsoll_drift::Desired;
use plimsoll_yaml::{Dialect, Node, Numbers};
use serde_json::{Value, json};

use super::unexpanded::{Unexpanded, unexpanded};
use crate::check::composed::{self, ClaimLines, claim_resource, environment_resources, is_hole};
use crate::check::desired::{Desired as CheckDesired, DesiredResource};
use crate::check::outcome::{Source, Via};
use crate::check::template::Template;
use crate::expansion::{EnvironmentResources, Expansion, ManagedResource};

/// How the groups of managed resources end, those of clusters and those of namespaces.
const GROUP_ENDINGS: [&str; 2] = [".aws.upbound.io", ".aws.m.upbound.io"];

/// What a report says of a resource that is compared with what the management cluster says it should be.
const OF_CLUSTER: &str = "spec of the management cluster";

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
    /// What it was composed as; `None` where Git holds it.
    pub composed: Option<Template>,
}

/// Where its fields stand.
#[derive(Debug, Clone)]
enum Lines {
    /// In a file of its own.
    File { root: Node, text: Arc<str> },
    /// In a claim, by the path as Crossplane writes it.
    Claim(ClaimLines),
}

impl Declared {
    /// The line of a field in the file, or of the nearest one above it.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<u32> {
        match &self.lines {
            Lines::File { root, text } => Desired::of_node(root, text).ok()?.line(&path.parse().ok()?),
            Lines::Claim(lines) => lines.line(path),
        }
    }

    /// A resource that a claim became, as the management cluster has it.
    pub(super) fn of_cluster(claim: &Unexpanded, object: &Value) -> Declared {
        let part = |pointer: &str| object.pointer(pointer).cloned().unwrap_or_default();
        let mut metadata = json!({});
        for key in ["name", "namespace", "labels", "annotations"] {
            if let Some(value) = object.pointer(&format!("/metadata/{key}")) {
                metadata[key] = value.clone();
            }
        }
        let value = json!({"apiVersion": part("/apiVersion"), "kind": part("/kind"), "metadata": metadata, "spec": part("/spec")});
        Declared {
            via: Via {
                claim: Some(claim.spoken()),
                managed_resource: Some(spoken(&value)),
                compared: Some(OF_CLUSTER.to_owned()),
            },
            layer: claim.layer.clone(),
            cluster: claim.cluster.clone(),
            source: claim.source.clone(),
            value,
            lines: Lines::Claim(ClaimLines::default()),
            unknown: Vec::new(),
            composed: None,
        }
    }

    /// Whether the management cluster says what it should be, since Git does not.
    #[must_use]
    pub fn is_of_cluster(&self) -> bool {
        self.via.compared.as_deref() == Some(OF_CLUSTER)
    }

    /// A resource without a file, for tests.
    #[cfg(test)]
    pub(super) fn composed_for_test(value: Value, composed: Option<Template>) -> Declared {
        Declared {
            via: Via { managed_resource: Some(spoken(&value)), ..Via::default() },
            layer: "network".to_owned(),
            cluster: None,
            source: Source { file: "environments/lab/network/claim.yaml".to_owned(), line: 1 },
            value,
            lines: Lines::Claim(ClaimLines::default()),
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

/// What an environment declares for AWS.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    /// Every managed resource: those in its files, in their order, then those of its claims.
    pub resources: Vec<Declared>,
    /// The claims of which not everything is known.
    pub unexpanded: Vec<Unexpanded>,
}

/// What an environment declares for AWS.
#[must_use]
pub fn declared(desired: &CheckDesired) -> Declarations {
    let mut all: Vec<Declared> = desired.resources.iter().filter_map(|resource| of_file(resource)).collect();
    let resources = environment_resources(desired);
    let expansion = resources.expand();
    all.extend(
        expansion
            .managed
            .iter()
            .filter(|managed| is_managed_group(&managed.id.group))
            .filter_map(|managed| of_claim(desired, &resources, &expansion, managed)),
    );
    Declarations { resources: all, unexpanded: unexpanded(desired, &expansion) }
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

fn of_claim(
    desired: &CheckDesired,
    resources: &EnvironmentResources,
    expansion: &Expansion,
    managed: &ManagedResource,
) -> Option<Declared> {
    let claim = expansion.claim_of(managed)?;
    let mut value = Value::clone(&managed.value);
    let unknown: Vec<String> = managed.unknown.iter().map(|field| field.path.clone()).collect();
    // From the last to the first, so that no index moves before it is used.
    for path in unknown.iter().rev() {
        let is_hole = value_at(&value, path).is_ok_and(|value| value.as_str().is_some_and(is_hole));
        if is_hole {
            let _ = delete_field(&mut value, path);
        }
    }
    let file = claim.file.clone();
    let of_claim = claim_resource(desired, claim);
    let lines = ClaimLines::of(resources, expansion, managed, &file);
    Some(Declared {
        via: Via {
            claim: Some(composed::spoken(&claim.id)),
            managed_resource: Some(composed::spoken(&managed.id)),
            ..Via::default()
        },
        layer: of_claim.map(|resource| resource.layer.to_string()).unwrap_or_default(),
        cluster: of_claim.and_then(|resource| resource.cluster.as_deref()).map(str::to_owned),
        source: of_claim.map_or(Source { file, line: 1 }, |resource| resource.source.clone()),
        value,
        lines: Lines::Claim(lines),
        unknown,
        composed: Template::of(managed, expansion),
    })
}

/// `Kind namespace/name` of a resource as data, as reports spell it.
pub(super) fn spoken(value: &Value) -> String {
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
