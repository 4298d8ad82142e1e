//! Whether Langfuse takes ClickHouse for a cluster agrees with the ClickHouse that is rendered: a cluster needs a Keeper, a
//! single server must not be taken for one. Langfuse takes it for one unless it is told not to.

use crate::lint::findings::Findings;
use crate::lint::world::World;

const NAME: &str = "CLICKHOUSE_CLUSTER_ENABLED";

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let is_of = |image: &str, words: &[&str]| words.iter().any(|word| image.contains(word));
    let servers: Vec<_> = world
        .workloads()
        .filter(|workload| {
            workload.containers().iter().any(|container| {
                let image = container.text("/image");
                is_of(image, &["clickhouse"]) && !is_of(image, &["keeper", "langfuse"])
            })
        })
        .collect();
    if servers.is_empty() {
        return;
    }
    let has_keeper = world.workloads().any(|workload| {
        workload.containers().iter().any(|container| is_of(container.text("/image"), &["keeper"]))
    });
    let replicas: u64 = servers.iter().map(super::super::pods::Workload::replicas).sum();
    for workload in world.workloads() {
        for container in workload.containers() {
            let variables = container.variables();
            if !container.text("/image").contains("langfuse")
                || !variables.iter().any(|it| it.name == "CLICKHOUSE_URL")
            {
                continue;
            }
            let said = variables.iter().find(|variable| variable.name == NAME);
            if said.is_some_and(|variable| variable.value.is_none()) {
                continue;
            }
            let is_cluster = said.and_then(|variable| variable.value) != Some("false");
            let path = said.map_or_else(
                || format!("{}.env", container.path),
                |variable| format!("{}.value", variable.path),
            );
            if is_cluster && !has_keeper {
                let how = if said.is_some() { "is not `false`" } else { "is absent, which is `true`" };
                let message =
                    format!("`{NAME}` {how}, but no Keeper is rendered: migrations for a cluster fail");
                findings.tell(workload.index, path, message);
            } else if !is_cluster && replicas > 1 {
                let message = format!(
                    "`{NAME}` is `false`, but ClickHouse has {replicas} replicas: rows vanish at random"
                );
                findings.tell(workload.index, path, message);
            }
        }
    }
}
