//! Names that end in a hash of the content.
//!
//! Follows `api/hasher` v0.21.1, which means to hash the name too but looks for it in a field called `metadata/name`.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::resource::{Resource, ResourceMap, build_annotations};
use crate::schema::Schemas;
use crate::tree::fields;
use crate::tree::json as plain;
use crate::tree::scalar::raw_text;
use crate::tree::yaml_node;

/// Adds the hash to the name of every resource that wants one.
pub(crate) fn add_hash_suffixes(resources: &mut ResourceMap, schemas: &Schemas) -> Result<()> {
    for resource in resources.resources_mut() {
        if resource.is_enabled(build_annotations::NEEDS_HASH) {
            let hash = hash_of(resource)?;
            resource.store_previous_id(schemas)?;
            let name = format!("{}-{hash}", resource.name());
            resource.set_name(&name)?;
        }
    }
    Ok(())
}

/// The ten characters that kustomize adds to the name of a generated resource with this content.
pub fn hash_of(resource: &Resource) -> Result<String> {
    let encoded = match resource.kind() {
        "ConfigMap" => {
            let content = json!({
                "kind": "ConfigMap",
                "name": "",
                "data": value_at(resource, "data")?,
            });
            plain::to_go_string(&with_map(content, resource, "binaryData")?)
        }
        "Secret" => {
            let content = json!({
                "kind": "Secret",
                "type": value_at(resource, "type")?,
                "name": "",
                "data": value_at(resource, "data")?,
            });
            plain::to_go_string(&with_map(content, resource, "stringData")?)
        }
        _ => yaml_node::to_go_json(resource.node(), resource.source.as_deref().unwrap_or_default()),
    };
    let digest = Sha256::digest(encoded.as_bytes());
    let hex: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    Ok(hex.chars().map(readable).collect())
}

/// Digits and vowels that make words are replaced.
fn readable(digit: char) -> char {
    match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    }
}

fn value_at(resource: &Resource, field: &str) -> Result<Value> {
    Ok(match fields::get(resource.node(), field)? {
        None => Value::String(String::new()),
        Some(node) if node.is_scalar() => Value::String(raw_text(node).to_owned()),
        Some(node) => match plain::of_node(node)? {
            Value::Object(map) => Value::Object(map),
            _ => Value::Null,
        },
    })
}

fn with_map(mut content: Value, resource: &Resource, name: &str) -> Result<Value> {
    let node = fields::get(resource.node(), name)?;
    if let (Some(map), Some(object)) = (node.filter(|node| node.is_mapping()), content.as_object_mut()) {
        object.insert(name.to_owned(), plain::of_node(map)?);
    }
    Ok(content)
}
