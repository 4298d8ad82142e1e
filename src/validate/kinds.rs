//! What we know ourselves of kinds whose definitions nobody has to have at hand: Crossplane's own and AWS managed resources.
//!
//! Reads `data/crossplane_kinds.yaml` and `data/aws_kinds.yaml`, whose notation their heads explain, and makes definitions of
//! them. They know names and types of fields, what is required, and what references fill; not what values mean.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use plimsoll_yaml::{Budget, Dialect, Node};
use serde_json::{Map, Value, json};

const CROSSPLANE: &str = include_str!("data/crossplane_kinds.yaml");
const AWS: &str = include_str!("data/aws_kinds.yaml");

/// A reference that a field is filled by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The field below `spec.forProvider` that the reference fills.
    pub field: String,
    /// The kind that is referred to, such as `VPC`.
    pub kind: String,
    /// The first label of the group of that kind, such as `ec2`.
    pub service: String,
}

static ROWS: LazyLock<BTreeMap<(String, String), Node>> = LazyLock::new(|| {
    let mut rows = BTreeMap::new();
    for text in [CROSSPLANE, AWS] {
        let tree = plimsoll_yaml::parse_one(text, Dialect::Yaml12, &Budget::DEFAULT)
            .expect("the data files are part of the program, and a test reads them");
        for row in tree.into_items() {
            let text = |key: &str| row.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
            rows.insert((text("apiVersion"), text("kind")), row);
        }
    }
    rows
});

/// Reads the tables, which else the first question for a kind does.
pub fn load() {
    LazyLock::force(&ROWS);
}

/// The definition of a kind, as a CustomResourceDefinition.
#[must_use]
pub fn definition(api_version: &str, kind: &str) -> Option<Value> {
    let row = ROWS.get(&(api_version.to_owned(), kind.to_owned()))?;
    let (group, version) = plimsoll_resource::split_api_version(api_version);
    let rules: Vec<Value> = row
        .get("rules")
        .and_then(Node::items)
        .into_iter()
        .flatten()
        .map(|rule| {
            let text = |key: &str| rule.get(key).and_then(Node::as_str).unwrap_or_default();
            json!({"rule": text("rule"), "message": text("message")})
        })
        .collect();
    let spec = match (row.get("spec"), row.get("fields")) {
        (Some(spec), _) => schema(spec),
        (None, Some(fields)) => managed_spec(fields, row.get("open").is_some()),
        (None, None) => return None,
    };
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let mut schema = json!({
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": spec,
            "status": open,
        },
    });
    if !rules.is_empty() {
        schema["x-kubernetes-validations"] = rules.into();
    }
    Some(json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{kind}.{group}")},
        "spec": {
            "group": group,
            "names": {"kind": kind},
            "versions": [{"name": version, "served": true, "schema": {"openAPIV3Schema": schema}}],
        },
    }))
}

/// What fills a field below `spec.forProvider` by reference, by the name of the reference's field.
#[must_use]
pub fn reference(api_version: &str, kind: &str, reference: &str) -> Option<Reference> {
    let row = ROWS.get(&(api_version.to_owned(), kind.to_owned()))?;
    row.get("fields")?.entries()?.iter().find_map(|entry| {
        let (_, target) = entry.value.as_str()?.split_once(" -> ")?;
        let (target, by) = target.split_once(" by ")?;
        let (kind, service) = target.split_once('.')?;
        let field = entry.key.as_str()?.trim_end_matches(['!', '+']);
        (by == reference).then(|| Reference {
            field: field.to_owned(),
            kind: kind.to_owned(),
            service: service.to_owned(),
        })
    })
}

/// The spec that every managed resource has around its own fields.
fn managed_spec(fields: &Node, is_open: bool) -> Value {
    let mut for_provider = object(fields);
    let mut init_provider = for_provider.clone();
    if let Some(fields) = init_provider.as_object_mut() {
        fields.remove("required");
    }
    if is_open {
        for_provider["x-kubernetes-preserve-unknown-fields"] = true.into();
        init_provider["x-kubernetes-preserve-unknown-fields"] = true.into();
    }
    let rules: Vec<Value> = fields
        .entries()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.key.as_str()?.strip_suffix('+'))
        .map(|field| {
            json!({
                "rule": format!(
                    "!(self.managementPolicies.exists(policy, policy in ['*', 'Create', 'Update'])) || \
                     has(self.forProvider.{field}) || (has(self.initProvider) && has(self.initProvider.{field}))"
                ),
                "message": format!("spec.forProvider.{field} is required"),
            })
        })
        .collect();
    let policies = ["Observe", "Create", "Update", "Delete", "LateInitialize", "*"];
    let mut spec = json!({
        "type": "object",
        "required": ["forProvider"],
        "properties": {
            "forProvider": for_provider,
            "initProvider": init_provider,
            "managementPolicies": {
                "type": "array", "default": ["*"], "items": {"type": "string", "enum": policies},
            },
            "providerConfigRef": {
                "type": "object",
                "required": ["kind", "name"],
                "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
            },
            "writeConnectionSecretToRef": shape("secret"),
        },
    });
    if !rules.is_empty() {
        spec["x-kubernetes-validations"] = rules.into();
    }
    spec
}

/// The schema of a type in our notation.
fn schema(node: &Node) -> Value {
    if node.entries().is_some() {
        return object(node);
    }
    if let Some(items) = node.items() {
        let items = items.first().map_or_else(|| shape("any"), schema);
        return json!({"type": "array", "items": items});
    }
    let text = node.as_str().unwrap_or("any");
    shape(text.split(" -> ").next().unwrap_or(text))
}

fn object(node: &Node) -> Value {
    let entries = node.entries().unwrap_or_default();
    if let [entry] = entries
        && entry.key.as_str() == Some("*")
    {
        return json!({"type": "object", "additionalProperties": schema(&entry.value)});
    }
    let mut properties = Map::new();
    let mut required = Vec::new();
    for entry in entries {
        let key = entry.key.as_str().unwrap_or_default();
        let name = key.trim_end_matches(['!', '+']);
        if key.ends_with('!') {
            required.push(Value::from(name));
        }
        properties.insert(name.to_owned(), schema(&entry.value));
        if let Some((_, target)) = entry.value.as_str().and_then(|text| text.split_once(" by ")) {
            let stem = target.trim_end_matches("Refs").trim_end_matches("Ref");
            let references = if target.ends_with("Refs") {
                json!({"type": "array", "items": shape("reference")})
            } else {
                shape("reference")
            };
            properties.insert(target.to_owned(), references);
            properties.insert(format!("{stem}Selector"), shape("selector"));
        }
    }
    let mut object = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}

/// The schema of a type that has a name.
fn shape(name: &str) -> Value {
    let policy = json!({
        "type": "object",
        "properties": {
            "resolution": {"type": "string", "enum": ["Required", "Optional"]},
            "resolve": {"type": "string", "enum": ["Always", "IfNotPresent"]},
        },
    });
    let text = json!({"type": "string"});
    match name {
        "any" => json!({"x-kubernetes-preserve-unknown-fields": true}),
        "string" | "number" | "integer" | "boolean" => json!({"type": name}),
        "[string]" => json!({"type": "array", "items": text}),
        "reference" => json!({
            "type": "object",
            "required": ["name"],
            "properties": {"name": text, "namespace": text, "policy": policy},
        }),
        "selector" => json!({
            "type": "object",
            "properties": {
                "matchLabels": {"type": "object", "additionalProperties": text},
                "matchControllerRef": {"type": "boolean"},
                "namespace": text,
                "policy": policy,
            },
        }),
        "secret" => json!({"type": "object", "required": ["name"], "properties": {"name": text}}),
        "secretKey" => json!({
            "type": "object", "required": ["key", "name"], "properties": {"key": text, "name": text},
        }),
        several => {
            json!({"type": "string", "enum": several.trim_start_matches('=').split('|').collect::<Vec<_>>()})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_crossplane::schema::check_structural;

    #[test]
    fn every_row_is_a_structural_schema_of_known_types() {
        assert!(ROWS.len() > 35);
        for (api_version, kind) in ROWS.keys() {
            let definition = definition(api_version, kind).unwrap();
            let schema = definition.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap();
            check_structural(schema).unwrap();
            let text = schema.to_string();
            // A type that is not known would be a list of one text.
            for enumeration in text.match_indices("\"enum\":[") {
                let rest = &text[enumeration.0..];
                let values = rest.split(']').next().unwrap();
                assert!(values.contains(',') || values.ends_with("\"Pipeline\""), "{kind}: {values}");
            }
        }
    }

    #[test]
    fn references_name_the_kind_that_they_lead_to() {
        let found = reference("ec2.aws.m.upbound.io/v1beta1", "Subnet", "vpcIdRef").unwrap();
        assert_eq!(
            (found.field.as_str(), found.kind.as_str(), found.service.as_str()),
            ("vpcId", "VPC", "ec2")
        );
    }
}
