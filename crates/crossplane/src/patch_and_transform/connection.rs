//! Connection details: read from composed resources, and written to a Secret where the composite resource has none.
//!
//! Follows function-patch-and-transform 0.10.8 `connection.go`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::{Value, json};

use super::input::{ConnectionDetail, ConnectionSecret, Patch};
use super::patch::apply;
use super::validate::validate_connection_detail;
use crate::field_path::{string_at, value_at};
use crate::pipeline_state::{DesiredResource, ObservedResource, Ready};

/// The connection details that a template takes from its observed resource. What is not there yet is left out.
pub(super) fn extract(
    observed: &ObservedResource,
    details: &[ConnectionDetail],
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut extracted = BTreeMap::new();
    for detail in details {
        validate_connection_detail(detail).map_err(|error| format!("invalid: {error}"))?;
        let value = match detail.kind.as_str() {
            "FromValue" => detail.value.as_ref().map(|value| value.clone().into_bytes()),
            "FromConnectionSecretKey" => detail
                .from_connection_secret_key
                .as_ref()
                .and_then(|key| observed.connection.get(key).cloned()),
            _ => detail.from_field_path.as_ref().and_then(|path| field_bytes(&observed.resource, path)),
        };
        if let Some(value) = value {
            extracted.insert(detail.name.clone(), value);
        }
    }
    Ok(extracted)
}

/// A string as it is, anything else as JSON.
fn field_bytes(resource: &Value, path: &str) -> Option<Vec<u8>> {
    match string_at(resource, path) {
        Ok(text) => Some(text.as_bytes().to_vec()),
        Err(_) => Some(emit_json(value_at(resource, path).ok()?, HtmlEscape::Escaped).into_bytes()),
    }
}

/// Whether the composite resource keeps connection details itself; those of XRDs v2 don't.
pub(super) fn is_supported_by(composite: &Value) -> bool {
    value_at(composite, "spec.crossplane").is_err()
}

/// The Secret with the connection details.
pub(super) fn compose_secret(
    composite: &Value,
    details: &BTreeMap<String, Vec<u8>>,
    input: Option<&ConnectionSecret>,
) -> Result<DesiredResource, String> {
    let context = "cannot compose connection secret: cannot generate connection secret reference";
    let reference = reference(composite, input).map_err(|error| format!("{context}: {error}"))?;
    let data: BTreeMap<&String, String> =
        details.iter().map(|(key, value)| (key, STANDARD.encode(value))).collect();
    let mut resource = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": reference.name},
        "type": "connection.crossplane.io/v1alpha1",
        "data": data,
    });
    if !reference.namespace.is_empty() {
        resource["metadata"]["namespace"] = reference.namespace.into();
    }
    if reference.name.is_empty()
        && let Some(metadata) = resource["metadata"].as_object_mut()
    {
        metadata.remove("name");
    }
    Ok(DesiredResource::new(resource, Ready::True))
}

pub(super) struct Reference {
    pub(super) name: String,
    pub(super) namespace: String,
}

pub(super) fn reference(composite: &Value, input: Option<&ConnectionSecret>) -> Result<Reference, String> {
    let text = |path: &str| string_at(composite, path).unwrap_or_default().to_owned();
    let own = value_at(composite, "spec.writeConnectionSecretToRef").is_ok_and(Value::is_object);
    let mut reference = match input {
        _ if own => Reference {
            name: text("spec.writeConnectionSecretToRef.name"),
            namespace: text("spec.writeConnectionSecretToRef.namespace"),
        },
        Some(input) if !input.name.is_empty() || !input.namespace.is_empty() => {
            Reference { name: input.name.clone(), namespace: input.namespace.clone() }
        }
        _ => Reference {
            name: format!("{}-connection", text("metadata.name")),
            namespace: text("metadata.namespace"),
        },
    };
    let patches = input.map(|input| input.patches.as_slice()).unwrap_or_default();
    patch_reference(composite, &mut reference, patches)
        .map_err(|error| format!("cannot apply connection secret patches: {error}"))?;
    Ok(reference)
}

fn patch_reference(composite: &Value, reference: &mut Reference, patches: &[Patch]) -> Result<(), String> {
    let mut object = json!({
        "apiVersion": "v1",
        "kind": "SecretReference",
        "name": reference.name,
        "namespace": reference.namespace,
    });
    for (index, patch) in patches.iter().enumerate() {
        let kind = patch.kind.as_str();
        let is_optional = match kind {
            "FromCompositeFieldPath" => patch.source_policy() == "Optional",
            "CombineFromComposite" => false,
            _ => return Err(format!("unsupported patch type {kind} at index {index}")),
        };
        match apply(patch, composite, &mut object) {
            Err(error) if !is_optional => {
                return Err(format!("cannot apply patch type {kind} at index {index}: {error}"));
            }
            _ => {}
        }
    }
    if let Some(name) = object["name"].as_str() {
        name.clone_into(&mut reference.name);
    }
    if let Some(namespace) = object["namespace"].as_str() {
        namespace.clone_into(&mut reference.namespace);
    }
    Ok(())
}
