//! `IAMPolicyGenerator`: a service account that stands for one of Google's.

use plimsoll_yaml::Node;

use crate::error::{Error, Result};
use crate::resource::Resource;
use crate::tree::text;

/// The settings of the generator.
#[derive(Debug, Clone, Default)]
pub(crate) struct IamPolicy {
    pub(crate) cloud: String,
    pub(crate) kubernetes_name: String,
    pub(crate) kubernetes_namespace: String,
    pub(crate) account_name: String,
    pub(crate) project_id: String,
}

/// Makes the service account.
pub(crate) fn generate_iam_policy(policy: &IamPolicy) -> Result<Resource> {
    if policy.cloud != "gke" {
        return Err(Error::new(format!("cloud provider {} not supported yet", policy.cloud)));
    }
    let plain = |content: String| {
        let tag = text::resolve(&content);
        Node::scalar(content, tag)
    };
    let account = format!("{}@{}.iam.gserviceaccount.com", policy.account_name, policy.project_id);
    let mut annotations = Node::mapping(Vec::new());
    annotations.insert("iam.gke.io/gcp-service-account", plain(account));
    let mut metadata = Node::mapping(Vec::new());
    metadata.insert("annotations", annotations);
    metadata.insert("name", plain(policy.kubernetes_name.clone()));
    if !policy.kubernetes_namespace.is_empty() {
        metadata.insert("namespace", plain(policy.kubernetes_namespace.clone()));
    }
    let mut root = Node::mapping(Vec::new());
    root.insert("apiVersion", Node::string("v1"));
    root.insert("kind", Node::string("ServiceAccount"));
    root.insert("metadata", metadata);
    Ok(Resource::new(root))
}
