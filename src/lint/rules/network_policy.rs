//! NetworkPolicies leave the paths open that containers need: to the Services that they name, to DNS, to the database and S3.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::hosts::{addresses, service_of};
use crate::lint::pods::Workload;
use crate::lint::selectors::matches;
use crate::lint::world::{LintResource, World, items, text};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        let namespace = workload.resource.id.namespace.as_deref().unwrap_or_default();
        let egress = policies(world, &workload, "Egress");
        let mut speaks = false;
        for container in workload.containers() {
            for address in addresses(&container) {
                let (Some(port), Some((other, name))) = (address.port, service_of(address.host, namespace))
                else {
                    continue;
                };
                let Some((_, service)) =
                    world.find_in(&workload.resource.cluster, Some(other), "", "Service", name)
                else {
                    continue;
                };
                speaks = true;
                let Some(selector) = service.value.pointer("/spec/selector") else { continue };
                let selector = serde_json::json!({"matchLabels": selector});
                for target in world.selected(service, &selector) {
                    let Some(port) = container_port(service, &target, port) else { continue };
                    let name = &target.resource.id.name;
                    if !egress.is_empty()
                        && !allows(world, &egress, "egress", "to", &workload, &target, &port)
                    {
                        let message = format!("no NetworkPolicy lets it reach `{name}` on port {port}");
                        findings.tell(workload.index, address.path.clone(), message);
                    }
                    let ingress = policies(world, &target, "Ingress");
                    if !ingress.is_empty()
                        && !allows(world, &ingress, "ingress", "from", &target, &workload, &port)
                    {
                        let message =
                            format!("the NetworkPolicies of `{name}` do not let it in on port {port}");
                        findings.tell(workload.index, address.path.clone(), message);
                    }
                }
            }
            if egress.is_empty() {
                continue;
            }
            let variables = container.variables();
            let uses = |word: &str| variables.iter().any(|variable| variable.name == word);
            let outside = [
                (uses("DATABASE_HOST") || uses("DATABASE_URL"), 5432, "the database"),
                (uses("LANGFUSE_S3_EVENT_UPLOAD_BUCKET"), 443, "S3"),
            ];
            for (_, port, what) in outside.iter().filter(|(is_used, ..)| *is_used) {
                speaks = true;
                if !egress.iter().any(|policy| leaves(policy, &Value::from(*port), "TCP")) {
                    let message = format!("no NetworkPolicy lets it reach {what} on port {port}");
                    findings.tell(workload.index, container.path.clone(), message);
                }
            }
        }
        if speaks
            && !egress.is_empty()
            && !egress.iter().any(|policy| leaves(policy, &Value::from(53), "UDP"))
        {
            findings.tell(
                workload.index,
                "metadata.name",
                "no NetworkPolicy lets it ask DNS, on port 53 by UDP",
            );
        }
    }
}

/// The policies that restrict a workload's pods in a direction.
fn policies<'w>(world: &'w World, workload: &Workload<'_>, direction: &str) -> Vec<&'w LintResource> {
    world
        .of_kind("networking.k8s.io", "NetworkPolicy")
        .map(|(_, policy)| policy)
        .filter(|policy| {
            let spec = &policy.value["spec"];
            let types: Vec<&str> = items(spec, "/policyTypes").filter_map(Value::as_str).collect();
            let restricts = if types.is_empty() {
                direction == "Ingress" || spec.get("egress").is_some()
            } else {
                types.contains(&direction)
            };
            restricts
                && policy.cluster == workload.resource.cluster
                && policy.id.namespace == workload.resource.id.namespace
                && matches(spec.get("podSelector").unwrap_or(&Value::Null), workload.labels())
        })
        .collect()
}

/// Whether one of the policies lets pods of two workloads speak. `own` has the policies, `other` is on the other side; the port
/// is the one of the side that is spoken to.
fn allows(
    world: &World,
    policies: &[&LintResource],
    direction: &str,
    peers: &str,
    own: &Workload<'_>,
    other: &Workload<'_>,
    port: &Value,
) -> bool {
    let target = if direction == "egress" { other } else { own };
    policies.iter().any(|policy| {
        items(&policy.value, &format!("/spec/{direction}")).any(|rule| {
            let has_port = rule_has_port(rule, port, "TCP", Some(target));
            let mut listed = items(rule, &format!("/{peers}")).peekable();
            has_port && (listed.peek().is_none() || listed.any(|peer| is_peer(world, policy, peer, other)))
        })
    })
}

fn is_peer(world: &World, policy: &LintResource, peer: &Value, other: &Workload<'_>) -> bool {
    // Which addresses pods get is not known here.
    if peer.get("ipBlock").is_some() {
        return true;
    }
    let namespace = other.resource.id.namespace.as_deref().unwrap_or_default();
    let is_namespace = match peer.get("namespaceSelector") {
        None => other.resource.id.namespace == policy.id.namespace,
        Some(selector) => {
            let found = world.find_in(&policy.cluster, None, "", "Namespace", namespace);
            let mut labels = found
                .and_then(|(_, namespace)| namespace.value.pointer("/metadata/labels").cloned())
                .unwrap_or_else(|| serde_json::json!({}));
            labels["kubernetes.io/metadata.name"] = namespace.into();
            matches(selector, Some(&labels))
        }
    };
    is_namespace && peer.get("podSelector").is_none_or(|selector| matches(selector, other.labels()))
}

/// Whether a rule of a policy lets traffic out on a port, to anybody or to addresses.
fn leaves(policy: &LintResource, port: &Value, protocol: &str) -> bool {
    items(&policy.value, "/spec/egress").any(|rule| rule_has_port(rule, port, protocol, None))
}

fn rule_has_port(rule: &Value, port: &Value, protocol: &str, target: Option<&Workload<'_>>) -> bool {
    let mut ports = items(rule, "/ports").peekable();
    ports.peek().is_none()
        || ports.any(|entry| {
            let of_protocol = match text(entry, "/protocol") {
                "" => protocol == "TCP",
                other => other == protocol,
            };
            let number = port.as_u64();
            let first = entry.get("port");
            of_protocol
                && match (first, entry.get("endPort").and_then(Value::as_u64)) {
                    (None, _) => true,
                    (Some(Value::String(name)), _) => target.is_some_and(|target| {
                        target.containers().iter().any(|container| {
                            items(container.value, "/ports").any(|own| {
                                text(own, "/name") == name && own.get("containerPort") == Some(port)
                            })
                        })
                    }),
                    (Some(first), Some(last)) => number.is_some_and(|number| {
                        first.as_u64().is_some_and(|first| (first..=last).contains(&number))
                    }),
                    (Some(first), None) => first == port,
                }
        })
}

/// The port of the pods that a port of a Service leads to.
fn container_port(service: &LintResource, target: &Workload<'_>, port: u16) -> Option<Value> {
    let entry =
        items(&service.value, "/spec/ports").find(|entry| entry.get("port") == Some(&Value::from(port)))?;
    match entry.get("targetPort") {
        None => Some(Value::from(port)),
        Some(Value::String(name)) => target.containers().iter().find_map(|container| {
            items(container.value, "/ports")
                .find(|own| text(own, "/name") == name)?
                .get("containerPort")
                .cloned()
        }),
        Some(number) => Some(number.clone()),
    }
}
