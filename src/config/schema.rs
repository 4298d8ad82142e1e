//! The published JSON Schemas, made from the types.

use schemars::schema_for;
use serde_json::Value;

use super::environment::Environment;

/// The names of the published schemas.
pub const NAMES: [&str; 3] = ["diff-report", "drift-report", "environment"];

/// The schema of `environment.yaml`.
#[must_use]
pub fn environment() -> Value {
    schema_for!(Environment).to_value()
}

/// A published schema by its name.
#[must_use]
pub fn by_name(name: &str) -> Option<Value> {
    match name {
        "diff-report" => Some(crate::report::diff::schema()),
        "drift-report" => Some(crate::report::drift::schema()),
        "environment" => Some(environment()),
        _ => None,
    }
}
