//! function-auto-ready 0.7.0, in process: a composed resource that exists, and of whose readiness nobody spoke, is ready when
//! its kind's own check or its condition Ready says so.

mod custom_checks;
pub(crate) mod health;

use std::sync::Arc;

use plimsoll_gotemplate::date::parse_duration;
use serde_json::Value;

use crate::condition::condition_status;
use crate::pipeline_state::{Desired, Fatal, FunctionResult, Observed, Ready};
use custom_checks::Checks;
pub use custom_checks::CustomChecks;

/// Runs the function with its input, if it has one.
pub(crate) fn run(
    input: &Value,
    observed: &Observed,
    desired: &mut Desired,
    custom: CustomChecks,
) -> Result<Vec<FunctionResult>, Fatal> {
    let time_to_live = input.get("ttl").and_then(Value::as_str).unwrap_or_default();
    if !time_to_live.is_empty() {
        parse_duration(time_to_live.as_bytes()).map_err(|error| Fatal(format!("cannot set ttl: {error}")))?;
    }
    let checks = Checks::of(input, &desired.context, custom);
    let mut results = Vec::new();
    for (name, resource) in Arc::make_mut(&mut desired.resources) {
        let Some(observed) = observed.resources.get(name) else { continue };
        if resource.ready != Ready::Unspecified {
            continue;
        }
        match checks.readiness(&observed.resource) {
            Some(Ok(ready)) => {
                resource.ready = ready;
                continue;
            }
            Some(Err(warning)) => results.push(warning),
            None => {}
        }
        let is_ready =
            health::is_healthy(&observed.resource) || condition_status(&observed.resource, "Ready") == "True";
        if is_ready {
            resource.ready = Ready::True;
        }
    }
    Ok(results)
}
