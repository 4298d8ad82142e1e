//! The layer between: beside a resource of AWS how its managed resource stands on the cluster, and beside that how AWS stands.
//!
//! So that what Git says, what the cluster says and what AWS says is one story wherever one of the three differs.

use std::collections::HashMap;

use super::model::{DriftReport, Identity, KubernetesIdentity, Resource};
use super::wording;

/// Both ends of every managed resource of a report.
pub struct Story<'r> {
    cluster: HashMap<(&'r str, String), &'r Resource>,
    aws: HashMap<(&'r str, &'r str), &'r Resource>,
}

impl<'r> Story<'r> {
    /// The ends in a report.
    #[must_use]
    pub fn of(report: &'r DriftReport) -> Story<'r> {
        let mut story = Story { cluster: HashMap::new(), aws: HashMap::new() };
        for resource in &report.resources {
            match &resource.id {
                Identity::Kubernetes(id) => {
                    story.cluster.insert((&resource.layer, spoken(id)), resource);
                }
                Identity::Aws(_) => {
                    if let Some(managed) = managed(resource) {
                        story.aws.insert((&resource.layer, managed), resource);
                    }
                }
            }
        }
        story
    }

    /// The other end of a resource: its managed resource on the cluster, or what AWS has of that.
    #[must_use]
    pub fn other(&self, resource: &Resource) -> Option<&'r Resource> {
        match &resource.id {
            Identity::Kubernetes(id) => {
                self.aws.get(&(resource.layer.as_str(), spoken(id).as_str())).copied()
            }
            Identity::Aws(_) => {
                self.cluster.get(&(resource.layer.as_str(), managed(resource)?.to_owned())).copied()
            }
        }
    }

    /// How the other end stands: `cluster management: changed`, `AWS: as Git says`; none where there is no other end.
    #[must_use]
    pub fn other_end(&self, resource: &Resource) -> Option<String> {
        let other = self.other(resource)?;
        let place = match &other.id {
            Identity::Kubernetes(_) => wording::place(&other.id),
            Identity::Aws(_) => "AWS".to_owned(),
        };
        let stands = match (other.fingerprint.is_none(), &other.cause) {
            (true, _) => "as Git says".to_owned(),
            (false, Some(cause)) => format!("{}, {cause}", wording::state(other.state)),
            (false, None) => wording::state(other.state).to_owned(),
        };
        Some(format!("{place}: {stands}"))
    }
}

fn managed(resource: &Resource) -> Option<&str> {
    resource.via.as_ref()?.managed_resource.as_deref()
}

fn spoken(id: &KubernetesIdentity) -> String {
    match &id.namespace {
        Some(namespace) => format!("{} {namespace}/{}", id.kind, id.name),
        None => format!("{} {}", id.kind, id.name),
    }
}
