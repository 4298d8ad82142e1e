//! Volumes are of a StorageClass that the environment renders, or that there is a default one.

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::world::{LintResource, World, items};

const DEFAULT: &str = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    for (index, claim) in world.of_kind("", "PersistentVolumeClaim") {
        look(world, findings, index, claim, claim.value.get("spec"), "spec");
    }
    for (index, set) in world.of_kind("apps", "StatefulSet") {
        for (position, template) in items(&set.value, "/spec/volumeClaimTemplates").enumerate() {
            look(
                world,
                findings,
                index,
                set,
                template.get("spec"),
                &format!("spec.volumeClaimTemplates[{position}].spec"),
            );
        }
    }
}

fn look(
    world: &World,
    findings: &mut Findings<'_>,
    index: usize,
    resource: &LintResource,
    spec: Option<&Value>,
    path: &str,
) {
    let class = spec.and_then(|spec| spec.get("storageClassName")).and_then(Value::as_str);
    match class {
        // An empty name asks for a volume that somebody made.
        Some("") => {}
        Some(name) => {
            if world.find_in(&resource.cluster, None, "storage.k8s.io", "StorageClass", name).is_none() {
                findings.tell(
                    index,
                    format!("{path}.storageClassName"),
                    format!("there is no StorageClass `{name}`"),
                );
            }
        }
        None => {
            let has_default = world
                .of_kind("storage.k8s.io", "StorageClass")
                .any(|(_, class)| class.cluster == resource.cluster && class.text(DEFAULT) == "true");
            if !has_default {
                findings.tell(
                    index,
                    path,
                    "no StorageClass is named, and none that is rendered is the default",
                );
            }
        }
    }
}
