//! XRDs: the schemas of the composite resources and claims that they define.
//!
//! Follows crossplane v2.2.1 `internal/xcrd`. What Crossplane adds to a schema is data: `data/xrd_properties.yaml`.

mod added_properties;

use serde_json::{Map, Value, json};

use crate::schema::apply_defaults;
use added_properties::AddedProperties;

/// Where the resources of an XRD live, which also decides where their machinery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrdScope {
    /// In namespaces.
    Namespaced,
    /// In the cluster.
    Cluster,
    /// In the cluster, with claims in namespaces, as in Crossplane v1.
    LegacyCluster,
}

impl XrdScope {
    /// The scope that an XRD says, or that its API version stands for.
    #[must_use]
    pub fn of(xrd: &Value) -> XrdScope {
        match xrd.pointer("/spec/scope").and_then(Value::as_str) {
            Some("Namespaced") => XrdScope::Namespaced,
            Some("Cluster") => XrdScope::Cluster,
            Some(_) => XrdScope::LegacyCluster,
            None if xrd.get("apiVersion").and_then(Value::as_str)
                == Some("apiextensions.crossplane.io/v2") =>
            {
                XrdScope::Namespaced
            }
            None => XrdScope::LegacyCluster,
        }
    }
}

/// The schema of the composite resource in one version; `None` where the XRD has no such version or it has no schema.
#[must_use]
pub fn composite_schema(xrd: &Value, version: &str) -> Option<Value> {
    let added = AddedProperties::read();
    let scope = XrdScope::of(xrd);
    let policy = xrd.pointer("/spec/defaultCompositionUpdatePolicy");
    complete(declared_schema(xrd, version)?, &added.composite_spec(scope, policy), &added.status(scope))
}

/// The schema of the claim in one version; `None` where the XRD has no claims, no such version, or it has no schema.
#[must_use]
pub fn claim_schema(xrd: &Value, version: &str) -> Option<Value> {
    xrd.pointer("/spec/claimNames").filter(|names| names.is_object())?;
    let added = AddedProperties::read();
    let policy = xrd.pointer("/spec/defaultCompositeDeletePolicy");
    complete(
        declared_schema(xrd, version)?,
        &added.claim_spec(policy),
        &added.status(XrdScope::LegacyCluster),
    )
}

/// Gives a composite resource the defaults of its XRD. The error names a version that the XRD does not have.
pub fn default_values(composite: &mut Value, xrd: &Value) -> Result<(), String> {
    let api_version = composite.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let group = xrd.pointer("/spec/group").and_then(Value::as_str).unwrap_or_default();
    let schema = api_version
        .strip_prefix(group)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|version| composite_schema(xrd, version))
        .ok_or_else(|| format!("the specified API version '{api_version}' does not exist in the XRD"))?;
    apply_defaults(composite, &schema);
    Ok(())
}

fn declared_schema<'a>(xrd: &'a Value, version: &str) -> Option<&'a Value> {
    let versions = xrd.pointer("/spec/versions")?.as_array()?;
    let found = versions.iter().find(|entry| entry.get("name").and_then(Value::as_str) == Some(version))?;
    found.pointer("/schema/openAPIV3Schema")
}

/// The longest name of a composite resource or claim: names become values of labels.
const LONGEST_NAME: i64 = 63;

/// The declared schema in the frame that every custom resource of Crossplane has. Of the declared schema only what is
/// listed here counts; anything else at its top, or beside the properties of spec and status, is dropped.
fn complete(
    declared: &Value,
    spec_properties: &Map<String, Value>,
    status_properties: &Map<String, Value>,
) -> Option<Value> {
    let declared_part =
        |name: &str| declared.pointer(&format!("/properties/{name}")).cloned().unwrap_or_default();
    let longest = declared
        .pointer("/properties/metadata/properties/name/maxLength")
        .and_then(Value::as_i64)
        .map_or(LONGEST_NAME, |length| length.min(LONGEST_NAME));
    let mut schema = json!({
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": longest}}},
            "spec": framed(&declared_part("spec"), spec_properties, &SPEC_KEYWORDS),
            "status": framed(&declared_part("status"), status_properties, &STATUS_KEYWORDS),
        },
    });
    for keyword in ["description", "x-kubernetes-validations"] {
        if let Some(value) = declared.get(keyword) {
            schema[keyword] = value.clone();
        }
    }
    Some(schema)
}

/// What of the declared spec counts besides its properties.
const SPEC_KEYWORDS: [&str; 5] =
    ["required", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations", "oneOf", "description"];

/// What of the declared status counts besides its properties.
const STATUS_KEYWORDS: [&str; 4] = ["required", "x-kubernetes-validations", "oneOf", "description"];

fn framed(declared: &Value, added: &Map<String, Value>, keywords: &[&str]) -> Value {
    let mut properties = declared.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    properties.extend(added.clone());
    let mut framed = json!({"type": "object", "properties": properties});
    for keyword in keywords {
        if let Some(value) = declared.get(*keyword) {
            framed[*keyword] = value.clone();
        }
    }
    framed
}
