//! The request as templates see it: the JSON form of Crossplane's protobuf message, without what is empty.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_gotemplate::{GoString, Map as GoMap, Value as GoValue};
use serde_json::{Map, Value, json};

use crate::functions::Request;
use crate::go_value::{after_round_trip, to_go_once_read};
use crate::pipeline_state::{Desired, Ready};

/// The root of a template's data. Resources are converted when the template looks at them.
pub(super) fn as_value(
    input: &Arc<Value>,
    request: &Request<'_>,
    required: &Map<String, Value>,
    desired: &Desired,
) -> GoValue {
    let mut root = vec![
        ("meta", object([("capabilities", CAPABILITIES.map(GoValue::from).to_vec().into())])),
        ("observed", observed(request)),
        ("desired", desired_state(desired)),
        ("context", fields(&desired.context)),
    ];
    let mut set = |key: &'static str, value: &Value| {
        if let Some(members) = value.as_object().filter(|members| !members.is_empty()) {
            root.push((key, fields(members)));
        }
    };
    set("credentials", &credentials(request));
    let resources = Value::Object(required_resources(request, required));
    set("requiredResources", &resources);
    set("extraResources", &resources);
    if input.as_object().is_some_and(|members| !members.is_empty()) {
        root.push(("input", to_go_once_read(input)));
    }
    object(root)
}

const CAPABILITIES: [&str; 5] = [
    "CAPABILITY_CAPABILITIES",
    "CAPABILITY_REQUIRED_RESOURCES",
    "CAPABILITY_CREDENTIALS",
    "CAPABILITY_CONDITIONS",
    "CAPABILITY_REQUIRED_SCHEMAS",
];

fn object<K: Into<GoString>>(entries: impl IntoIterator<Item = (K, GoValue)>) -> GoValue {
    entries.into_iter().map(|(key, value)| (key.into(), value)).collect::<GoMap>().into()
}

fn fields(fields: &Map<String, Value>) -> GoValue {
    object(fields.iter().map(|(key, value)| (key.as_str(), after_round_trip(value))))
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

fn observed(request: &Request<'_>) -> GoValue {
    let observed = request.observed;
    let composite = object([("resource", to_go_once_read(&observed.composite))]);
    if observed.resources.is_empty() {
        return object([("composite", composite)]);
    }
    let resources = Arc::clone(&observed.resources);
    let resources = GoMap::made_when_read(move || {
        let states = resources.iter().map(|(name, state)| {
            let mut members = vec![("resource", to_go_once_read(&state.resource))];
            if !state.connection.is_empty() {
                members.push(("connectionDetails", encoded(&state.connection)));
            }
            (name.as_str().into(), object(members))
        });
        states.collect()
    });
    object([("composite", composite), ("resources", resources.into())])
}

fn desired_state(desired: &Desired) -> GoValue {
    let mut state = Vec::new();
    if desired.composite.is_object() || desired.composite_ready != Ready::Unspecified {
        let resource = desired.composite.is_object().then(|| after_round_trip(&desired.composite));
        let mut members = with_readiness(resource, desired.composite_ready);
        if !desired.connection.is_empty() {
            members.push(("connectionDetails", encoded(&desired.connection)));
        }
        state.push(("composite", object(members)));
    }
    if !desired.resources.is_empty() {
        let resources = Arc::clone(&desired.resources);
        let resources = GoMap::made_when_read(move || {
            let states = resources.iter().map(|(name, state)| {
                let resource = state.resource.is_object().then(|| to_go_once_read(&state.resource));
                (name.as_str().into(), object(with_readiness(resource, state.ready)))
            });
            states.collect()
        });
        state.push(("resources", resources.into()));
    }
    object(state)
}

fn with_readiness(resource: Option<GoValue>, ready: Ready) -> Vec<(&'static str, GoValue)> {
    let mut members = Vec::new();
    members.extend(resource.map(|resource| ("resource", resource)));
    match ready {
        Ready::Unspecified => {}
        Ready::True => members.push(("ready", "READY_TRUE".into())),
        Ready::False => members.push(("ready", "READY_FALSE".into())),
    }
    members
}

fn credentials(request: &Request<'_>) -> Value {
    let credentials = request.credentials.iter();
    Value::Object(
        credentials.map(|(name, data)| (name.clone(), json!({"credentialData": {"data": data}}))).collect(),
    )
}

fn encoded(details: &BTreeMap<String, Vec<u8>>) -> GoValue {
    object(details.iter().map(|(key, bytes)| (key.as_str(), STANDARD.encode(bytes).into())))
}
