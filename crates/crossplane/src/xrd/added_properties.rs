//! Reads `data/xrd_properties.yaml`: what Crossplane adds to the schemas of XRDs.

use std::sync::LazyLock;

use plimsoll_yaml::{Budget, Dialect, Numbers, parse_one};
use serde_json::{Map, Value, json};

use super::XrdScope;

/// The data file.
pub(super) struct AddedProperties {
    data: &'static Value,
}

static DATA: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../data/xrd_properties.yaml");
    parse_one(text, Dialect::Helm, &Budget::DEFAULT)
        .and_then(|tree| tree.to_value(Dialect::Helm, Numbers::AsWritten))
        .expect("the data file is part of the program, and a test reads it")
});

impl AddedProperties {
    pub(super) fn read() -> AddedProperties {
        AddedProperties { data: &DATA }
    }

    fn section(&self, name: &str) -> Map<String, Value> {
        self.data.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// Properties of a composite resource's spec.
    pub(super) fn composite_spec(
        &self,
        scope: XrdScope,
        update_policy: Option<&Value>,
    ) -> Map<String, Value> {
        let mut properties = self.section("composite");
        if let (Some(policy), Some(property)) = (update_policy, properties.get_mut("compositionUpdatePolicy"))
        {
            property["default"] = policy.clone();
        }
        if scope != XrdScope::Namespaced
            && let Some(references) = properties.get_mut("resourceRefs")
        {
            references["items"]["properties"]["namespace"] = self.data["resourceRefNamespace"].clone();
        }
        if scope == XrdScope::LegacyCluster {
            properties.extend(self.section("legacy"));
            return properties;
        }
        let description = "Configures how Crossplane will reconcile this composite resource";
        let machinery = json!({"type": "object", "description": description, "properties": properties});
        Map::from_iter([("crossplane".to_owned(), machinery)])
    }

    /// Properties of a claim's spec.
    pub(super) fn claim_spec(&self, delete_policy: Option<&Value>) -> Map<String, Value> {
        let mut properties = self.section("claim");
        if let (Some(policy), Some(property)) = (delete_policy, properties.get_mut("compositeDeletePolicy")) {
            property["default"] = policy.clone();
        }
        properties
    }

    /// Properties of the status.
    pub(super) fn status(&self, scope: XrdScope) -> Map<String, Value> {
        let mut properties = self.section("status");
        if scope == XrdScope::LegacyCluster {
            properties.extend(self.section("legacyStatus"));
        }
        properties
    }
}
