//! A Composition's pipeline as it runs: functions found and inputs read once, for all composite resources that it composes.
//!
//! What is wrong with a step is kept and told when the step runs, since an earlier step may fail before.

use std::collections::BTreeMap;

use plimsoll_gotemplate::quote::quote;
use serde_json::Value;

use crate::functions::{FunctionProgram, InstalledFunction, KnownFunction, selector_of};
use crate::number::{round_trip, with_float_numbers};
use crate::pipeline::{Failure, FailureKind};
use crate::required_resources::ResourceSelector;

/// The pipeline of a Composition in mode Pipeline.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// The name of the Composition.
    pub(crate) composition: String,
    pub(crate) steps: Vec<Step>,
}

/// A step of a pipeline.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    /// The name of the Function that it refers to.
    pub(crate) function: String,
    pub(crate) credentials: Vec<Credential>,
    /// What the Composition itself requires for the step, by the names of the requirements.
    pub(crate) requirements: Vec<(String, ResourceSelector)>,
    pub(crate) program: Result<FunctionProgram, Failure>,
}

/// A Secret that a step is given.
#[derive(Debug)]
pub(crate) struct Credential {
    /// The name that the step gives it.
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) namespace: String,
}

impl Pipeline {
    /// Reads the pipeline of a Composition, given the Functions that are installed by their names.
    #[must_use]
    pub fn new(composition: &Value, functions: &BTreeMap<String, InstalledFunction>) -> Pipeline {
        let steps = composition.pointer("/spec/pipeline").and_then(Value::as_array).into_iter().flatten();
        Pipeline {
            composition: text(composition, "/metadata/name"),
            steps: steps.enumerate().map(|(index, step)| Step::new(step, index, functions)).collect(),
        }
    }
}

impl Step {
    fn new(step: &Value, index: usize, functions: &BTreeMap<String, InstalledFunction>) -> Step {
        let (name, function) = (text(step, "/step"), text(step, "/functionRef/name"));
        let program = known_function(&name, &function, index, functions).map(|known| {
            let input = step.get("input").cloned().unwrap_or_default();
            FunctionProgram::new(known, round_trip(with_float_numbers(input)), index)
        });
        let listed = |pointer: &str| step.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        let credentials = listed("/credentials")
            .filter(|credential| {
                text(credential, "/source") == "Secret"
                    && credential.get("secretRef").is_some_and(|reference| !reference.is_null())
            })
            .map(|credential| Credential {
                name: text(credential, "/name"),
                secret: text(credential, "/secretRef/name"),
                namespace: text(credential, "/secretRef/namespace"),
            })
            .collect();
        let requirements = listed("/requirements/requiredResources")
            .map(|selector| (text(selector, "/requirementName"), selector_of(selector)))
            .collect();
        Step { name, function, credentials, requirements, program }
    }
}

fn known_function(
    step: &str,
    function: &str,
    index: usize,
    functions: &BTreeMap<String, InstalledFunction>,
) -> Result<KnownFunction, Failure> {
    let (step, quoted) = (quote(step.as_bytes()), quote(function.as_bytes()));
    let Some(installed) = functions.get(function) else {
        let message = format!(
            "cannot run pipeline step {step}: unknown Function {quoted} - does it exist in your Functions file?"
        );
        return Err(message.into());
    };
    KnownFunction::of(installed).ok_or_else(|| {
        let package = quote(installed.package.as_bytes());
        let message = format!(
            "cannot run pipeline step {step}: Function {quoted} ({package}) is none of those that run in process"
        );
        Failure { message, kind: FailureKind::UnknownFunction(index) }
    })
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
