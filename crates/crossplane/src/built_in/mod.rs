//! Kubernetes' own kinds, read as strictly as its API server reads them: which fields are unknown, which values do not fit.
//!
//! Does no more than decoding: no defaults, no rules of a kind, no admission. Follows Crossplane's cli v2.5.0
//! `pkg/validate/validate.go` (`kubernetesResourceValidator`) and sigs.k8s.io/json v0.0.0-20250730 in the order and the words of
//! errors: a value that does not fit is the only error, the first of its kind; else all unknown fields are told.

mod custom;
mod decoder;
mod types;

use serde_json::Value;

pub use decoder::{DecodingError, Problem};

use decoder::Extent;

/// The errors of a resource as Kubernetes tells them: the first value that does not fit, or else all unknown fields; `None`
/// where its kind is none of Kubernetes' own.
#[must_use]
pub fn decode_strictly(resource: &Value) -> Option<Vec<DecodingError>> {
    decode(resource, Extent::FirstFault)
}

/// All errors of a resource; `None` where its kind is none of Kubernetes' own.
#[must_use]
pub fn find_all_errors(resource: &Value) -> Option<Vec<DecodingError>> {
    decode(resource, Extent::AllFaults)
}

/// Whether Kubernetes has the kind itself.
#[must_use]
pub fn is_known(api_version: &str, kind: &str) -> bool {
    types::of_kind(api_version, kind).is_some()
}

fn decode(resource: &Value, extent: Extent) -> Option<Vec<DecodingError>> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
    let go_type = types::of_kind(text("apiVersion"), text("kind"))?;
    Some(decoder::decode(resource, go_type, extent))
}
