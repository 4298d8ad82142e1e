//! Variables that Langfuse does not read: rows of `data/dead_env.tsv`. It has no word for one that it does not know.

use crate::lint::findings::Findings;
use crate::lint::world::World;

const DEAD: &str = include_str!("../data/dead_env.tsv");

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            if !container.text("/image").contains("langfuse") {
                continue;
            }
            for variable in container.variables() {
                let row = DEAD
                    .lines()
                    .filter_map(|line| line.split_once('\t'))
                    .find(|(name, _)| *name == variable.name);
                if let Some((name, instead)) = row {
                    let message = format!("Langfuse does not read `{name}`: {instead}");
                    findings.tell(workload.index, format!("{}.name", variable.path), message);
                }
            }
        }
    }
}
