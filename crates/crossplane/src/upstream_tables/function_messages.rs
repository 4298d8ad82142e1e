//! Requests to functions and their responses, in protobuf's JSON, as the state of a pipeline.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Verdict, compare, text_of};
use crate::number::with_float_numbers;
use crate::pipeline::crossing;
use crate::pipeline_state::{
    Desired, DesiredResource, FunctionResult, Observed, ObservedResource, Ready, Severity,
};

/// What a request says exists, and what is desired so far.
pub(crate) fn read_request(request: &Value) -> (Observed, Desired) {
    let observed = &request["observed"];
    let observed = Observed {
        composite: crossing(observed["composite"]["resource"].clone()),
        composite_connection: details(&observed["composite"]),
        resources: Arc::new(
            entries(&observed["resources"])
                .map(|(name, value)| {
                    let resource = crossing(value["resource"].clone());
                    (name.clone(), ObservedResource { resource, connection: details(value) })
                })
                .collect(),
        ),
    };
    let before = &request["desired"];
    let desired = Desired {
        composite: with_float_numbers(before["composite"]["resource"].clone()),
        composite_ready: readiness(&before["composite"]),
        connection: details(&before["composite"]),
        resources: Arc::new(
            entries(&before["resources"])
                .map(|(name, value)| {
                    (name.clone(), DesiredResource::new(value["resource"].clone(), readiness(value)))
                })
                .collect(),
        ),
        context: entries(&request["context"])
            .map(|(key, value)| (key.clone(), with_float_numbers(value.clone())))
            .collect(),
        ..Desired::default()
    };
    (observed, desired)
}

/// Whether what a function did is the wanted response, but for what only concerns caches and claims.
pub(crate) fn compare_response(
    desired: &Desired,
    outcome: Result<Vec<FunctionResult>, String>,
    wanted: &Value,
) -> Verdict {
    let results: Vec<Value> = match outcome {
        Ok(results) => results.iter().map(result).collect(),
        Err(fatal) => {
            // A response with a fatal result is what it was before the function ran.
            let result = wanted["results"].as_array().and_then(|results| results.last());
            let result = result.filter(|result| text_of(result, "severity") == "SEVERITY_FATAL");
            let result = result.ok_or_else(|| format!("a fatal result that is not wanted: {fatal}"))?;
            // Tests that only want some fatal result leave its message out.
            let message = text_of(result, "message");
            let is_any = message.is_empty();
            return compare(
                Ok(fatal.clone().into()),
                &Value::Null,
                &if is_any { fatal } else { message.to_owned() }.into(),
            );
        }
    };
    let found = json!({
        "composite": state(&desired.composite, &desired.connection, desired.composite_ready),
        "resources": desired.resources.iter().map(|(name, resource)| {
            (name.clone(), state(&resource.resource, &BTreeMap::new(), resource.ready))
        }).collect::<Map<_, _>>(),
    });
    let mut expected = wanted["desired"].clone();
    for key in ["composite", "resources"] {
        if expected[key].is_null() {
            expected[key] = json!({});
        }
    }
    if expected["composite"]["resource"].is_null() {
        // The functions say again of which kind the composite is.
        expected["composite"]["resource"] = found["composite"]["resource"].clone();
    }
    compare(Ok(found), &Value::Null, &expected)?;
    let wanted_results: Vec<Value> = wanted["results"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|result| json!({"severity": result["severity"], "message": result["message"]}))
        .collect();
    compare(Ok(results.into()), &Value::Null, &wanted_results.into())?;
    let context = if wanted["context"].is_null() { json!({}) } else { wanted["context"].clone() };
    let found: Map<String, Value> = desired.context.clone();
    compare(Ok(found.into()), &Value::Null, &context)
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn details(value: &Value) -> BTreeMap<String, Vec<u8>> {
    entries(&value["connectionDetails"])
        .map(|(key, value)| {
            (key.clone(), STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default())
        })
        .collect()
}

fn readiness(value: &Value) -> Ready {
    match value["ready"].as_str() {
        Some("READY_TRUE") => Ready::True,
        Some("READY_FALSE") => Ready::False,
        _ => Ready::Unspecified,
    }
}

fn state(resource: &Value, connection: &BTreeMap<String, Vec<u8>>, ready: Ready) -> Value {
    let mut state = json!({"resource": resource});
    if !connection.is_empty() {
        state["connectionDetails"] = connection
            .iter()
            .map(|(key, value)| (key.clone(), STANDARD.encode(value).into()))
            .collect::<Map<_, _>>()
            .into();
    }
    match ready {
        Ready::Unspecified => {}
        Ready::True => state["ready"] = "READY_TRUE".into(),
        Ready::False => state["ready"] = "READY_FALSE".into(),
    }
    state
}

fn result(result: &FunctionResult) -> Value {
    let severity = match result.severity {
        Severity::Warning => "SEVERITY_WARNING",
        Severity::Normal => "SEVERITY_NORMAL",
    };
    json!({"severity": severity, "message": result.message})
}
