//! Bindings bind what is there: service accounts that are rendered, to roles that are rendered or that every cluster has.

use crate::lint::findings::Findings;
use crate::lint::world::{World, items, text};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Cluster roles that every cluster has.
const BUILT_IN: [&str; 4] = ["cluster-admin", "admin", "edit", "view"];

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        for (index, binding) in world.of_kind(RBAC, kind) {
            for (position, subject) in items(&binding.value, "/subjects").enumerate() {
                if text(subject, "/kind") != "ServiceAccount" {
                    continue;
                }
                let name = text(subject, "/name");
                let namespace = match text(subject, "/namespace") {
                    "" => binding.id.namespace.as_deref().unwrap_or_default(),
                    namespace => namespace,
                };
                // Of namespaces that the environment puts nothing into, others know.
                let is_ours = world.resources.iter().any(|resource| {
                    resource.cluster == binding.cluster && resource.id.namespace.as_deref() == Some(namespace)
                });
                let is_there = name == "default"
                    || world.find_in(&binding.cluster, Some(namespace), "", "ServiceAccount", name).is_some();
                if is_ours && !is_there {
                    let message = format!("there is no ServiceAccount `{namespace}/{name}`");
                    findings.tell(index, format!("subjects[{position}].name"), message);
                }
            }
            let (role_kind, role) = (binding.text("/roleRef/kind"), binding.text("/roleRef/name"));
            let is_there = match role_kind {
                "Role" => world.find(binding, RBAC, "Role", role).is_some(),
                _ => {
                    BUILT_IN.contains(&role)
                        || role.starts_with("system:")
                        || world.find_in(&binding.cluster, None, RBAC, "ClusterRole", role).is_some()
                }
            };
            if !is_there {
                findings.tell(index, "roleRef.name", format!("there is no {role_kind} `{role}`"));
            }
        }
    }
}
