//! A HorizontalPodAutoscaler scales a workload that is rendered and requests what is measured.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{World, items, text};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, scaler) in world.of_kind("autoscaling", "HorizontalPodAutoscaler") {
        let (kind, name) =
            (scaler.text("/spec/scaleTargetRef/kind"), scaler.text("/spec/scaleTargetRef/name"));
        if !["Deployment", "StatefulSet", "ReplicaSet"].contains(&kind) {
            continue;
        }
        let target = world.workloads().find(|workload| {
            let resource = workload.resource;
            resource.cluster == scaler.cluster
                && resource.id.namespace == scaler.id.namespace
                && resource.id.kind == kind
                && resource.id.name == name
        });
        let Some(target) = target else {
            findings.tell(index, "spec.scaleTargetRef.name", format!("there is no {kind} `{name}`"));
            continue;
        };
        for (metric, value) in items(&scaler.value, "/spec/metrics").enumerate() {
            if text(value, "/resource/target/type") != "Utilization" {
                continue;
            }
            let resource = text(value, "/resource/name");
            for container in target.containers().iter().filter(|container| !container.is_init) {
                if container
                    .value
                    .pointer(&format!("/resources/requests/{resource}"))
                    .is_none_or(Value::is_null)
                {
                    let message = format!(
                        "container `{}` of `{name}` requests no {resource}, so that its use has no percentage",
                        container.text("/name")
                    );
                    findings.tell(index, format!("spec.metrics[{metric}]"), message);
                }
            }
        }
    }
}
