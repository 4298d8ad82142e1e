//! The nodes that the environment makes hold the pods that it renders: what they request fits, each pod on one node and all of
//! them together.

use crate::lint::capacity::{Capacity, Nodes, pods_of, requested};
use crate::lint::findings::Findings;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let Some(nodes) = Nodes::of(world) else { return };
    let mut wanted = Capacity::default();
    for workload in world.workloads().filter(|workload| workload.resource.cluster == "workload") {
        let pod = requested(&workload);
        if !nodes.largest.holds(pod) {
            let (wants, has) = (pod.text(), nodes.largest.text());
            let message = format!("a pod requests {wants}, more than any node has for pods: {has}");
            findings.tell(workload.index, workload.path("containers"), message);
        }
        wanted.add(pod, pods_of(&workload, nodes));
    }
    if !nodes.all.holds(wanted) {
        let (wants, count, has) = (wanted.text(), nodes.count, nodes.all.text());
        let message = format!("all pods request {wants}, but {count} nodes have {has} for them");
        findings.tell(nodes.group, "spec.forProvider.scalingConfig", message);
    }
}
