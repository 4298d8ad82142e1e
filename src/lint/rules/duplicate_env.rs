//! A container has every variable once.

use std::collections::BTreeSet;

use crate::lint::findings::Findings;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            let mut seen = BTreeSet::new();
            for variable in container.variables() {
                if !seen.insert(variable.name) {
                    let message =
                        format!("container `{}` has `{}` twice", container.text("/name"), variable.name);
                    findings.tell(workload.index, format!("{}.name", variable.path), message);
                }
            }
        }
    }
}
