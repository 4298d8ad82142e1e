//! Field specifications out of `crds`: OpenAPI definitions with `x-kubernetes-*` annotations.
//!
//! Follows `accumulator/loadconfigfromcrds.go` v0.21.1.

use serde_json::{Map, Value};

use super::field_spec::{FieldSpec, merge_one};
use super::transformer_config::{BackReference, TransformerConfig};
use crate::error::Result;
use crate::identity::Gvk;

/// How deep definitions may refer to each other.
const MAX_DEPTH: usize = 64;

/// The fields that the definitions of a file name.
pub(crate) fn config_from_crds(definitions: &Value) -> Result<TransformerConfig> {
    let mut config = TransformerConfig::default();
    let Some(definitions) = definitions.as_object() else { return Ok(config) };
    for (name, definition) in definitions {
        if !looks_like_resource(definition) {
            continue;
        }
        let kind = name.rsplit('.').next().unwrap_or_default();
        let mut found = TransformerConfig::default();
        let mut path = Vec::new();
        read_definition(&mut found, &Gvk::new("", "", kind), definitions, name, &mut path)?;
        config.merge(found)?;
    }
    Ok(config)
}

fn properties_of(definition: &Value) -> Option<&Map<String, Value>> {
    field(definition, "Schema")?.get("properties")?.as_object()
}

/// A field by Go's rules: the exact name, else one that differs in case.
fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = value.as_object()?;
    fields
        .get(name)
        .or_else(|| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn looks_like_resource(definition: &Value) -> bool {
    properties_of(definition).is_some_and(|properties| {
        ["kind", "apiVersion", "metadata"].iter().all(|name| properties.contains_key(*name))
    })
}

fn read_definition(
    config: &mut TransformerConfig,
    gvk: &Gvk,
    definitions: &Map<String, Value>,
    name: &str,
    path: &mut Vec<String>,
) -> Result<()> {
    if path.len() > MAX_DEPTH {
        return Ok(());
    }
    let Some(properties) = definitions.get(name).and_then(properties_of) else { return Ok(()) };
    for (property_name, property) in properties {
        path.push(property_name.clone());
        read_property(config, gvk, property, path)?;
        if let Some(reference) = property.get("$ref").and_then(Value::as_str) {
            read_definition(config, gvk, definitions, reference, path)?;
        }
        path.pop();
    }
    Ok(())
}

fn read_property(config: &mut TransformerConfig, gvk: &Gvk, property: &Value, path: &[String]) -> Result<()> {
    let extension = |name: &str| property.get(name).and_then(Value::as_str);
    let spec = || FieldSpec::new(gvk.clone(), &path.join("/"), false);
    if extension("x-kubernetes-annotation").is_some() {
        merge_one(&mut config.common_annotations, spec())?;
    }
    if extension("x-kubernetes-label-selector").is_some() {
        merge_one(&mut config.common_labels, spec())?;
    }
    if extension("x-kubernetes-identity").is_some() {
        merge_one(&mut config.name_prefix, spec())?;
    }
    if let (Some(version), Some(kind)) =
        (extension("x-kubernetes-object-ref-api-version"), extension("x-kubernetes-object-ref-kind"))
    {
        let key = extension("x-kubernetes-object-ref-name-key").unwrap_or("name");
        let referrer = FieldSpec::new(gvk.clone(), &format!("{}/{key}", path.join("/")), false);
        config.merge_back_reference(BackReference {
            gvk: Gvk::new("", version, kind),
            referrers: vec![referrer],
        })?;
    }
    Ok(())
}
