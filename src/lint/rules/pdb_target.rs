//! A PodDisruptionBudget protects pods that are rendered, and lets some of them be moved.

use serde_json::json;

use crate::lint::findings::Findings;
use crate::lint::selectors::shown;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, budget) in world.of_kind("policy", "PodDisruptionBudget") {
        let Some(selector) = budget.value.pointer("/spec/selector") else { continue };
        let selected: Vec<_> = world.selected(budget, selector).collect();
        if selected.is_empty() {
            findings.tell(index, "spec.selector", format!("no pods have the labels `{}`", shown(selector)));
            continue;
        }
        let pods: u64 = selected.iter().map(super::super::pods::Workload::replicas).sum();
        let spec = &budget.value["spec"];
        let blocks = spec.get("maxUnavailable").is_some_and(|most| *most == json!(0) || *most == json!("0%"))
            || spec.get("minAvailable").is_some_and(|least| {
                *least == json!("100%") || least.as_u64().is_some_and(|least| least >= pods)
            });
        if blocks && pods > 0 {
            findings.tell(
                index,
                "spec",
                format!("none of the {pods} pods may be moved, so that nodes cannot be drained"),
            );
        }
    }
}
