//! Probes and hooks ask a port that their container has.

use crate::lint::findings::Findings;
use crate::lint::world::{World, items};

const PROBES: [&str; 5] =
    ["startupProbe", "livenessProbe", "readinessProbe", "lifecycle/postStart", "lifecycle/preStop"];

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            let declares = items(container.value, "/ports").next().is_some();
            for probe in PROBES {
                for action in ["httpGet", "tcpSocket", "grpc"] {
                    let Some(port) = container.value.pointer(&format!("/{probe}/{action}/port")) else {
                        continue;
                    };
                    // A number may be a port that is open without being listed; where others are listed it is a slip.
                    if container.has_port(port) || (port.is_number() && !declares) {
                        continue;
                    }
                    let name = port.as_str().map_or_else(|| port.to_string(), |name| format!("`{name}`"));
                    let path = format!("{}.{}.{action}.port", container.path, probe.replace('/', "."));
                    let message = format!("container `{}` has no port {name}", container.text("/name"));
                    findings.tell(workload.index, path, message);
                }
            }
        }
    }
}
