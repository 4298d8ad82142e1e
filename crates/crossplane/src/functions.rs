//! The composition functions that run in process, and what each is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::auto_ready::CustomChecks;
use crate::pipeline::Condition;
use crate::pipeline_memory::PipelineMemory;
use crate::pipeline_state::{Desired, Fatal, FunctionResult, Observed};
use crate::required_resources::{Matching, RequiredResources, ResourceSelector};
use crate::{auto_ready, environment_configs, go_templating, patch_and_transform};

/// A function that is written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownFunction {
    /// function-patch-and-transform 0.10.8
    PatchAndTransform,
    /// function-auto-ready 0.7.0
    AutoReady(CustomChecks),
    /// function-environment-configs 0.7.1
    EnvironmentConfigs,
    /// function-go-templating 0.12.2
    GoTemplating,
}

/// A function as it is installed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstalledFunction {
    /// The package that it comes from.
    pub package: String,
    /// What its program is started with.
    pub arguments: Vec<String>,
}

impl From<String> for InstalledFunction {
    /// A function that is started as its package has it.
    fn from(package: String) -> InstalledFunction {
        InstalledFunction { package, arguments: Vec::new() }
    }
}

impl InstalledFunction {
    /// Whether a feature is switched on by `--feature-gates`.
    fn has_feature(&self, feature: &str) -> bool {
        let mut is_value = false;
        self.arguments.iter().any(|argument| {
            let gates = match argument.strip_prefix("--feature-gates") {
                Some("") => {
                    is_value = true;
                    return false;
                }
                Some(rest) => rest.strip_prefix('=').unwrap_or_default(),
                None if std::mem::take(&mut is_value) => argument,
                None => return false,
            };
            gates.split(',').any(|gate| gate.split_once('=') == Some((feature, "true")))
        })
    }
}

/// What a function is given besides what is desired so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// What exists.
    pub(crate) observed: &'a Observed,
    /// What the function may ask for.
    pub(crate) required: &'a RequiredResources,
    /// What the Composition asks for on its behalf, by the names of the requirements.
    pub(crate) bootstrap: &'a BTreeMap<String, Vec<Value>>,
    /// Data of Secrets, by the names that the step gives them.
    pub(crate) credentials: &'a BTreeMap<String, Value>,
}

/// What a function says besides what it desires.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionOutcome {
    /// Warnings and information.
    pub results: Vec<FunctionResult>,
    /// Conditions for the composite resource.
    pub conditions: Vec<Condition>,
}

impl KnownFunction {
    /// The function that is installed, by the name of its package's repository; `None` where it is none of these. The version of the
    /// package does not matter: there is one version of each function here.
    #[must_use]
    pub fn of(function: &InstalledFunction) -> Option<KnownFunction> {
        let repository = function.package.rsplit('/').next().unwrap_or_default();
        match repository.split(['@', ':']).next().unwrap_or_default() {
            "function-patch-and-transform" => Some(KnownFunction::PatchAndTransform),
            "function-auto-ready" => {
                Some(KnownFunction::AutoReady(match function.has_feature("CELHealthcheckCustomizations") {
                    true => CustomChecks::Enabled,
                    false => CustomChecks::Disabled,
                }))
            }
            "function-environment-configs" => Some(KnownFunction::EnvironmentConfigs),
            "function-go-templating" => Some(KnownFunction::GoTemplating),
            _ => None,
        }
    }
}

/// A function with the input of its step.
#[derive(Debug)]
pub(crate) enum FunctionProgram {
    /// What is wrong with the input is told when the step runs.
    PatchAndTransform(Result<patch_and_transform::Program, Fatal>),
    AutoReady(Value, CustomChecks),
    EnvironmentConfigs(Value),
    GoTemplating(Arc<Value>),
}

impl FunctionProgram {
    /// The function of the step with this place in the pipeline.
    pub(crate) fn new(function: KnownFunction, input: Value, step: usize) -> FunctionProgram {
        match function {
            KnownFunction::PatchAndTransform => {
                FunctionProgram::PatchAndTransform(patch_and_transform::Program::read(&input, step))
            }
            KnownFunction::AutoReady(custom) => FunctionProgram::AutoReady(input, custom),
            KnownFunction::EnvironmentConfigs => FunctionProgram::EnvironmentConfigs(input),
            KnownFunction::GoTemplating => FunctionProgram::GoTemplating(Arc::new(input)),
        }
    }

    /// Runs the function.
    pub(crate) fn run(
        &self,
        request: &Request<'_>,
        desired: &mut Desired,
        memory: &mut PipelineMemory,
    ) -> Result<FunctionOutcome, Fatal> {
        let observed = request.observed;
        let results = match self {
            FunctionProgram::PatchAndTransform(program) => {
                let program = program.as_ref().map_err(Clone::clone)?;
                program.run(observed, desired, memory.templates_of(desired.step))?
            }
            FunctionProgram::AutoReady(input, custom) => auto_ready::run(input, observed, desired, *custom)?,
            FunctionProgram::EnvironmentConfigs(input) => {
                environment_configs::run(input, observed, request.required, desired)?
            }
            FunctionProgram::GoTemplating(input) => return go_templating::run(input, request, desired),
        };
        Ok(FunctionOutcome { results, conditions: Vec::new() })
    }
}

/// A selector as Compositions and templates write it.
pub(crate) fn selector_of(value: &Value) -> ResourceSelector {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| text("matchName"));
    let labels = value.get("matchLabels").and_then(Value::as_object);
    let matching = match labels {
        _ if !name.is_empty() => Matching::Name(name),
        Some(labels) => Matching::Labels(
            labels
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect(),
        ),
        None => Matching::All,
    };
    ResourceSelector { api_version: text("apiVersion"), kind: text("kind"), matching }
}
