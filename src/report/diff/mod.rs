//! What a change does to rendered environments: the published report, and how it is printed.
//!
//! [`model`] is the wire format, `DiffReport` of `plimsoll.dev/v1alpha1`, whose JSON Schema `plimsoll schema diff-report`
//! prints. Everything else reads that model, so that no format knows more than another. No printer does IO.

pub mod github;
pub mod html;
pub mod lines;
pub mod markdown;
pub mod model;
pub mod text;

use schemars::schema_for;
use serde_json::Value;

pub use model::DiffReport;

/// The published JSON Schema of the report.
#[must_use]
pub fn schema() -> Value {
    schema_for!(DiffReport).to_value()
}
