//! A port of a Service leads to a port that the pods behind it have.

use serde_json::{Value, json};

use crate::lint::findings::Findings;
use crate::lint::world::{World, items, text};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, service) in world.of_kind("", "Service") {
        let Some(selector) = service.value.pointer("/spec/selector").filter(|selector| selector.is_object())
        else {
            continue;
        };
        let labels = json!({"matchLabels": selector});
        let pods: Vec<_> = world.selected(service, &labels).collect();
        for (position, entry) in items(&service.value, "/spec/ports").enumerate() {
            let target = entry.get("targetPort").or_else(|| entry.get("port")).unwrap_or(&Value::Null);
            for workload in &pods {
                let lists_ports = workload
                    .containers()
                    .iter()
                    .any(|container| items(container.value, "/ports").next().is_some());
                // Pods need not list the numbers that they listen on; a name must be listed.
                if workload.has_port(target) || (target.is_number() && !lists_ports) {
                    continue;
                }
                let shown = target.as_str().map_or_else(|| target.to_string(), |name| format!("`{name}`"));
                let message = format!(
                    "pods of `{}` have no port {shown} for port `{}`",
                    workload.resource.id.name,
                    text(entry, "/name")
                );
                findings.tell(index, format!("spec.ports[{position}]"), message);
            }
        }
    }
}
