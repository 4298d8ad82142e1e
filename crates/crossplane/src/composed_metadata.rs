//! What Crossplane adds to the metadata of a composed resource.
//!
//! Follows crossplane v2.2.1 `cmd/crank/render/render.go`, `SetComposedResourceMetadata`, which mirrors the composition controller.

use plimsoll_gotemplate::quote::quote;
use serde_json::{Map, Value, json};

use crate::json_pointer::text;
use crate::pipeline::Machinery;

/// Whether composed resources say who owns them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Owner {
    /// They do, as in the cluster.
    #[default]
    Written,
    /// They do not; that nobody else owns them is checked all the same.
    LeftOut,
}

/// Sets name prefix, namespace, labels, the annotation with the template's name, and the owner of a composed resource.
pub(crate) fn set_composed_metadata(
    resource: &mut Value,
    composite: &Value,
    machinery: Machinery,
    owner: Owner,
    name: &str,
) -> Result<(), String> {
    let composite_text = |pointer: &str| text(composite, pointer);
    let composite_name = composite_text("/metadata/name");
    // A nested composite resource hands on the name of its root.
    let label = composite_text("/metadata/labels/crossplane.io~1composite");
    let prefix = if label.is_empty() { composite_name } else { label };

    let metadata = object_in(resource, "metadata");
    let is_empty = |metadata: &Map<String, Value>, key: &str| {
        metadata.get(key).and_then(Value::as_str).unwrap_or_default().is_empty()
    };
    if is_empty(metadata, "name") && is_empty(metadata, "generateName") {
        metadata.insert("generateName".to_owned(), format!("{prefix}-").into());
    }
    let namespace = composite_text("/metadata/namespace");
    if !namespace.is_empty() {
        metadata.insert("namespace".to_owned(), namespace.into());
    }
    let annotations = entry_object(metadata, "annotations");
    annotations.insert("crossplane.io/composition-resource-name".to_owned(), name.into());
    let labels = entry_object(metadata, "labels");
    labels.insert("crossplane.io/composite".to_owned(), prefix.into());
    if let Some((claim_namespace, claim_name)) = claim_of(composite, machinery) {
        labels.insert("crossplane.io/claim-namespace".to_owned(), claim_namespace.into());
        labels.insert("crossplane.io/claim-name".to_owned(), claim_name.into());
    }
    set_controller(metadata, composite, owner).map_err(|error| {
        format!(
            "cannot set composite resource {} as controller ref of composed resource: {error}",
            quote(composite_name.as_bytes())
        )
    })
}

/// Namespace and name of the claim: from the labels that nested composites inherit, else from the reference.
fn claim_of(composite: &Value, machinery: Machinery) -> Option<(String, String)> {
    let text = |pointer: &str| text(composite, pointer).to_owned();
    let namespace = text("/metadata/labels/crossplane.io~1claim-namespace");
    let name = text("/metadata/labels/crossplane.io~1claim-name");
    if !namespace.is_empty() && !name.is_empty() {
        return Some((namespace, name));
    }
    if machinery == Machinery::Modern {
        return None;
    }
    composite.pointer("/spec/claimRef").filter(|reference| reference.is_object())?;
    Some((text("/spec/claimRef/namespace"), text("/spec/claimRef/name")))
}

fn set_controller(metadata: &mut Map<String, Value>, composite: &Value, owner: Owner) -> Result<(), String> {
    let text = |pointer: &str| text(composite, pointer);
    let identifier = text("/metadata/uid");
    let owner_text =
        |owner: &Value, key: &str| owner.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let owners = metadata.get("ownerReferences").and_then(Value::as_array);
    let controller = owners
        .into_iter()
        .flatten()
        .find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true));
    if let Some(controller) = controller
        && owner_text(controller, "uid") != identifier
    {
        let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default();
        let (kind, owner, uid) =
            (owner_text(controller, "kind"), owner_text(controller, "name"), owner_text(controller, "uid"));
        return Err(format!("{name} is already controlled by {kind} {owner} (UID {uid})"));
    }
    if owner == Owner::LeftOut {
        metadata.remove("ownerReferences");
        return Ok(());
    }
    let reference = json!({
        "apiVersion": text("/apiVersion"),
        "kind": text("/kind"),
        "name": text("/metadata/name"),
        "uid": identifier,
        "controller": true,
        "blockOwnerDeletion": true,
    });
    let owners = metadata.entry("ownerReferences").or_insert_with(|| json!([]));
    if !owners.is_array() {
        *owners = json!([]);
    }
    let Some(owners) = owners.as_array_mut() else { return Ok(()) };
    match owners.iter_mut().find(|owner| owner_text(owner, "uid") == identifier) {
        Some(owner) => *owner = reference,
        None => owners.push(reference),
    }
    Ok(())
}

fn object_in<'a>(value: &'a mut Value, key: &str) -> &'a mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    let Value::Object(fields) = value else { unreachable!("it was made an object above") };
    entry_object(fields, key)
}

fn entry_object<'a>(fields: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let place = fields.entry(key).or_insert_with(|| json!({}));
    if !place.is_object() {
        *place = json!({});
    }
    let Value::Object(fields) = place else { unreachable!("it was made an object above") };
    fields
}
