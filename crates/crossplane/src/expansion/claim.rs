//! A claim of an XRD v1 into the composite resource that Crossplane makes of it.
//!
//! Follows crossplane v2.2.1 `internal/controller/apiextensions/claim/syncer_ssa.go`: labels and annotations are taken over but
//! for those of Kubernetes, the spec but for what is the claim's own. The composite's name ends in characters that are drawn.

use serde_json::{Map, Value, json};

use super::catalog::{Definition, text};

/// Fields of a claim's spec that its composite does not take over.
const OF_THE_CLAIM: [&str; 5] = [
    "compositionRevisionRef",
    "compositeDeletePolicy",
    "resourceRef",
    "writeConnectionSecretToRef",
    "publishConnectionDetailsTo",
];

/// The composite resource of a claim. `drawn` stands for the end of its name where the claim does not say which composite it has.
pub(super) fn composite_of(claim: &Value, definition: &Definition<'_>, drawn: &str) -> Value {
    let name = text(claim, "/metadata/name");
    let mut labels = without_kubernetes(claim.pointer("/metadata/labels"));
    labels.insert("crossplane.io/claim-name".to_owned(), name.into());
    labels.insert("crossplane.io/claim-namespace".to_owned(), text(claim, "/metadata/namespace").into());
    let mut metadata = json!({"labels": labels});
    let annotations = without_kubernetes(claim.pointer("/metadata/annotations"));
    if !annotations.is_empty() {
        metadata["annotations"] = annotations.into();
    }
    match text(claim, "/spec/resourceRef/name") {
        "" => {
            metadata["generateName"] = format!("{name}-").into();
            metadata["name"] = format!("{name}-{drawn}").into();
        }
        composite => metadata["name"] = composite.into(),
    }
    let mut spec = claim.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
    let is_manual = text(claim, "/spec/compositionUpdatePolicy") == "Manual";
    for field in OF_THE_CLAIM.iter().filter(|field| !(is_manual && **field == "compositionRevisionRef")) {
        spec.remove(*field);
    }
    let reference = json!({
        "apiVersion": text(claim, "/apiVersion"),
        "kind": text(claim, "/kind"),
        "namespace": text(claim, "/metadata/namespace"),
        "name": name,
    });
    spec.insert("claimRef".to_owned(), reference);
    json!({
        "apiVersion": text(claim, "/apiVersion"),
        "kind": text(definition.xrd, "/spec/names/kind"),
        "metadata": metadata,
        "spec": spec,
    })
}

/// Labels or annotations but for those whose domain is Kubernetes' own.
fn without_kubernetes(entries: Option<&Value>) -> Map<String, Value> {
    let is_kubernetes = |key: &str| {
        let domain = key.split_once('/').map_or("", |(domain, _)| domain);
        ["kubernetes.io", "k8s.io"].iter().any(|reserved| {
            domain == *reserved || domain.strip_suffix(reserved).is_some_and(|rest| rest.ends_with('.'))
        })
    };
    let entries = entries.and_then(Value::as_object).into_iter().flatten();
    entries.filter(|(key, _)| !is_kubernetes(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}
