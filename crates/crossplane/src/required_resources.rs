//! Resources that functions ask for besides what they are given.

use std::sync::Arc;

use serde_json::Value;

/// The resources that a pipeline may read: what the user supplies in place of a cluster.
#[derive(Debug, Clone, Default)]
pub struct RequiredResources {
    resources: Arc<Vec<Value>>,
}

/// What a function asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceSelector {
    /// The API version, which must be the same.
    pub api_version: String,
    /// The kind, which must be the same.
    pub kind: String,
    /// Which resources of the kind.
    pub matching: Matching,
}

/// Which resources of a kind are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// All of them.
    All,
    /// The one with this name.
    Name(String),
    /// Those with all these labels.
    Labels(Vec<(String, String)>),
}

impl RequiredResources {
    /// The resources, in the order of their names as Crossplane gives them.
    #[must_use]
    pub fn new(mut resources: Vec<Value>) -> RequiredResources {
        resources.sort_by(|one, other| name_of(one).cmp(name_of(other)));
        RequiredResources { resources: Arc::new(resources) }
    }

    /// Whether the user supplied none, which functions are told apart from having supplied none that fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// The resources that fit; of those asked for by name the first.
    #[must_use]
    pub fn select(&self, selector: &ResourceSelector) -> Vec<&Value> {
        let text = |resource: &Value, key: &str| {
            resource.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut selected = self.resources.iter().filter(|resource| {
            text(resource, "apiVersion") == selector.api_version
                && text(resource, "kind") == selector.kind
                && match &selector.matching {
                    Matching::All => true,
                    Matching::Name(name) => name_of(resource) == name,
                    Matching::Labels(labels) => labels.iter().all(|(key, value)| {
                        resource
                            .pointer("/metadata/labels")
                            .and_then(|labels| labels.get(key))
                            .and_then(Value::as_str)
                            == Some(value)
                    }),
                }
        });
        match selector.matching {
            Matching::Name(_) => selected.next().into_iter().collect(),
            _ => selected.collect(),
        }
    }
}

fn name_of(resource: &Value) -> &str {
    resource.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}
