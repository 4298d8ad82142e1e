//! What a kind's schema says of its fields: lists, defaults, forms of scalars, and what the server drops.

use serde_json::Value;

/// The schema of a custom resource.
#[derive(Debug, Clone)]
pub struct Schema {
    _open_api: Value,
}

impl Schema {
    /// The schema of one version of a custom resource, from `spec.versions[*].schema.openAPIV3Schema` of its definition or
    /// from the server's OpenAPI v3 document with its references resolved.
    #[must_use]
    pub fn of_open_api(open_api: &Value) -> Schema {
        Schema { _open_api: open_api.clone() }
    }
}
