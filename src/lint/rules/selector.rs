//! A Service selects pods that are rendered.

use serde_json::json;

use crate::lint::findings::Findings;
use crate::lint::selectors::shown;
use crate::lint::world::World;

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, service) in world.of_kind("", "Service") {
        let selector = service
            .value
            .pointer("/spec/selector")
            .filter(|selector| selector.as_object().is_some_and(|labels| !labels.is_empty()));
        let Some(selector) = selector.filter(|_| service.text("/spec/type") != "ExternalName") else {
            continue;
        };
        let labels = json!({"matchLabels": selector});
        if world.selected(service, &labels).next().is_none() {
            findings.tell(index, "spec.selector", format!("no pods have the labels `{}`", shown(selector)));
        }
    }
    for workload in world.workloads() {
        let Some(selector) = workload.resource.value.pointer("/spec/selector").filter(|it| !it.is_null())
        else {
            continue;
        };
        let is_job = workload.resource.id.group == "batch";
        if !is_job && !crate::lint::selectors::matches(selector, workload.labels()) {
            let message = format!("its own pods do not have the labels `{}`", shown(selector));
            findings.tell(workload.index, "spec.selector", message);
        }
    }
}
