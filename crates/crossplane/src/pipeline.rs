//! Runs a Composition's pipeline on a composite resource: what it becomes, and what is said on the way.
//!
//! Follows crossplane v2.2.1 `cmd/crank/render/render.go`. Functions run in process; one that is not written here, and whose answer
//! nobody supplies, is an error that names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_gotemplate::quote::quote;
use serde_json::{Map, Value, json};

pub use crate::composed_metadata::Owner;
use crate::composed_metadata::set_composed_metadata;
use crate::functions::{FunctionOutcome, Request};
use crate::json_pointer::text;
use crate::number::{round_trip, with_float_numbers};
use crate::pipeline_memory::PipelineMemory;
use crate::pipeline_state::{
    Desired, Fatal, FunctionResult, HeldBack, Observed, ObservedResource, Ready, Severity,
};
use crate::prepared_pipeline::{Pipeline, Step};
use crate::provenance::Provenance;
use crate::required_resources::RequiredResources;
use crate::supplied_output::{PipelineStep, SuppliedOutput};

/// Everything that a pipeline is run on.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The composite resource, as it [crosses](crossing) to functions.
    pub composite: Arc<Value>,
    /// Where the machinery of the composite resource stands.
    pub machinery: Machinery,
    /// Whether composed resources say that the composite resource owns them.
    pub owner: Owner,
    /// The pipeline of its Composition.
    pub pipeline: Arc<Pipeline>,
    /// Composed resources that exist, as they cross to functions; each carries the annotation with the name of its template.
    pub observed: Vec<Arc<Value>>,
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
    /// The composed resources, by the names of their templates.
    pub composed: BTreeMap<String, Arc<Value>>,
    /// What functions said, each with the step that said it.
    pub results: Vec<(String, FunctionResult)>,
    /// The context at the end.
    pub context: Map<String, Value>,
    /// How the composed resources came to be, by the names of their templates.
    pub provenance: BTreeMap<String, Arc<Provenance>>,
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

/// A value that crosses from Crossplane to a function.
#[must_use]
pub fn crossing(value: Value) -> Arc<Value> {
    Arc::new(with_float_numbers(value))
}

/// Runs the pipeline.
pub fn run(inputs: &Inputs) -> Result<Outputs, Failure> {
    run_again(inputs, &mut PipelineMemory::default())
}

/// Runs the pipeline on a composite resource that it may have run on before. What a function said of what it does not do
/// again is missing from the results.
pub fn run_again(inputs: &Inputs, memory: &mut PipelineMemory) -> Result<Outputs, Failure> {
    memory.begin(&inputs.composite, inputs.owner);
    let observed = observe(inputs);
    let mut desired = Desired { context: inputs.context.clone(), ..Desired::default() };
    cross_over(&mut desired);
    let mut outputs = Outputs::default();
    let mut conditions = Vec::new();
    for (index, step) in inputs.pipeline.steps.iter().enumerate() {
        desired.step = index;
        let credentials = credentials_of(step, &inputs.credentials)?;
        let outcome = run_step(inputs, step, &credentials, &observed, &mut desired, memory)?;
        cross_over(&mut desired);
        let FunctionOutcome { results, conditions: set } = outcome;
        outputs.results.extend(results.into_iter().map(|result| (step.name.clone(), result)));
        conditions.extend(set);
    }
    outputs.composed = composed(inputs, &observed, &desired, memory)?;
    outputs.composite = composite(inputs, &mut desired, conditions);
    outputs.provenance = Arc::unwrap_or_clone(desired.provenance);
    outputs.held_back = desired.held_back;
    outputs.context = desired.context.into_iter().map(|(key, value)| (key, round_trip(value))).collect();
    Ok(outputs)
}

/// Runs the function of a step, or does what was supplied as its answer.
fn run_step(
    inputs: &Inputs,
    step: &Step,
    credentials: &BTreeMap<String, Value>,
    observed: &Observed,
    desired: &mut Desired,
    memory: &mut PipelineMemory,
) -> Result<FunctionOutcome, Failure> {
    let is_fatal = |Fatal(message)| {
        let step = quote(step.name.as_bytes());
        Failure::from(format!("pipeline step {step} returned a fatal result: {message}"))
    };
    let here = PipelineStep {
        function: &step.function,
        step: &step.name,
        composition: &inputs.pipeline.composition,
        composite: &inputs.composite,
    };
    if let Some(output) = inputs.outputs.iter().find(|output| output.is_for(&here)) {
        return output.apply(desired).map_err(is_fatal);
    }
    let program = step.program.as_ref().map_err(Clone::clone)?;
    let bootstrap = bootstrap_resources(step, inputs.bootstrap.as_ref().unwrap_or(&inputs.required));
    let request = Request { observed, required: &inputs.required, bootstrap: &bootstrap, credentials };
    program.run(&request, desired, memory).map_err(is_fatal)
}

/// What functions desire crosses back to Crossplane and on to the next function. Resources crossed when they were made.
fn cross_over(desired: &mut Desired) {
    desired.composite = with_float_numbers(std::mem::take(&mut desired.composite));
    for value in desired.context.values_mut() {
        *value = with_float_numbers(value.take());
    }
}

const TEMPLATE_NAME: &str = "/metadata/annotations/crossplane.io~1composition-resource-name";

fn observe(inputs: &Inputs) -> Observed {
    let resources = inputs.observed.iter().map(|resource| {
        let state = ObservedResource { resource: Arc::clone(resource), connection: BTreeMap::new() };
        (text(resource, TEMPLATE_NAME).to_owned(), state)
    });
    Observed {
        composite: Arc::clone(&inputs.composite),
        composite_connection: BTreeMap::new(),
        resources: Arc::new(resources.collect()),
    }
}

/// The data of the Secrets that a step names, by the names that it gives them.
fn credentials_of(step: &Step, secrets: &[Value]) -> Result<BTreeMap<String, Value>, String> {
    let mut credentials = BTreeMap::new();
    for credential in &step.credentials {
        let secret = secrets.iter().find(|secret| {
            text(secret, "/metadata/name") == credential.secret
                && text(secret, "/metadata/namespace") == credential.namespace
        });
        let Some(secret) = secret else {
            let name = quote(credential.secret.as_bytes());
            return Err(format!("cannot get credentials from secret {name}: secret {name} not found"));
        };
        credentials.insert(credential.name.clone(), secret.get("data").cloned().unwrap_or_default());
    }
    Ok(credentials)
}

/// The resources that the Composition itself requires for a step.
fn bootstrap_resources(step: &Step, required: &RequiredResources) -> BTreeMap<String, Vec<Value>> {
    let select = |selector| required.select(selector).into_iter().cloned().collect();
    step.requirements.iter().map(|(name, selector)| (name.clone(), select(selector))).collect()
}

fn composed(
    inputs: &Inputs,
    observed: &Observed,
    desired: &Desired,
    memory: &mut PipelineMemory,
) -> Result<BTreeMap<String, Arc<Value>>, String> {
    let mut composed = BTreeMap::new();
    for (name, state) in desired.resources.iter() {
        let existing = observed.resources.get(name).map(|existing| &existing.resource);
        let resource = match memory.composed(name, &state.resource, existing) {
            Some(before) => Arc::clone(before),
            None => {
                let resource = Arc::new(composed_resource(inputs, name, &state.resource, existing)?);
                memory.remember_composed(name, &state.resource, existing, &resource);
                resource
            }
        };
        composed.insert(name.clone(), resource);
    }
    Ok(composed)
}

fn composed_resource(
    inputs: &Inputs,
    name: &str,
    desired: &Value,
    existing: Option<&Arc<Value>>,
) -> Result<Value, String> {
    let mut resource = round_trip(desired.clone());
    if let Some(existing) = existing {
        keep_identity(&mut resource, existing);
    }
    set_composed_metadata(&mut resource, &inputs.composite, inputs.machinery, inputs.owner, name).map_err(
        |error| format!("cannot render composed resource {} metadata: {error}", quote(name.as_bytes())),
    )?;
    Ok(resource)
}

/// A resource that exists keeps its name and namespace.
fn keep_identity(resource: &mut Value, existing: &Value) {
    if !resource["metadata"].is_object() {
        resource["metadata"] = json!({});
    }
    for key in ["namespace", "name", "generateName"] {
        let value =
            existing.get("metadata").and_then(|metadata| metadata.get(key)?.as_str()).unwrap_or_default();
        if let Some(metadata) = resource["metadata"].as_object_mut() {
            if value.is_empty() {
                metadata.remove(key);
            } else {
                metadata.insert(key.to_owned(), value.into());
            }
        }
    }
}

fn composite(inputs: &Inputs, desired: &mut Desired, conditions: Vec<Condition>) -> Value {
    let mut composite = round_trip(std::mem::take(&mut desired.composite));
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
