//! Definitions of kinds as the cache keeps them: an archive with one JSON file a kind, without descriptions, which make up most
//! of them and decide nothing.
//!
//! The same definitions give the same bytes, so the digest of the archive can be pinned.

use plimsoll_crossplane::manifest::load_objects;
use plimsoll_resource::FileTree;
use serde_json::{Value, json};

use super::bundle;

/// The definitions among the objects of these texts, and how many there are; the error names the text that cannot be read.
pub(super) fn pack<'t>(texts: impl Iterator<Item = (&'t str, &'t [u8])>) -> Result<(Vec<u8>, usize), String> {
    let mut files = FileTree::new();
    for (name, text) in texts {
        let objects = load_objects(text).map_err(|error| format!("{name}: {error}"))?;
        for object in objects.iter().filter(|object| is_definition(object)) {
            let Some(path) = path_of_definition(object) else {
                return Err(format!("{name}: a CustomResourceDefinition without group or kind"));
            };
            let bytes = compact(object).to_string().into_bytes();
            files.insert(&path, bytes).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    let count = files.iter().count();
    bundle::pack(&files).map(|bytes| (bytes, count)).map_err(|error| error.to_string())
}

/// The definitions of an archive, by the paths that [`path`] gives.
pub(super) fn unpack(bytes: &[u8]) -> std::io::Result<FileTree> {
    bundle::unpack(bytes)
}

/// Where the definition of a kind stands in an archive.
pub(super) fn path(group: &str, kind: &str) -> String {
    format!("{group}/{kind}.json")
}

fn is_definition(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition")
}

fn path_of_definition(object: &Value) -> Option<String> {
    let text =
        |pointer: &str| object.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(path(text("/spec/group")?, text("/spec/names/kind")?))
}

/// What matters of a definition when resources are validated.
fn compact(definition: &Value) -> Value {
    let versions: Vec<Value> = definition
        .pointer("/spec/versions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|version| {
            let mut schema = version.pointer("/schema/openAPIV3Schema").cloned().unwrap_or_default();
            drop_descriptions(&mut schema);
            json!({
                "name": version["name"],
                "served": version["served"],
                "schema": {"openAPIV3Schema": schema},
            })
        })
        .collect();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": definition.pointer("/metadata/name").unwrap_or(&Value::Null)},
        "spec": {
            "group": definition["spec"]["group"],
            "names": {"kind": definition["spec"]["names"]["kind"]},
            "scope": definition["spec"]["scope"],
            "versions": versions,
        },
    })
}

/// Takes the descriptions out of a schema and those below it. A property may have that name too.
fn drop_descriptions(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else { return };
    fields.remove("description");
    for (keyword, below) in fields {
        match keyword.as_str() {
            "properties" => {
                below.as_object_mut().into_iter().flatten().for_each(|(_, schema)| drop_descriptions(schema));
            }
            "items" | "additionalProperties" | "not" => drop_descriptions(below),
            "allOf" | "anyOf" | "oneOf" => {
                below.as_array_mut().into_iter().flatten().for_each(drop_descriptions);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{pack, path, unpack};
    use serde_json::{Value, json};

    #[test]
    fn a_property_may_be_called_description() {
        let text = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.org}
spec:
  group: example.org
  names: {kind: Boat, plural: boats}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          description: a boat
          properties: {description: {type: string, description: what it looks like}}
---
apiVersion: meta.pkg.crossplane.io/v1
kind: Provider
metadata: {name: provider-boats}
";
        let (bytes, count) = pack([("package.yaml", text.as_bytes())].into_iter()).unwrap();
        assert_eq!(count, 1);
        let files = unpack(&bytes).unwrap();
        let definition: Value =
            serde_json::from_slice(files.get(&path("example.org", "Boat")).unwrap()).unwrap();
        assert_eq!(
            definition.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap(),
            &json!({"type": "object", "properties": {"description": {"type": "string"}}})
        );
        assert!(pack([("x.yaml", b"a: [".as_slice())].into_iter()).unwrap_err().starts_with("x.yaml: "));
    }
}
