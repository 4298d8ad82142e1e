//! The request as templates see it: the JSON form of Crossplane's protobuf message, without what is empty.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::functions::Request;
use crate::number::round_trip;
use crate::pipeline_state::{Desired, Ready};

/// The root of a template's data.
pub(super) fn as_value(request: &Request<'_>, required: &Map<String, Value>, desired: &Desired) -> Value {
    let mut root = json!({
        "meta": {"capabilities": [
            "CAPABILITY_CAPABILITIES",
            "CAPABILITY_REQUIRED_RESOURCES",
            "CAPABILITY_CREDENTIALS",
            "CAPABILITY_CONDITIONS",
            "CAPABILITY_REQUIRED_SCHEMAS",
        ]},
        "observed": observed(request),
        "desired": desired_state(desired),
        "context": desired.context,
    });
    let mut set = |key: &str, value: Value| {
        if value.as_object().is_some_and(|fields| !fields.is_empty()) {
            root[key] = value;
        }
    };
    set("input", request.input.clone());
    set("credentials", credentials(request));
    let resources = Value::Object(required_resources(request, required));
    set("requiredResources", resources.clone());
    set("extraResources", resources);
    round_trip(root)
}

/// The resources that the function has asked for, and those that the Composition asks for on its behalf.
pub(super) fn required_resources(request: &Request<'_>, required: &Map<String, Value>) -> Map<String, Value> {
    let mut resources: Map<String, Value> = request
        .bootstrap
        .iter()
        .map(|(name, found)| {
            let items: Vec<Value> = found.iter().map(|resource| json!({"resource": resource})).collect();
            (name.clone(), if items.is_empty() { json!({}) } else { json!({"items": items}) })
        })
        .collect();
    resources.extend(required.clone());
    resources
}

fn observed(request: &Request<'_>) -> Value {
    let mut state = json!({"composite": {"resource": request.observed.composite}});
    if !request.observed.resources.is_empty() {
        let resources: Map<String, Value> = request
            .observed
            .resources
            .iter()
            .map(|(name, state)| {
                let mut resource = json!({"resource": state.resource});
                if !state.connection.is_empty() {
                    resource["connectionDetails"] = encoded(&state.connection);
                }
                (name.clone(), resource)
            })
            .collect();
        state["resources"] = Value::Object(resources);
    }
    state
}

fn desired_state(desired: &Desired) -> Value {
    let mut state = json!({});
    if desired.composite.is_object() || desired.composite_ready != Ready::Unspecified {
        state["composite"] = with_readiness(&desired.composite, desired.composite_ready);
        if !desired.connection.is_empty() {
            state["composite"]["connectionDetails"] = encoded(&desired.connection);
        }
    }
    if !desired.resources.is_empty() {
        let resources: Map<String, Value> = desired
            .resources
            .iter()
            .map(|(name, state)| (name.clone(), with_readiness(&state.resource, state.ready)))
            .collect();
        state["resources"] = Value::Object(resources);
    }
    state
}

fn with_readiness(resource: &Value, ready: Ready) -> Value {
    let mut state = json!({});
    if resource.is_object() {
        state["resource"] = resource.clone();
    }
    match ready {
        Ready::Unspecified => {}
        Ready::True => state["ready"] = "READY_TRUE".into(),
        Ready::False => state["ready"] = "READY_FALSE".into(),
    }
    state
}

fn credentials(request: &Request<'_>) -> Value {
    let credentials = request.credentials.iter();
    Value::Object(
        credentials.map(|(name, data)| (name.clone(), json!({"credentialData": {"data": data}}))).collect(),
    )
}

fn encoded(details: &std::collections::BTreeMap<String, Vec<u8>>) -> Value {
    Value::Object(details.iter().map(|(key, bytes)| (key.clone(), STANDARD.encode(bytes).into())).collect())
}
