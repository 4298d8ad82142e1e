//! What controllers that are not there would do: Crossplane, External Secrets and those of Kubernetes itself. It is said in the
//! conditions and status that a GitOps tool waits for; nothing is made.

use std::process::Command;

use serde_json::{Value, json};

use super::lab::Cluster;

/// The conditions that other controllers would set, by resource.
const CONDITIONS: [(&str, &[&str]); 8] = [
    ("providers.pkg.crossplane.io", &["Installed", "Healthy"]),
    ("functions.pkg.crossplane.io", &["Installed", "Healthy"]),
    ("compositeresourcedefinitions.apiextensions.crossplane.io", &["Established"]),
    ("managedresourceactivationpolicies.apiextensions.crossplane.io", &["Healthy"]),
    ("networks.platform.plimsoll.dev,dependencies.platform.plimsoll.dev", &["Synced", "Ready"]),
    ("secretstores.external-secrets.io", &["Ready"]),
    ("externalsecrets.external-secrets.io", &["Ready"]),
    ("pushsecrets.external-secrets.io", &["Ready"]),
];

/// The controllers that are played on a cluster.
pub(super) struct Played<'a> {
    pub(super) cluster: &'a Cluster,
}

impl Played<'_> {
    /// Sets what is not set yet: conditions of custom resources, and the status of workloads.
    pub(super) fn act(&self) {
        for (kinds, types) in CONDITIONS {
            for object in self.list(kinds) {
                if !types.iter().all(|name| has_condition(&object, name)) {
                    let conditions: Vec<Value> = types.iter().map(|name| condition(name, "Played")).collect();
                    self.set_status_of(&object, &json!({"status": {"conditions": conditions}}));
                }
            }
        }
        for object in self.list("deployments.apps,statefulsets.apps") {
            let generation = &object["metadata"]["generation"];
            if object["status"]["observedGeneration"] == *generation {
                continue;
            }
            let replicas = &object["spec"]["replicas"];
            let status = if object["kind"] == "Deployment" {
                json!({"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas,
                    "readyReplicas": replicas, "availableReplicas": replicas,
                    "conditions": [condition("Available", "Played"), condition("Progressing", "NewReplicaSetAvailable")]})
            } else {
                json!({"observedGeneration": generation, "replicas": replicas, "readyReplicas": replicas,
                    "currentReplicas": replicas, "updatedReplicas": replicas, "availableReplicas": replicas,
                    "currentRevision": "played", "updateRevision": "played"})
            };
            self.set_status_of(&object, &json!({"status": status}));
        }
        for object in self.list("poddisruptionbudgets.policy") {
            if object["status"]["observedGeneration"] != object["metadata"]["generation"] {
                let status = json!({"observedGeneration": object["metadata"]["generation"], "currentHealthy": 2,
                    "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2,
                    "conditions": [condition("DisruptionAllowed", "SufficientPods")]});
                self.set_status_of(&object, &json!({"status": status}));
            }
        }
        for object in self.list("networkpolicies") {
            self.collect(&object);
        }
    }

    /// What the garbage collector does with an object that is deleted after its dependents, when it has none.
    fn collect(&self, object: &Value) {
        let metadata = &object["metadata"];
        if metadata["deletionTimestamp"].is_string()
            && metadata["finalizers"] == json!(["foregroundDeletion"])
        {
            let name = format!("networkpolicy/{}", metadata["name"].as_str().unwrap_or_default());
            let namespace = metadata["namespace"].as_str().unwrap_or_default();
            let nobody = r#"{"metadata":{"finalizers":null}}"#;
            self.cluster.kubectl(&["patch", &name, "-n", namespace, "--type=merge", "-p", nobody]);
        }
    }

    /// Every object of these kinds.
    pub(super) fn list(&self, kinds: &str) -> Vec<Value> {
        let text = self.cluster.kubectl(&["get", kinds, "-A", "-o", "json"]);
        let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
        list["items"].as_array().cloned().unwrap_or_default()
    }

    /// An object; null where it is not there.
    pub(super) fn get(&self, name: &str, namespace: &str) -> Value {
        let text = self.cluster.kubectl(&["get", name, "-n", namespace, "-o", "json", "--ignore-not-found"]);
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Sets the status of an object.
    pub(super) fn set_status(&self, kind: &str, name: &str, namespace: Option<&str>, status: &Value) {
        let status = status.to_string();
        let mut arguments = vec!["patch", kind, name, "--subresource=status", "--type=merge", "-p", &status];
        arguments.extend(namespace.into_iter().flat_map(|namespace| ["-n", namespace]));
        self.cluster.kubectl(&arguments);
    }

    fn set_status_of(&self, object: &Value, status: &Value) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let group = text("/apiVersion").and_then(|version| version.split_once('/')).map(|(group, _)| group);
        let kind = text("/kind").unwrap_or_default().to_lowercase();
        let kind = group.map_or_else(|| kind.clone(), |group| format!("{kind}.{group}"));
        let name = text("/metadata/name").unwrap_or_default();
        self.set_status(&kind, name, text("/metadata/namespace"), status);
    }
}

/// Whether a condition of an object is true.
pub(super) fn has_condition(object: &Value, name: &str) -> bool {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|one| one["type"] == name && one["status"] == "True")
}

/// A condition that is true.
pub(super) fn condition(name: &str, reason: &str) -> Value {
    json!({"type": name, "status": "True", "reason": reason, "message": "", "lastTransitionTime": now()})
}

/// The time, as Kubernetes writes it.
pub(super) fn now() -> String {
    let output = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
