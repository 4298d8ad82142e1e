//! Whether a layer holds data: a kind of `data_kinds.txt`, or a claim whose Composition makes one.
//!
//! A Composition is searched for the kinds wherever it names them, in the bases of patch-and-transform as in the text of a
//! template. A StatefulSet does not count: its claims for volumes stay when it is deleted.

use std::collections::BTreeSet;

use plimsoll_resource::split_api_version;
use serde_json::Value;

use super::{LayerContents, RenderedResource, health};

const KINDS: &str = include_str!("data_kinds.txt");

/// The composite kinds that hold data.
pub(super) struct Composed {
    kinds: BTreeSet<(String, String)>,
}

impl Composed {
    /// Reads the Compositions and definitions of all layers.
    pub(super) fn of(layers: &[LayerContents<'_>]) -> Composed {
        let values = || super::definitions(layers);
        let mut kinds = BTreeSet::new();
        for composition in values().filter(|value| value["kind"] == "Composition") {
            let composite = &composition["spec"]["compositeTypeRef"];
            let (Some(api_version), Some(kind)) =
                (composite["apiVersion"].as_str(), composite["kind"].as_str())
            else {
                continue;
            };
            if names_data_kind(&composition["spec"]) {
                kinds.insert((split_api_version(api_version).0.to_owned(), kind.to_owned()));
            }
        }
        // A claim holds what its composite holds.
        for (group, of_definition) in values().filter_map(health::defined) {
            let held = |kind: &&str| kinds.contains(&(group.to_owned(), (*kind).to_owned()));
            if of_definition.iter().any(held) {
                kinds.extend(of_definition.into_iter().map(|kind| (group.to_owned(), kind.to_owned())));
            }
        }
        Composed { kinds }
    }

    /// Whether a resource of the layer holds data.
    pub(super) fn holds_data(&self, layer: &LayerContents<'_>) -> bool {
        layer.resources.iter().any(|RenderedResource { id, .. }| {
            is_data_kind(&id.group, &id.kind) || self.kinds.contains(&(id.group.clone(), id.kind.clone()))
        })
    }
}

fn is_data_kind(group: &str, kind: &str) -> bool {
    KINDS.lines().filter(|line| !line.starts_with('#')).any(|line| {
        let (known_kind, known_group) = line.split_once(' ').unwrap_or((line, ""));
        known_kind == kind && known_group == group
    })
}

fn names_data_kind(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            let named = fields
                .get("apiVersion")
                .and_then(Value::as_str)
                .zip(fields.get("kind").and_then(Value::as_str));
            named.is_some_and(|(api_version, kind)| is_data_kind(split_api_version(api_version).0, kind))
                || fields.values().any(names_data_kind)
        }
        Value::Array(items) => items.iter().any(names_data_kind),
        Value::String(text) => text_names_data_kind(text),
        _ => false,
    }
}

/// A template's text names a kind by a line `apiVersion:` and a line `kind:` beside it.
fn text_names_data_kind(text: &str) -> bool {
    let mut group = None;
    let mut kind = None;
    for line in text.lines() {
        let line = line.trim().trim_start_matches("- ");
        if let Some(api_version) = line.strip_prefix("apiVersion:") {
            group = Some(split_api_version(api_version.trim()).0.to_owned());
        } else if let Some(name) = line.strip_prefix("kind:") {
            kind = Some(name.trim().to_owned());
        } else {
            continue;
        }
        if let (Some(group), Some(kind)) = (&group, &kind)
            && is_data_kind(group, kind)
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_composition_is_searched_in_bases_and_in_templates() {
        let base = json!({"pipeline": [{"input": {"resources": [
            {"base": {"apiVersion": "rds.aws.m.upbound.io/v1beta1", "kind": "Instance"}}]}}]});
        let text = json!({"template": "{{ if x }}\napiVersion: s3.aws.m.upbound.io/v1beta1\nkind: Bucket\n{{ end }}"});
        let other = json!({"base": {"apiVersion": "ec2.aws.m.upbound.io/v1beta1", "kind": "Instance"}});
        assert!(names_data_kind(&base) && names_data_kind(&text) && !names_data_kind(&other));
    }
}
