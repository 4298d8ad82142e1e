//! What a check found: the published report, and how it is printed.
//!
//! [`model`] is the wire format, `DriftReport` of `plimsoll.dev/v1alpha1`, whose JSON Schema `plimsoll schema drift-report`
//! prints. [`assembly`] makes it of what the readers found, and is the one place that decides summary, verdict and exit
//! status. Every printer reads the model, so that no format knows more than another. No printer does IO.

pub mod assembly;
pub mod format;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod model;
pub mod remedy;
pub mod story;
pub mod text;
pub mod wording;

use schemars::schema_for;
use serde_json::Value;

pub use model::DriftReport;

/// The published JSON Schema of the report.
#[must_use]
pub fn schema() -> Value {
    schema_for!(DriftReport).to_value()
}
