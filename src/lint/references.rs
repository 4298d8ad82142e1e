//! References between resources: of pods to ConfigMaps and Secrets, and of managed resources to each other.

use serde_json::Value;

use super::pods::Workload;
use super::world::{LintResource, World, items, text};
use crate::validate::kinds;

/// A ConfigMap or Secret that a pod needs.
pub(super) struct Needed<'w> {
    pub(super) name: &'w str,
    /// The keys that it must have; none where all are taken.
    pub(super) keys: Vec<&'w str>,
    pub(super) path: String,
}

/// What a kind of source is called in pods.
pub(super) struct SourceWords {
    from: &'static str,
    key_reference: &'static str,
    volume: &'static str,
    volume_name: &'static str,
}

pub(super) const CONFIG_MAP: SourceWords = SourceWords {
    from: "configMapRef",
    key_reference: "configMapKeyRef",
    volume: "configMap",
    volume_name: "name",
};

pub(super) const SECRET: SourceWords = SourceWords {
    from: "secretRef",
    key_reference: "secretKeyRef",
    volume: "secret",
    volume_name: "secretName",
};

/// The ConfigMaps or Secrets that a workload's pods cannot start without.
pub(super) fn needed<'w>(workload: &Workload<'w>, words: &SourceWords) -> Vec<Needed<'w>> {
    let is_needed = |reference: &Value| reference.get("optional").and_then(Value::as_bool) != Some(true);
    let mut needed = Vec::new();
    for container in workload.containers() {
        for variable in container.variables() {
            let Some(reference) =
                variable.entry.get("valueFrom").and_then(|from| from.get(words.key_reference))
            else {
                continue;
            };
            if is_needed(reference) {
                let path = format!("{}.valueFrom.{}.name", variable.path, words.key_reference);
                needed.push(Needed {
                    name: text(reference, "/name"),
                    keys: vec![text(reference, "/key")],
                    path,
                });
            }
        }
        for (index, source) in items(container.value, "/envFrom").enumerate() {
            let Some(reference) = source.get(words.from).filter(|reference| is_needed(reference)) else {
                continue;
            };
            let path = format!("{}.envFrom[{index}].{}.name", container.path, words.from);
            needed.push(Needed { name: text(reference, "/name"), keys: Vec::new(), path });
        }
    }
    for (index, volume) in items(workload.spec(), "/volumes").enumerate() {
        let at = workload.path(&format!("volumes[{index}]"));
        let keys = |source: &'w Value| items(source, "/items").map(|item| text(item, "/key")).collect();
        if let Some(source) = volume.get(words.volume).filter(|source| is_needed(source)) {
            let name = source.get(words.volume_name).and_then(Value::as_str).unwrap_or_default();
            let path = format!("{at}.{}.{}", words.volume, words.volume_name);
            needed.push(Needed { name, keys: keys(source), path });
        }
        for (part, source) in items(volume, "/projected/sources").enumerate() {
            if let Some(source) = source.get(words.volume).filter(|source| is_needed(source)) {
                let path = format!("{at}.projected.sources[{part}].{}.name", words.volume);
                needed.push(Needed { name: text(source, "/name"), keys: keys(source), path });
            }
        }
    }
    needed
}

/// A reference of a managed resource to another one by its name.
pub(super) struct ManagedReference<'w> {
    pub(super) name: &'w str,
    pub(super) namespace: Option<&'w str>,
    /// Service and kind of what is referred to, where that is known.
    pub(super) target: Option<(String, String)>,
    pub(super) path: String,
}

/// The references below `spec.forProvider` of a managed resource.
pub(super) fn managed_references(resource: &LintResource) -> Vec<ManagedReference<'_>> {
    let mut references = Vec::new();
    if let Some(parameters) = resource.value.pointer("/spec/forProvider") {
        collect(resource, parameters, "spec.forProvider", &mut references);
    }
    references
}

fn collect<'w>(
    resource: &'w LintResource,
    value: &'w Value,
    path: &str,
    references: &mut Vec<ManagedReference<'w>>,
) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = format!("{path}.{key}");
                let is_secret = key.ends_with("SecretRef");
                if key.ends_with("Ref") && value.get("name").is_some() && !is_secret {
                    references.push(reference(resource, value, key, &path));
                } else if key.ends_with("Refs") && value.is_array() {
                    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                        references.push(reference(resource, value, key, &format!("{path}[{index}]")));
                    }
                } else if !is_secret {
                    collect(resource, value, &path, references);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(resource, item, &format!("{path}[{index}]"), references);
            }
        }
        _ => {}
    }
}

/// Kinds that nested references lead to, whose fields the table of kinds does not tell.
const NESTED: [(&str, &str, &str); 3] = [
    ("subnetIdRefs", "ec2", "Subnet"),
    ("securityGroupIdRefs", "ec2", "SecurityGroup"),
    ("roleArnRef", "iam", "Role"),
];

fn reference<'w>(resource: &LintResource, value: &'w Value, key: &str, path: &str) -> ManagedReference<'w> {
    let known = kinds::reference(resource.text("/apiVersion"), &resource.id.kind, key);
    let nested = || {
        NESTED
            .iter()
            .find(|(name, ..)| *name == key)
            .map(|(_, service, kind)| ((*service).to_owned(), (*kind).to_owned()))
    };
    ManagedReference {
        name: text(value, "/name"),
        namespace: value.get("namespace").and_then(Value::as_str),
        target: known.map(|known| (known.service, known.kind)).or_else(nested),
        path: format!("{path}.name"),
    }
}

impl World {
    /// The managed resource that a reference of another one leads to.
    pub(super) fn referred(
        &self,
        from: &LintResource,
        reference: &ManagedReference<'_>,
    ) -> Option<(usize, &LintResource)> {
        let namespace = reference.namespace.or(from.id.namespace.as_deref());
        self.resources.iter().enumerate().find(|(_, resource)| {
            let Some(service) = resource.service() else { return false };
            resource.id.name == reference.name
                && resource.id.namespace.as_deref() == namespace
                && resource.cluster == from.cluster
                && match &reference.target {
                    Some((wanted, kind)) => service == wanted && resource.id.kind == *kind,
                    None => !std::ptr::eq(*resource, from),
                }
        })
    }

    /// The managed resource that a field leads to: by its reference, or by the identifier that is written.
    pub(super) fn leads_to(&self, from: &LintResource, reference_path: &str) -> Option<&LintResource> {
        let references = managed_references(from);
        let reference = references
            .iter()
            .find(|reference| reference.path == format!("spec.forProvider.{reference_path}.name"))?;
        self.referred(from, reference).map(|(_, resource)| resource)
    }
}
