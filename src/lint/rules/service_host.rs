//! Hosts inside the cluster that containers are told to speak to are Services that are rendered, with the port that is named.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::hosts::{addresses, service_of};
use crate::lint::world::{World, items};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        let namespace = workload.resource.id.namespace.as_deref().unwrap_or_default();
        for container in workload.containers() {
            for address in addresses(&container) {
                let Some((other, name)) = service_of(address.host, namespace) else { continue };
                let is_ours = other == namespace
                    || world.resources.iter().any(|resource| {
                        resource.cluster == workload.resource.cluster
                            && resource.id.namespace.as_deref() == Some(other)
                    });
                if !is_ours {
                    continue;
                }
                let service = world.find_in(&workload.resource.cluster, Some(other), "", "Service", name);
                let Some((_, service)) = service else {
                    findings.tell(workload.index, address.path, format!("there is no Service `{name}`"));
                    continue;
                };
                let has_port = |port: u16| {
                    items(&service.value, "/spec/ports")
                        .any(|entry| entry.get("port") == Some(&Value::from(port)))
                };
                if let Some(port) = address.port.filter(|port| !has_port(*port)) {
                    findings.tell(
                        workload.index,
                        address.path,
                        format!("the Service `{name}` has no port {port}"),
                    );
                }
            }
        }
    }
    for (index, set) in world.of_kind("apps", "StatefulSet") {
        let name = set.text("/spec/serviceName");
        if !name.is_empty() && world.find(set, "", "Service", name).is_none() {
            findings.tell(index, "spec.serviceName", format!("there is no Service `{name}`"));
        }
    }
}
