//! Whether a composed resource is ready, by the checks of its template.
//!
//! Follows function-patch-and-transform 0.10.8 `ready.go`.

use serde_json::Value;

use super::input::ReadinessCheck;
use super::validate::validate_readiness_check;
use crate::condition::condition_status;
use crate::field_path::{PathError, bool_at, integer_at, string_at, value_at};

/// All checks must pass; without any the condition Ready must be True.
pub(super) fn is_ready(observed: &Value, checks: &[ReadinessCheck]) -> Result<bool, String> {
    if checks.is_empty() {
        return Ok(condition_status(observed, "Ready") == "True");
    }
    for (index, check) in checks.iter().enumerate() {
        let passes = passes(check, observed)
            .map_err(|error| format!("cannot run readiness check at index {index}: {error}"))?;
        if !passes {
            return Ok(false);
        }
    }
    Ok(true)
}

fn passes(check: &ReadinessCheck, observed: &Value) -> Result<bool, String> {
    validate_readiness_check(check).map_err(|error| format!("invalid: {error}"))?;
    let path = check.field_path.as_deref().unwrap_or_default();
    match check.kind.as_str() {
        "NonEmpty" => found(value_at(observed, path).map(|_| true)),
        "MatchString" => {
            found(string_at(observed, path).map(|text| Some(text) == check.match_string.as_deref()))
        }
        "MatchInteger" => found(integer_at(observed, path).map(|number| Some(number) == check.match_integer)),
        "MatchTrue" => found(bool_at(observed, path)),
        "MatchFalse" => found(bool_at(observed, path).map(|value| !value)),
        "MatchCondition" => Ok(check
            .match_condition
            .as_ref()
            .is_some_and(|condition| condition_status(observed, &condition.kind) == condition.status)),
        _ => Ok(true),
    }
}

/// What is absent does not pass, and is no error.
fn found(result: Result<bool, PathError>) -> Result<bool, String> {
    match result {
        Err(error) if error.is_not_found() => Ok(false),
        result => result.map_err(|error| error.to_string()),
    }
}
