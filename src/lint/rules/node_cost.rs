//! Nodes cost as long as their layer stands: taking away the layers that run on them saves nothing of them.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, group) in world.managed("eks", "NodeGroup") {
        let on_it: Vec<&str> = world
            .layers
            .iter()
            .filter(|layer| layer.cluster == "workload" && layer.name != group.layer)
            .map(|layer| layer.name.as_str())
            .collect();
        let least = group.value.pointer("/spec/forProvider/scalingConfig/minSize").and_then(Value::as_f64);
        if let Some(least) = least.filter(|least| *least > 0.0 && !on_it.is_empty()) {
            let message = format!(
                "its {least} nodes are paid for until layer `{}` is gone; taking away `{}` saves none of them",
                group.layer,
                on_it.join("`, `")
            );
            findings.tell(index, "spec.forProvider.scalingConfig.minSize", message);
        }
    }
}
