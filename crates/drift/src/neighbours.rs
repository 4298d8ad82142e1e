//! What other resources say of one: that an autoscaler sets its replicas, or that it was made from a claim template.
//!
//! Both declared and live resources may be given; a resource without a namespace is taken as it is written.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sides::{at, text};

/// What is known of resources from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    autoscaled: BTreeSet<(String, String, String)>,
    /// Namespaces with the beginnings of claims' names.
    claims: BTreeSet<(String, String)>,
}

impl Neighbours {
    /// What these resources say of others.
    pub fn of<'v>(resources: impl IntoIterator<Item = &'v Value>) -> Neighbours {
        let mut neighbours = Neighbours::default();
        for resource in resources {
            neighbours.add(resource);
        }
        neighbours
    }

    /// What one more resource says of others.
    pub fn add(&mut self, resource: &Value) {
        let metadata = at(resource, "metadata");
        let namespace = text(metadata, "namespace");
        let spec = at(resource, "spec");
        match text(resource, "kind") {
            "HorizontalPodAutoscaler" | "ScaledObject" => {
                let target = at(spec, "scaleTargetRef");
                let kind = Some(text(target, "kind")).filter(|kind| !kind.is_empty()).unwrap_or("Deployment");
                let name = text(target, "name");
                self.autoscaled.insert((namespace.to_owned(), kind.to_owned(), name.to_owned()));
            }
            "StatefulSet" => {
                let templates =
                    at(spec, "volumeClaimTemplates").as_array().map(Vec::as_slice).unwrap_or_default();
                for template in templates {
                    let name = text(at(template, "metadata"), "name");
                    let beginning = format!("{name}-{}-", text(metadata, "name"));
                    self.claims.insert((namespace.to_owned(), beginning));
                }
            }
            _ => (),
        }
    }

    /// Whether an autoscaler sets the replicas of a resource.
    pub(crate) fn is_autoscaled(&self, resource: &Value) -> bool {
        let metadata = at(resource, "metadata");
        let parts = [text(metadata, "namespace"), text(resource, "kind"), text(metadata, "name")];
        let [namespace, kind, name] = parts.map(str::to_owned);
        self.autoscaled.contains(&(namespace, kind, name))
    }

    /// Whether a resource is a claim that a StatefulSet made.
    pub(crate) fn is_claim_of_stateful_set(&self, resource: &Value) -> bool {
        let metadata = at(resource, "metadata");
        let Some((beginning, ordinal)) = text(metadata, "name").rsplit_once('-') else { return false };
        text(resource, "kind") == "PersistentVolumeClaim"
            && !ordinal.is_empty()
            && ordinal.bytes().all(|byte| byte.is_ascii_digit())
            && self.claims.contains(&(text(metadata, "namespace").to_owned(), format!("{beginning}-")))
    }
}
