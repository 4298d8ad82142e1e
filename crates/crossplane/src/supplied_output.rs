//! What a function answers, supplied by somebody instead of the function: a `FunctionOutput` document.
//!
//! Turns such a document, whose `response` is the JSON form of Crossplane's `RunFunctionResponse` (crossplane v2.2.1
//! `proto/fn/v1/run_function.proto`), into what the function would do to a pipeline. What is desired is added to what earlier steps
//! desire: whoever writes the answer down need not repeat that. Members that mean nothing without a running function (`meta`,
//! `requirements`, connection details of composed resources) are taken and change nothing; unknown members are told.

use std::collections::BTreeMap;

use plimsoll_gotemplate::encoding::base64_decode;
use serde_json::{Map, Value, json};

use crate::field_path::{MergeOptions, merge_value};
use crate::functions::FunctionOutcome;
use crate::number::with_float_numbers;
use crate::pipeline::Condition;
use crate::pipeline_state::{Desired, DesiredResource, Fatal, FunctionResult, Ready, Severity};
use crate::provenance::{Base, Provenance};

/// The kind of the documents.
pub const KIND: &str = "FunctionOutput";

/// The API version of the documents.
pub const API_VERSION: &str = "plimsoll.dev/v1alpha1";

/// What a function answers, and when.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SuppliedOutput {
    /// The name of the Function in the pipeline.
    pub function: String,
    /// Only in this step.
    pub step: Option<String>,
    /// Only in the Composition of this name.
    pub composition: Option<String>,
    /// Only for the composite resource or claim of this name.
    pub composite: Option<String>,
    response: Response,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputProblem {
    /// Points to the member at fault, or to the one that lacks something.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// A word that is not known, and those that are.
    pub unknown: Option<(String, &'static [&'static str])>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Response {
    status: Value,
    composite_ready: Ready,
    connection: BTreeMap<String, Vec<u8>>,
    resources: BTreeMap<String, (Value, Ready)>,
    results: Vec<FunctionResult>,
    fatal: Option<String>,
    conditions: Vec<Condition>,
    context: Map<String, Value>,
}

/// A step of a pipeline that is run on a composite resource.
#[derive(Debug, Clone, Copy)]
pub struct PipelineStep<'a> {
    /// The name of its Function.
    pub function: &'a str,
    /// Its own name.
    pub step: &'a str,
    /// The name of the Composition.
    pub composition: &'a str,
    /// The composite resource.
    pub composite: &'a Value,
}

impl SuppliedOutput {
    /// Reads a document, or tells everything that is wrong with it.
    pub fn read(document: &Value) -> Result<SuppliedOutput, Vec<OutputProblem>> {
        let mut reader = Reader::default();
        let root = Member { value: document, pointer: String::new() };
        let mut output = SuppliedOutput::default();
        if document.get("apiVersion").and_then(Value::as_str) != Some(API_VERSION) {
            reader.tell(
                &root.pointer_to("apiVersion", document),
                format!("the `apiVersion` is not `{API_VERSION}`"),
            );
        }
        if document.get("kind").and_then(Value::as_str) != Some(KIND) {
            let kind = document.get("kind").and_then(Value::as_str);
            reader.problems.push(OutputProblem {
                pointer: root.pointer_to("kind", document),
                message: format!("the `kind` is not `{KIND}`"),
                unknown: kind.map(|kind| (kind.to_owned(), &[KIND][..])),
            });
        }
        let known =
            &["apiVersion", "kind", "metadata", "function", "step", "composition", "composite", "response"];
        for (name, member) in reader.members(&root, known) {
            match name {
                "function" => output.function = reader.text(&member),
                "step" => output.step = Some(reader.text(&member)),
                "composition" => output.composition = Some(reader.text(&member)),
                "composite" => output.composite = Some(reader.text(&member)),
                "response" => output.response = reader.response(&member),
                _ => {}
            }
        }
        for needed in ["function", "response"] {
            if document.is_object() && document.get(needed).is_none() {
                reader.tell("", format!("`{needed}` is missing"));
            }
        }
        if reader.problems.is_empty() { Ok(output) } else { Err(reader.problems) }
    }

    /// Whether it is the answer in a step.
    #[must_use]
    pub fn is_for(&self, step: &PipelineStep<'_>) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        self.function == step.function
            && is(&self.step, step.step)
            && is(&self.composition, step.composition)
            && self.composite.as_ref().is_none_or(|name| names_of(step.composite).contains(&name.as_str()))
    }

    /// Does to a pipeline what the function would do.
    pub(crate) fn apply(&self, desired: &mut Desired) -> Result<FunctionOutcome, Fatal> {
        let response = &self.response;
        if let Some(message) = &response.fatal {
            return Err(Fatal(message.clone()));
        }
        if !response.status.is_null() {
            if !desired.composite.is_object() {
                desired.composite = json!({});
            }
            let status = with_float_numbers(response.status.clone());
            merge_value(&mut desired.composite, "status", status, Some(MergeOptions::Overwrite)).map_err(
                |error| Fatal(format!("cannot merge the status of the composite resource: {error}")),
            )?;
        }
        if response.composite_ready != Ready::Unspecified {
            desired.composite_ready = response.composite_ready;
        }
        desired.connection.extend(response.connection.clone());
        for (name, (resource, ready)) in &response.resources {
            let pointer = format!("/spec/pipeline/{}", desired.step);
            let provenance = Provenance::of(Base::Program { pointer });
            desired.compose(name, DesiredResource::new(resource.clone(), *ready), provenance);
        }
        for (key, value) in &response.context {
            desired.context.insert(key.clone(), with_float_numbers(value.clone()));
        }
        Ok(FunctionOutcome { results: response.results.clone(), conditions: response.conditions.clone() })
    }
}

/// The names that a composite resource goes by: its own and its claim's.
fn names_of(composite: &Value) -> [&str; 3] {
    ["/metadata/name", "/metadata/labels/crossplane.io~1claim-name", "/spec/claimRef/name"]
        .map(|pointer| composite.pointer(pointer).and_then(Value::as_str).unwrap_or_default())
}

/// A value with the way to it.
struct Member<'v> {
    value: &'v Value,
    pointer: String,
}

impl Member<'_> {
    /// Points to a member, or to the whole where it is not there.
    fn pointer_to(&self, key: &str, value: &Value) -> String {
        if value.get(key).is_some() { below(&self.pointer, key) } else { self.pointer.clone() }
    }
}

fn below(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Names of enumerations as protobuf writes them in JSON.
const READINESS: &[&str] = &["READY_UNSPECIFIED", "READY_TRUE", "READY_FALSE"];
const SEVERITIES: &[&str] =
    &["SEVERITY_UNSPECIFIED", "SEVERITY_FATAL", "SEVERITY_WARNING", "SEVERITY_NORMAL"];
const STATUSES: &[&str] = &[
    "STATUS_CONDITION_UNSPECIFIED",
    "STATUS_CONDITION_UNKNOWN",
    "STATUS_CONDITION_TRUE",
    "STATUS_CONDITION_FALSE",
];

/// Reads on after a problem and keeps all of them.
#[derive(Default)]
struct Reader {
    problems: Vec<OutputProblem>,
}

impl Reader {
    fn tell(&mut self, pointer: &str, message: String) {
        self.problems.push(OutputProblem { pointer: pointer.to_owned(), message, unknown: None });
    }

    fn response(&mut self, response: &Member<'_>) -> Response {
        let known = &["meta", "desired", "results", "context", "requirements", "conditions", "output"];
        let mut read = Response::default();
        for (name, member) in self.members(response, known) {
            match name {
                "desired" => self.desired(&member, &mut read),
                "results" => {
                    for item in self.items(&member) {
                        self.result(&item, &mut read);
                    }
                }
                "conditions" => {
                    for item in self.items(&member) {
                        let condition = self.condition(&item);
                        read.conditions.push(condition);
                    }
                }
                "context" => read.context = self.object(&member).cloned().unwrap_or_default(),
                _ => {}
            }
        }
        read
    }

    fn desired(&mut self, desired: &Member<'_>, read: &mut Response) {
        for (name, member) in self.members(desired, &["composite", "resources"]) {
            if name == "composite" {
                let (resource, connection, ready) = self.resource(&member);
                read.status = resource.get("status").cloned().unwrap_or_default();
                read.connection = connection;
                read.composite_ready = ready;
                continue;
            }
            for (name, value) in self.object(&member).into_iter().flatten() {
                let (resource, _, ready) =
                    self.resource(&Member { value, pointer: below(&member.pointer, name) });
                read.resources.insert(name.clone(), (resource, ready));
            }
        }
    }

    fn resource(&mut self, member: &Member<'_>) -> (Value, BTreeMap<String, Vec<u8>>, Ready) {
        let (mut resource, mut connection, mut ready) = (json!({}), BTreeMap::new(), Ready::default());
        for (name, member) in self.members(member, &["resource", "connectionDetails", "ready"]) {
            match name {
                "resource" => {
                    resource = self.object(&member).cloned().map_or_else(|| json!({}), Value::Object);
                }
                "ready" => {
                    ready = match self.word(&member, READINESS) {
                        "READY_TRUE" => Ready::True,
                        "READY_FALSE" => Ready::False,
                        _ => Ready::Unspecified,
                    };
                }
                _ => {
                    for (key, value) in self.object(&member).into_iter().flatten() {
                        let bytes = value.as_str().and_then(|text| base64_decode(text.as_bytes()).ok());
                        match bytes {
                            Some(bytes) => drop(connection.insert(key.clone(), bytes)),
                            None => self.tell(&below(&member.pointer, key), "this is not Base64".to_owned()),
                        }
                    }
                }
            }
        }
        (resource, connection, ready)
    }

    fn result(&mut self, item: &Member<'_>, read: &mut Response) {
        let (mut severity, mut message, mut reason) = ("", String::new(), None);
        for (name, member) in self.members(item, &["severity", "message", "reason", "target"]) {
            match name {
                "severity" => severity = self.word(&member, SEVERITIES),
                "message" => message = self.text(&member),
                "reason" => reason = Some(self.text(&member)),
                _ => {}
            }
        }
        match severity {
            "SEVERITY_FATAL" => {
                read.fatal.get_or_insert(message);
            }
            "SEVERITY_NORMAL" => {
                read.results.push(FunctionResult { severity: Severity::Normal, message, reason });
            }
            _ => read.results.push(FunctionResult { severity: Severity::Warning, message, reason }),
        }
    }

    fn condition(&mut self, item: &Member<'_>) -> Condition {
        let unknown = || "Unknown".to_owned();
        let mut condition = Condition {
            kind: String::new(),
            status: unknown(),
            reason: String::new(),
            message: String::new(),
        };
        for (name, member) in self.members(item, &["type", "status", "reason", "message", "target"]) {
            match name {
                "type" => condition.kind = self.text(&member),
                "status" => {
                    condition.status = match self.word(&member, STATUSES) {
                        "STATUS_CONDITION_TRUE" => "True".to_owned(),
                        "STATUS_CONDITION_FALSE" => "False".to_owned(),
                        _ => unknown(),
                    };
                }
                "reason" => condition.reason = self.text(&member),
                "message" => condition.message = self.text(&member),
                _ => {}
            }
        }
        condition
    }

    /// The members of an object. Those that are not known are told.
    fn members<'v>(
        &mut self,
        member: &Member<'v>,
        known: &'static [&'static str],
    ) -> Vec<(&'static str, Member<'v>)> {
        let mut members = Vec::new();
        for (key, value) in self.object(member).into_iter().flatten() {
            let pointer = below(&member.pointer, key);
            match known.iter().find(|name| *name == key) {
                Some(name) => members.push((*name, Member { value, pointer })),
                None => self.problems.push(OutputProblem {
                    pointer,
                    message: format!("there is no member `{key}` here"),
                    unknown: Some((key.clone(), known)),
                }),
            }
        }
        members
    }

    fn object<'v>(&mut self, member: &Member<'v>) -> Option<&'v Map<String, Value>> {
        if !member.value.is_object() && !member.value.is_null() {
            self.tell(&member.pointer, "a map is wanted here".to_owned());
        }
        member.value.as_object()
    }

    fn items<'v>(&mut self, member: &Member<'v>) -> Vec<Member<'v>> {
        if !member.value.is_array() && !member.value.is_null() {
            self.tell(&member.pointer, "a list is wanted here".to_owned());
        }
        let items = member.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| Member { value, pointer: format!("{}/{index}", member.pointer) }).collect()
    }

    fn text(&mut self, member: &Member<'_>) -> String {
        let text = member.value.as_str();
        if text.is_none() {
            self.tell(&member.pointer, "a text is wanted here".to_owned());
        }
        text.unwrap_or_default().to_owned()
    }

    /// One of the words, or the first where it is none of them.
    fn word(&mut self, member: &Member<'_>, words: &'static [&'static str]) -> &'static str {
        let text = member.value.as_str().unwrap_or_default();
        if let Some(word) = words.iter().find(|word| **word == text) {
            return word;
        }
        self.problems.push(OutputProblem {
            pointer: member.pointer.clone(),
            message: format!("one of `{}` is wanted here", words.join("`, `")),
            unknown: Some((text.to_owned(), words)),
        });
        words.first().copied().unwrap_or_default()
    }
}
