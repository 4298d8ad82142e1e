//! The Redis or Valkey of a queue never evicts: a job that is evicted is lost without a word.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{World, items};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers().iter().filter(|container| !container.is_init) {
            let image = container.text("/image").rsplit('/').next().unwrap_or_default();
            let name = image.split([':', '@']).next().unwrap_or_default();
            if !["redis", "valkey"].contains(&name) {
                continue;
            }
            let words = || {
                ["/command", "/args"]
                    .into_iter()
                    .flat_map(|list| items(container.value, list))
                    .filter_map(Value::as_str)
            };
            let mounts_configuration = words().any(|word| word.ends_with(".conf"));
            if !mounts_configuration && !words().any(|word| word.contains("noeviction")) {
                let message = "`--maxmemory-policy noeviction` is not among its arguments";
                findings.tell(workload.index, format!("{}.args", container.path), message);
            }
        }
    }
}
