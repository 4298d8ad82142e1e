//! Passwords that become part of a URL have only characters that mean nothing there.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{World, items, text};

/// Symbols that External Secrets takes where nothing else is said.
const DEFAULT_SYMBOLS: &str = "~!@#$%^&*()_+`-={}|[]\\:\"<>?,./";

/// What a password may have besides letters and digits.
const SAFE: &str = "-._~";

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, generator) in world.of_kind("generators.external-secrets.io", "Password") {
        let has_symbols = generator.value.pointer("/spec/symbols").and_then(Value::as_u64) != Some(0);
        let symbols = match generator.text("/spec/symbolCharacters") {
            "" => DEFAULT_SYMBOLS,
            symbols => symbols,
        };
        let unsafe_ones: String = symbols.chars().filter(|symbol| !SAFE.contains(*symbol)).collect();
        if has_symbols && !unsafe_ones.is_empty() && is_in_url(world, &generator.id.name) {
            let path =
                if generator.value.pointer("/spec/symbols").is_some() { "spec.symbols" } else { "spec" };
            let message =
                format!("the password may have `{unsafe_ones}`, which break the URL that it becomes part of");
            findings.tell(index, path, message);
        }
    }
    for workload in world.workloads() {
        for variable in workload.containers().iter().flat_map(|container| container.variables()) {
            let Some((_, rest)) = variable.value.and_then(|value| value.split_once("://")) else { continue };
            // The last `@` ends what belongs to the user, in a URL that is right; the path must come after it.
            let Some((user, _)) = rest.rsplit_once('@') else { continue };
            let Some((_, password)) = user.split_once(':') else { continue };
            let is_reference = password.starts_with("$(") && password.ends_with(')');
            let is_safe = password
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=".contains(character));
            if !is_reference && !is_safe {
                let message =
                    format!("the password in `{}` has characters that break the URL", variable.name);
                findings.tell(workload.index, format!("{}.value", variable.path), message);
            }
        }
    }
}

/// Variables that programs put into a URL as they are.
const CONCATENATED: [&str; 4] = ["DATABASE_PASSWORD", "CLICKHOUSE_PASSWORD", "REDIS_PASSWORD", "REDIS_AUTH"];

/// Whether a Secret with the generator's password goes into a URL: by a variable that a program concatenates, or by `$(NAME)` in
/// one. The stores between clusters are not followed, so a generator whose Secret no pod has may go anywhere, and counts.
fn is_in_url(world: &World, generator: &str) -> bool {
    let secrets: Vec<&str> = world
        .of_kind("external-secrets.io", "ExternalSecret")
        .filter(|(_, external)| {
            items(&external.value, "/spec/dataFrom")
                .any(|source| text(source, "/sourceRef/generatorRef/name") == generator)
        })
        .map(|(_, external)| match external.text("/spec/target/name") {
            "" => external.id.name.as_str(),
            target => target,
        })
        .collect();
    let mut is_used = false;
    for workload in world.workloads() {
        for container in workload.containers() {
            let variables = container.variables();
            for variable in &variables {
                let secret = text(variable.entry, "/valueFrom/secretKeyRef/name");
                if !secrets.contains(&secret) {
                    continue;
                }
                is_used = true;
                let reference = format!("$({})", variable.name);
                let is_inserted = variables.iter().any(|other| {
                    other.value.is_some_and(|value| value.contains("://") && value.contains(&reference))
                });
                if is_inserted || CONCATENATED.contains(&variable.name) {
                    return true;
                }
            }
        }
    }
    !secrets.is_empty() && !is_used
}
