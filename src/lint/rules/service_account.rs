//! The service account of pods is rendered beside them.

use crate::lint::findings::Findings;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        let name = workload.pod_text("serviceAccountName");
        if name.is_empty() || name == "default" {
            continue;
        }
        if world.find(workload.resource, "", "ServiceAccount", name).is_none() {
            let message = format!("there is no ServiceAccount `{name}`");
            findings.tell(workload.index, workload.path("serviceAccountName"), message);
        }
    }
}
