//! Langfuse's ENCRYPTION_KEY is 64 hexadecimal digits, wherever its value can be seen to come from.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{World, text};

const NAME: &str = "ENCRYPTION_KEY";

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for container in workload.containers() {
            if !container.text("/image").contains("langfuse") {
                continue;
            }
            for variable in container.variables().iter().filter(|variable| variable.name == NAME) {
                if variable.value.is_some_and(|value| !is_key(value)) {
                    let message = format!("`{NAME}` is not 64 hexadecimal digits");
                    findings.tell(workload.index, format!("{}.value", variable.path), message);
                }
                let reference = variable.entry.pointer("/valueFrom/secretKeyRef");
                let Some(reference) = reference else { continue };
                let (secret, key) = (text(reference, "/name"), text(reference, "/key"));
                for (index, external) in world.of_kind("external-secrets.io", "ExternalSecret") {
                    let target = match external.text("/spec/target/name") {
                        "" => &external.id.name,
                        target => target,
                    };
                    let is_source = external.id.namespace == workload.resource.id.namespace
                        && external.cluster == workload.resource.cluster
                        && target == secret;
                    let templated =
                        external.value.pointer("/spec/target/template/data").and_then(|data| data.get(key));
                    let Some(template) = templated.and_then(Value::as_str).filter(|_| is_source) else {
                        continue;
                    };
                    let gives_key = is_key(template)
                        || ["sha256sum", "printf \"%x\"", "b16enc"]
                            .iter()
                            .any(|function| template.contains(function));
                    if !gives_key && !passes_stored_value(template, external.value.pointer("/spec/data")) {
                        let message = format!(
                            "the template of `{NAME}` gives no 64 hexadecimal digits; `sha256sum` does"
                        );
                        findings.tell(index, format!("spec.target.template.data.{key}"), message);
                    }
                }
            }
        }
    }
}

fn is_key(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a template gives on what lies in a store, which nobody can see here: `{{ .key }}` of an entry of `data`.
fn passes_stored_value(template: &str, data: Option<&Value>) -> bool {
    let Some(name) = template.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) else {
        return false;
    };
    let name = name.trim().trim_start_matches('.');
    let entries = data.and_then(Value::as_array).into_iter().flatten();
    entries.into_iter().any(|entry| text(entry, "/secretKey") == name)
}
