//! The rights by which the check itself reads are no drift of a namespace that they lie in.
//!
//! Who the check is cannot be asked with get and list alone, so it is concluded: where the check may read in a namespace and not
//! in the whole cluster, some binding in that namespace lets it. If among the extra ones there is exactly one that gives one
//! subject nothing but reading, by a role that is extra too, it is that one. Where there are two such, both are told.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_resource::ResourceId;
use serde_json::Value;

use super::source::ClusterSource;

/// The API group of rights.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// Of extra roles and bindings those by which the check reads.
pub(super) async fn among(
    extras: &BTreeMap<&ResourceId, &Value>,
    source: &ClusterSource,
) -> BTreeSet<ResourceId> {
    let mut by_namespace: BTreeMap<&str, Vec<(&ResourceId, ResourceId)>> = BTreeMap::new();
    for (id, binding) in extras.iter().filter(|(id, _)| id.kind == "RoleBinding") {
        let Some(namespace) = &id.namespace else { continue };
        let role = ResourceId {
            group: GROUP.to_owned(),
            kind: "Role".to_owned(),
            namespace: Some(namespace.clone()),
            name: binding.pointer("/roleRef/name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        };
        let is_of_role = binding.pointer("/roleRef/kind").and_then(Value::as_str) == Some("Role");
        let has_one_subject =
            binding.get("subjects").and_then(Value::as_array).is_some_and(|subjects| subjects.len() == 1);
        let only_reads = extras.get(&role).is_some_and(|role| only_reads(role));
        if is_of_role && has_one_subject && only_reads {
            by_namespace.entry(namespace).or_default().push((id, role));
        }
    }
    by_namespace.retain(|_, candidates| candidates.len() == 1);
    if by_namespace.is_empty() {
        return BTreeSet::new();
    }
    let everywhere = format!("/apis/{GROUP}/v1/rolebindings?limit=1");
    if !source.is_forbidden(&everywhere).await {
        return BTreeSet::new();
    }
    by_namespace.into_values().flatten().flat_map(|(binding, role)| [binding.clone(), role]).collect()
}

fn only_reads(role: &Value) -> bool {
    let rules = role.get("rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let reads = |verb: &Value| matches!(verb.as_str(), Some("get" | "list" | "watch"));
    !rules.is_empty()
        && rules.iter().all(|rule| {
            rule.get("verbs").and_then(Value::as_array).is_some_and(|verbs| verbs.iter().all(reads))
        })
}
