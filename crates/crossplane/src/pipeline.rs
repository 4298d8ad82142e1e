//! Runs a Composition's pipeline on a composite resource: what it becomes, and what is said on the way.
//!
//! Follows crossplane v2.2.1 `cmd/crank/render/render.go`. Functions run in process; one that is not written here, and whose answer
//! nobody supplies, is an error that names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_gotemplate::quote::quote;
use serde_json::{Map, Value, json};

use crate::composed_metadata::set_composed_metadata;
use crate::functions::{FunctionOutcome, InstalledFunction, KnownFunction};
use crate::number::{round_trip, with_float_numbers};
use crate::pipeline_state::{
    Desired, Fatal, FunctionResult, HeldBack, Observed, ObservedResource, Ready, Severity,
};
use crate::provenance::Provenance;
use crate::required_resources::RequiredResources;
use crate::supplied_output::{PipelineStep, SuppliedOutput};

/// Everything that a pipeline is run on.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The composite resource.
    pub composite: Value,
    /// Where the machinery of the composite resource stands.
    pub machinery: Machinery,
    /// The Composition, in mode Pipeline.
    pub composition: Arc<Value>,
    /// The Functions that are installed, by their names.
    pub functions: Arc<BTreeMap<String, InstalledFunction>>,
    /// Composed resources that exist; each carries the annotation with the name of its template.
    pub observed: Vec<Value>,
    /// Resources that functions may ask for.
    pub required: RequiredResources,
    /// The resources that a Composition itself may require for its steps; `None` where they are the same.
    pub bootstrap: Option<RequiredResources>,
    /// What functions answer, which goes before running them; the first that fits counts.
    pub outputs: Arc<Vec<SuppliedOutput>>,
    /// Secrets that steps name as credentials.
    pub credentials: Vec<Value>,
    /// Context keys to begin with.
    pub context: Map<String, Value>,
}

/// Where a composite resource keeps what is Crossplane's own, such as the reference to its claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Machinery {
    /// Below `spec.crossplane`, as for XRDs v2, which have no claims.
    #[default]
    Modern,
    /// At the top of `spec`, as for XRDs v1.
    Legacy,
}

/// What came of a pipeline.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// The composite resource: identity and status.
    pub composite: Value,
    /// The composed resources, sorted by the names of their templates.
    pub composed: Vec<Value>,
    /// What functions said, each with the step that said it.
    pub results: Vec<(String, FunctionResult)>,
    /// The context at the end.
    pub context: Map<String, Value>,
    /// How the composed resources came to be, by the names of their templates.
    pub provenance: BTreeMap<String, Provenance>,
    /// Resources that a missing value holds back.
    pub held_back: Vec<HeldBack>,
}

/// Why a pipeline stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In the words of the real command, where it has any.
    pub message: String,
    /// What kind of failure it is.
    pub kind: FailureKind,
}

/// Kinds of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// A function that is not written here, in the step with this place in the pipeline.
    UnknownFunction(usize),
    /// A step fails, or what it makes cannot be used.
    Step,
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure { message, kind: FailureKind::Step }
    }
}

/// A condition that a function sets on the composite resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its type.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// A word for it.
    pub reason: String,
    /// A sentence; empty where there is none.
    pub message: String,
}

/// Time would be noise in what is rendered, and a condition must have one.
const TRANSITION_TIME: &str = "2024-01-01T00:00:00Z";

/// Types of conditions that only Crossplane itself sets.
const SYSTEM_CONDITIONS: [&str; 3] = ["Ready", "Synced", "Healthy"];

/// Runs the pipeline.
pub fn run(inputs: &Inputs) -> Result<Outputs, Failure> {
    let observed = observe(inputs);
    let mut desired = Desired { context: inputs.context.clone(), ..Desired::default() };
    cross_over(&mut desired);
    let mut outputs = Outputs::default();
    let mut conditions = Vec::new();
    let steps = inputs.composition.pointer("/spec/pipeline").and_then(Value::as_array);
    for (index, step) in steps.into_iter().flatten().enumerate() {
        desired.step = index;
        let name = text(step, "/step");
        let credentials = credentials_of(step, &inputs.credentials)?;
        let outcome = run_step(inputs, step, index, &credentials, &observed, &mut desired)?;
        cross_over(&mut desired);
        let FunctionOutcome { results, conditions: set } = outcome;
        outputs.results.extend(results.into_iter().map(|result| (name.to_owned(), result)));
        conditions.extend(set);
    }
    outputs.composed = composed(inputs, &observed, &desired)?;
    outputs.composite = composite(inputs, &desired, conditions);
    outputs.provenance = desired.provenance;
    outputs.held_back = desired.held_back;
    outputs.context = desired.context.into_iter().map(|(key, value)| (key, round_trip(value))).collect();
    Ok(outputs)
}

/// Runs the function of a step, or does what was supplied as its answer.
fn run_step(
    inputs: &Inputs,
    step: &Value,
    index: usize,
    credentials: &BTreeMap<String, Value>,
    observed: &Observed,
    desired: &mut Desired,
) -> Result<FunctionOutcome, Failure> {
    let (name, function) = (text(step, "/step"), text(step, "/functionRef/name"));
    let quoted_name = || quote(name.as_bytes());
    let is_fatal =
        |Fatal(message)| format!("pipeline step {} returned a fatal result: {message}", quoted_name()).into();
    let here = PipelineStep {
        function,
        step: name,
        composition: text(&inputs.composition, "/metadata/name"),
        composite: &inputs.composite,
    };
    if let Some(output) = inputs.outputs.iter().find(|output| output.is_for(&here)) {
        return output.apply(desired).map_err(is_fatal);
    }
    let Some(installed) = inputs.functions.get(function) else {
        let (step, function) = (quoted_name(), quote(function.as_bytes()));
        let message = format!(
            "cannot run pipeline step {step}: unknown Function {function} - does it exist in your Functions file?"
        );
        return Err(message.into());
    };
    let known = KnownFunction::of(installed).ok_or_else(|| {
        let (step, function, package) =
            (quoted_name(), quote(function.as_bytes()), quote(installed.package.as_bytes()));
        let message = format!(
            "cannot run pipeline step {step}: Function {function} ({package}) is none of those that run in process"
        );
        Failure { message, kind: FailureKind::UnknownFunction(index) }
    })?;
    let input = round_trip(with_float_numbers(step.get("input").cloned().unwrap_or_default()));
    let bootstrap = bootstrap_resources(step, inputs.bootstrap.as_ref().unwrap_or(&inputs.required));
    let request = crate::functions::Request {
        input: &input,
        observed,
        required: &inputs.required,
        bootstrap: &bootstrap,
        credentials,
    };
    known.run(&request, desired).map_err(is_fatal)
}

/// What functions desire crosses back to Crossplane and on to the next function.
fn cross_over(desired: &mut Desired) {
    desired.composite = with_float_numbers(std::mem::take(&mut desired.composite));
    for state in desired.resources.values_mut() {
        state.resource = with_float_numbers(std::mem::take(&mut state.resource));
    }
    for value in desired.context.values_mut() {
        *value = with_float_numbers(value.take());
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

const TEMPLATE_NAME: &str = "/metadata/annotations/crossplane.io~1composition-resource-name";

fn observe(inputs: &Inputs) -> Observed {
    let resources = inputs.observed.iter().map(|resource| {
        let state =
            ObservedResource { resource: with_float_numbers(resource.clone()), connection: BTreeMap::new() };
        (text(resource, TEMPLATE_NAME).to_owned(), state)
    });
    Observed {
        composite: with_float_numbers(inputs.composite.clone()),
        composite_connection: BTreeMap::new(),
        resources: resources.collect(),
    }
}

/// The data of the Secrets that a step names, by the names that it gives them.
fn credentials_of(step: &Value, secrets: &[Value]) -> Result<BTreeMap<String, Value>, String> {
    let mut credentials = BTreeMap::new();
    for credential in step.get("credentials").and_then(Value::as_array).into_iter().flatten() {
        if text(credential, "/source") != "Secret" || credential.get("secretRef").is_none_or(Value::is_null) {
            continue;
        }
        let (name, namespace) =
            (text(credential, "/secretRef/name"), text(credential, "/secretRef/namespace"));
        let secret = secrets.iter().find(|secret| {
            text(secret, "/metadata/name") == name && text(secret, "/metadata/namespace") == namespace
        });
        let Some(secret) = secret else {
            let name = quote(name.as_bytes());
            return Err(format!("cannot get credentials from secret {name}: secret {name} not found"));
        };
        credentials
            .insert(text(credential, "/name").to_owned(), secret.get("data").cloned().unwrap_or_default());
    }
    Ok(credentials)
}

/// The resources that the Composition itself requires for a step.
fn bootstrap_resources(step: &Value, required: &RequiredResources) -> BTreeMap<String, Vec<Value>> {
    let selectors = step.pointer("/requirements/requiredResources").and_then(Value::as_array);
    selectors
        .into_iter()
        .flatten()
        .map(|selector| {
            let found =
                required.select(&crate::functions::selector_of(selector)).into_iter().cloned().collect();
            (text(selector, "/requirementName").to_owned(), found)
        })
        .collect()
}

fn composed(inputs: &Inputs, observed: &Observed, desired: &Desired) -> Result<Vec<Value>, String> {
    desired
        .resources
        .iter()
        .map(|(name, state)| {
            let mut resource = round_trip(state.resource.clone());
            if let Some(existing) = observed.resources.get(name) {
                keep_identity(&mut resource, &existing.resource);
            }
            set_composed_metadata(&mut resource, &inputs.composite, inputs.machinery, name).map_err(
                |error| {
                    format!("cannot render composed resource {} metadata: {error}", quote(name.as_bytes()))
                },
            )?;
            Ok(resource)
        })
        .collect()
}

/// A resource that exists keeps its name and namespace.
fn keep_identity(resource: &mut Value, existing: &Value) {
    if !resource["metadata"].is_object() {
        resource["metadata"] = json!({});
    }
    for key in ["namespace", "name", "generateName"] {
        let value = existing.pointer(&format!("/metadata/{key}")).and_then(Value::as_str).unwrap_or_default();
        if let Some(metadata) = resource["metadata"].as_object_mut() {
            if value.is_empty() {
                metadata.remove(key);
            } else {
                metadata.insert(key.to_owned(), value.into());
            }
        }
    }
}

fn composite(inputs: &Inputs, desired: &Desired, conditions: Vec<Condition>) -> Value {
    let mut composite = round_trip(desired.composite.clone());
    if !composite.is_object() {
        composite = json!({});
    }
    for key in ["apiVersion", "kind"] {
        composite[key] = text(&inputs.composite, &format!("/{key}")).into();
    }
    if !composite["metadata"].is_object() {
        composite["metadata"] = json!({});
    }
    for key in ["name", "namespace"] {
        let value = text(&inputs.composite, &format!("/metadata/{key}"));
        if let Some(metadata) = composite["metadata"].as_object_mut() {
            if value.is_empty() {
                metadata.remove(key);
            } else {
                metadata.insert(key.to_owned(), value.into());
            }
        }
    }
    if composite["metadata"].as_object().is_some_and(Map::is_empty)
        && let Some(fields) = composite.as_object_mut()
    {
        fields.remove("metadata");
    }
    set_condition(&mut composite, ready_condition(desired));
    for condition in
        conditions.into_iter().filter(|condition| !SYSTEM_CONDITIONS.contains(&condition.kind.as_str()))
    {
        set_condition(&mut composite, condition);
    }
    composite
}

fn ready_condition(desired: &Desired) -> Condition {
    let condition = |status: &str, reason: &str, message: String| Condition {
        kind: "Ready".to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message,
    };
    let unready: Vec<&str> = desired
        .resources
        .iter()
        .filter(|(_, state)| state.ready != Ready::True)
        .map(|(name, _)| name.as_str())
        .collect();
    match desired.composite_ready {
        Ready::False => condition("False", "Creating", String::new()),
        Ready::Unspecified if !unready.is_empty() => {
            condition("False", "Creating", format!("Unready resources: {}", first_and_more(&unready)))
        }
        _ => condition("True", "Available", String::new()),
    }
}

/// The first three names, and how many more there are.
fn first_and_more(names: &[&str]) -> String {
    match names {
        [one, two, three] => format!("{one}, {two}, and {three}"),
        [one, two, three, more @ ..] => format!("{one}, {two}, {three}, and {} more", more.len()),
        names => names.join(", "),
    }
}

/// Sets a condition of the status: in the place of the one of its type, else last.
fn set_condition(composite: &mut Value, condition: Condition) {
    let mut value = json!({
        "type": condition.kind,
        "status": condition.status,
        "reason": condition.reason,
        "lastTransitionTime": TRANSITION_TIME,
    });
    if !condition.message.is_empty() {
        value["message"] = condition.message.into();
    }
    if !composite["status"].is_object() {
        composite["status"] = json!({});
    }
    if !composite["status"]["conditions"].is_array() {
        composite["status"]["conditions"] = json!([]);
    }
    let Some(conditions) = composite["status"]["conditions"].as_array_mut() else { return };
    match conditions.iter_mut().find(|present| present.get("type") == value.get("type")) {
        Some(present) => *present = value,
        None => conditions.push(value),
    }
}

/// The results as the resources that `crossplane render` prints.
#[must_use]
pub fn result_resources(results: &[(String, FunctionResult)]) -> Vec<Value> {
    results
        .iter()
        .map(|(step, result)| {
            let severity = match result.severity {
                Severity::Warning => "SEVERITY_WARNING",
                Severity::Normal => "SEVERITY_NORMAL",
            };
            json!({
                "apiVersion": "render.crossplane.io/v1beta1",
                "kind": "Result",
                "step": step,
                "severity": severity,
                "message": result.message,
            })
        })
        .collect()
}
