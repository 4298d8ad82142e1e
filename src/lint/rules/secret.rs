//! Secrets that pods need are there: rendered, made by an ExternalSecret, or written by a managed resource.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::references::{SECRET, needed};
use crate::lint::world::{LintResource, World, items, text};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for workload in world.workloads() {
        for need in needed(&workload, &SECRET) {
            let Some(keys) = keys_of(world, workload.resource, need.name) else {
                let message = format!(
                    "nothing makes the Secret `{}`: no Secret, no ExternalSecret, no connection of a managed resource",
                    need.name
                );
                findings.tell(workload.index, need.path, message);
                continue;
            };
            let Some(keys) = keys else { continue };
            for key in need.keys.into_iter().filter(|key| !keys.contains(*key)) {
                let message = format!("the Secret `{}` gets no key `{key}`", need.name);
                findings.tell(workload.index, need.path.clone(), message);
            }
        }
    }
}

/// The keys of a Secret in the namespace of a resource. The outer `None`: nothing makes it; the inner: its keys are not known.
fn keys_of(world: &World, beside: &LintResource, name: &str) -> Option<Option<BTreeSet<String>>> {
    for kind in ["Secret", "SealedSecret"] {
        let group = if kind == "Secret" { "" } else { "bitnami.com" };
        if let Some((_, secret)) = world.find(beside, group, kind, name) {
            let members = ["/data", "/stringData", "/spec/encryptedData"];
            let keys = members
                .iter()
                .filter_map(|member| secret.value.pointer(member)?.as_object())
                .flat_map(|data| data.keys().cloned())
                .collect();
            return Some(Some(keys));
        }
    }
    let is_beside = |resource: &LintResource| {
        resource.cluster == beside.cluster && resource.id.namespace == beside.id.namespace
    };
    for (_, external) in
        world.of_kind("external-secrets.io", "ExternalSecret").filter(|(_, it)| is_beside(it))
    {
        let target = match external.text("/spec/target/name") {
            "" => &external.id.name,
            target => target,
        };
        if target == name {
            return Some(keys_of_external(world, external));
        }
    }
    let writes = |resource: &LintResource| {
        text(&resource.value, "/spec/writeConnectionSecretToRef/name") == name
            || text(&resource.value, "/spec/forProvider/passwordSecretRef/name") == name
    };
    let is_written = world.resources.iter().any(|resource| is_beside(resource) && writes(resource));
    let is_certified = world
        .of_kind("cert-manager.io", "Certificate")
        .any(|(_, certificate)| is_beside(certificate) && certificate.text("/spec/secretName") == name);
    (is_written || is_certified).then_some(None)
}

/// The keys that an ExternalSecret gives; `None` where only its store knows them.
fn keys_of_external(world: &World, external: &LintResource) -> Option<BTreeSet<String>> {
    let template = external.value.pointer("/spec/target/template");
    let templated = template.and_then(|template| template.get("data")).and_then(Value::as_object);
    let mut keys: BTreeSet<String> = templated.into_iter().flat_map(|data| data.keys().cloned()).collect();
    let replaces = template.is_some_and(|template| text(template, "/mergePolicy") != "Merge");
    if template.is_some_and(|template| template.get("templateFrom").is_some()) {
        return None;
    }
    if replaces && templated.is_some() {
        return Some(keys);
    }
    keys.extend(items(&external.value, "/spec/data").map(|entry| text(entry, "/secretKey").to_owned()));
    for source in items(&external.value, "/spec/dataFrom") {
        let generator = source.pointer("/sourceRef/generatorRef")?;
        let (kind, name) = (text(generator, "/kind"), text(generator, "/name"));
        let (_, generator) = world.find(external, "generators.external-secrets.io", kind, name)?;
        if source.get("rewrite").is_some() {
            return None;
        }
        let listed: Vec<String> = items(&generator.value, "/spec/secretKeys")
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        match (kind, listed.is_empty()) {
            ("Password", true) => keys.extend(["password".to_owned()]),
            ("Password", false) => keys.extend(listed),
            ("UUID", _) => keys.extend(["uuid".to_owned()]),
            _ => return None,
        }
    }
    Some(keys)
}
