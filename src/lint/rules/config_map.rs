//! ConfigMaps that pods need are rendered, with the keys that they take.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::references::{CONFIG_MAP, needed};
use crate::lint::world::World;

/// What Kubernetes puts into every namespace.
const EVERYWHERE: &str = "kube-root-ca.crt";

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for need in needed(&workload, &CONFIG_MAP) {
            if need.name == EVERYWHERE {
                continue;
            }
            let Some((_, map)) = world.find(workload.resource, "", "ConfigMap", need.name) else {
                let message = format!("there is no ConfigMap `{}`", need.name);
                findings.tell(workload.index, need.path, message);
                continue;
            };
            for key in need.keys {
                let has = |member: &str| {
                    map.value
                        .get(member)
                        .and_then(Value::as_object)
                        .is_some_and(|data| data.contains_key(key))
                };
                if !has("data") && !has("binaryData") {
                    let message = format!("the ConfigMap `{}` has no key `{key}`", need.name);
                    findings.tell(workload.index, need.path.clone(), message);
                }
            }
        }
    }
}
