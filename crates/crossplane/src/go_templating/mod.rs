//! function-go-templating 0.12.2, in process: a Go template whose documents are composed resources, the composite resource's
//! status, conditions, connection details, context and requirements.
//!
//! Follows `fn.go` of that version. Time and randomness come from no real source: a template that uses them gives a result
//! that is refused, since it would be another on the next run. Templates in the file system of the function's image cannot be
//! read here.

mod documents;
mod functions;
mod meta;
mod parsed_templates;
mod request;

use std::borrow::Cow;
use std::sync::Arc;

use plimsoll_gotemplate::quote::quote;
use plimsoll_gotemplate::{Executor, FixedEnvironment, MissingKey, Profile, Settings};
use serde_json::{Map, Value, json};

use crate::functions::{FunctionOutcome, Request};
use crate::pipeline_state::{Desired, DesiredResource, ENVIRONMENT_KEY, Fatal, Ready};
use crate::provenance::{Base, Provenance};
use meta::MetaResources;

const NAME_ANNOTATION: &str = "gotemplating.fn.crossplane.io/composition-resource-name";
const READY_ANNOTATION: &str = "gotemplating.fn.crossplane.io/ready";
const META_API_VERSION: &str = "meta.gotemplating.fn.crossplane.io/v1alpha1";

/// How often a function may change what it asks for before it is given up, as in Crossplane.
const MOST_ROUNDS: usize = 5;

/// Runs the function, again and again while it asks for more resources.
pub(crate) fn run(
    input: &Arc<Value>,
    request: &Request<'_>,
    desired: &mut Desired,
) -> Result<FunctionOutcome, Fatal> {
    let mut required: Map<String, Value> = Map::new();
    let mut asked = meta::Requirements::new();
    // Only the context crosses from one round to the next.
    let mut context = desired.context.clone();
    for _ in 0..=MOST_ROUNDS {
        let mut attempt = Desired { context, ..desired.clone() };
        let (outcome, requirements) = run_once(input, request, &required, &mut attempt)?;
        if asked == requirements {
            *desired = attempt;
            return Ok(outcome);
        }
        context = attempt.context;
        required = requirements
            .iter()
            .map(|(name, selector)| {
                let found = request.required.select(selector).into_iter();
                let items: Vec<Value> = found.map(|resource| json!({"resource": resource})).collect();
                (name.clone(), if items.is_empty() { json!({}) } else { json!({"items": items}) })
            })
            .collect();
        asked = requirements;
    }
    Err(Fatal(format!(
        "requirements didn't stabilize after the maximum number of iterations ({MOST_ROUNDS})"
    )))
}

fn run_once(
    input: &Arc<Value>,
    request: &Request<'_>,
    required: &Map<String, Value>,
    desired: &mut Desired,
) -> Result<(FunctionOutcome, meta::Requirements), Fatal> {
    let text = render(input, request, required, desired)?;
    let resources = documents::decode(&text)?;
    let mut metas = MetaResources::new(&desired.context);
    for resource in resources {
        place(resource, input, request, desired, &mut metas)?;
    }
    let MetaResources { conditions, requirements, .. } = metas;
    let resources = request::required_resources(request, required);
    if !resources.is_empty() {
        let context = desired.context.entry(meta::EXTRA_RESOURCES_KEY).or_insert_with(|| json!({}));
        if let Some(fields) = context.as_object_mut() {
            fields.extend(resources);
        }
    }
    Ok((FunctionOutcome { results: Vec::new(), conditions }, requirements))
}

/// The text that the template renders to.
fn render(
    input: &Arc<Value>,
    request: &Request<'_>,
    required: &Map<String, Value>,
    desired: &Desired,
) -> Result<String, Fatal> {
    let invalid = |problem: &str| Fatal(format!("invalid function input: {problem}"));
    let source = source(input, desired).map_err(|problem| invalid(&problem))?;
    let delimiters = (text_at(input, "/delims/left"), text_at(input, "/delims/right"));
    let templates = parsed_templates::parse(&source, delimiters)
        .map_err(|error| invalid(&format!("cannot parse the provided templates: {error}")))?;
    let environment = FixedEnvironment::at(0);
    let mut settings = Settings::new(&environment, Profile::V4);
    settings.set_name = parsed_templates::NAME;
    settings.missing_key = missing_key(input)?;
    let mut executor = Executor::new(&templates, settings);
    let data = request::as_value(input, request, required, desired);
    let output = executor
        .execute(parsed_templates::NAME, &data)
        .map_err(|error| Fatal(format!("cannot execute template: {error}")))?;
    if let Some(range) = output.tainted.first() {
        let function = executor.taints().origins(range.mark).into_iter().next().map(|origin| origin.function);
        let function = function.unwrap_or_default();
        return Err(Fatal(format!(
            "cannot execute template: `{function}` gives another result on every run, so its resources cannot be foretold"
        )));
    }
    String::from_utf8(output.bytes).map_err(|_| Fatal("cannot decode manifest: invalid UTF-8".to_owned()))
}

/// `missingkey=` of the input's options; Go panics on any other option.
fn missing_key(input: &Value) -> Result<MissingKey, Fatal> {
    let mut missing_key = MissingKey::Invalid;
    for option in
        input.get("options").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        missing_key = match option {
            "missingkey=default" | "missingkey=invalid" => MissingKey::Invalid,
            "missingkey=zero" => MissingKey::Zero,
            "missingkey=error" => MissingKey::Error,
            unknown => {
                let context = "cannot apply template options: panic occurred while applying template options";
                let problem = match unknown {
                    "" => "empty option string".to_owned(),
                    unknown => format!("unrecognized option: {unknown}"),
                };
                return Err(Fatal(format!("{context}: {problem}")));
            }
        };
    }
    Ok(missing_key)
}

/// The template's text.
fn source<'t>(input: &'t Value, desired: &'t Desired) -> Result<Cow<'t, str>, String> {
    match text_at(input, "/source").unwrap_or_default() {
        "" => Err("source is required".to_owned()),
        "Inline" => {
            let one = text_at(input, "/inline/template").filter(|template| !template.is_empty());
            let many: Vec<&str> = input
                .pointer("/inline/templates")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            match one {
                Some(template) => Ok(template.into()),
                None if many.is_empty() => {
                    Err("inline.template or inline.templates should be provided".to_owned())
                }
                None => Ok(many.join("\n---\n").into()),
            }
        }
        "Environment" => {
            let key = text_at(input, "/environment/key").filter(|key| !key.is_empty());
            let key = key.ok_or("environment.key should be provided")?;
            let context = "cannot read tmpl from the environment";
            let environment = desired.context.get(ENVIRONMENT_KEY).and_then(Value::as_object);
            let environment = environment
                .ok_or_else(|| format!("{context}: {ENVIRONMENT_KEY} key does not exist in context"))?;
            let template =
                environment.get(key).ok_or_else(|| format!("{context}: key: {key} does not exist"))?;
            let template =
                template.as_str().ok_or_else(|| format!("{context}: key: {key} value is not a string"))?;
            Ok(template.into())
        }
        "FileSystem" => {
            let folder = text_at(input, "/fileSystem/dirPath").filter(|folder| !folder.is_empty());
            let folder = folder.ok_or("fileSystem.dirPath should be provided")?;
            Err(format!("cannot read tmpl from the folder {{{folder}}}: it lies in the function's own image"))
        }
        unknown => Err(format!("invalid source: {unknown}")),
    }
}

/// Puts one rendered document where it belongs.
fn place(
    mut resource: Value,
    input: &Arc<Value>,
    request: &Request<'_>,
    desired: &mut Desired,
    metas: &mut MetaResources,
) -> Result<(), Fatal> {
    let api_version = text_at(&resource, "/apiVersion").unwrap_or_default().to_owned();
    let kind = text_at(&resource, "/kind").unwrap_or_default().to_owned();
    if api_version == META_API_VERSION {
        return metas.add(&kind, &resource, desired);
    }
    let ready = match take_annotation(&mut resource, READY_ANNOTATION).as_deref() {
        None => None,
        Some("True") => Some(Ready::True),
        Some("False") => Some(Ready::False),
        Some("Unspecified") => Some(Ready::Unspecified),
        Some(other) => {
            let (annotation, other) = (quote(READY_ANNOTATION.as_bytes()), quote(other.as_bytes()));
            let rule = "must be True, False, or Unspecified";
            return Err(Fatal(format!(
                "invalid function input: invalid {annotation} annotation value {other}: {rule}"
            )));
        }
    };
    let name = take_annotation(&mut resource, NAME_ANNOTATION);
    let composite = &request.observed.composite;
    let is_composite =
        text_at(composite, "/apiVersion") == Some(&api_version) && text_at(composite, "/kind") == Some(&kind);
    match name {
        None if is_composite => {
            if let Some(status) = resource.get("status") {
                merge_status(&mut desired.composite, status)?;
            }
            if let Some(ready) = ready {
                desired.composite_ready = ready;
            }
            Ok(())
        }
        None => {
            let (kind, annotation) = (quote(kind.as_bytes()), quote(NAME_ANNOTATION.as_bytes()));
            Err(Fatal(format!("{kind} template is missing required {annotation} annotation")))
        }
        Some(name) => {
            let ready = ready.unwrap_or_default();
            let pointer = format!("/spec/pipeline/{}/input{}", desired.step, program_pointer(input));
            let provenance = Provenance::of(Base::Program { pointer });
            desired.compose(&name, DesiredResource::new(resource, ready), provenance);
            Ok(())
        }
    }
}

/// Points from the input to the template's text, or to the whole input where there is no one text.
fn program_pointer(input: &Value) -> &'static str {
    if input.pointer("/inline/template").is_some() { "/inline/template" } else { "" }
}

/// Merges a status over the one that is desired so far.
fn merge_status(composite: &mut Value, status: &Value) -> Result<(), Fatal> {
    if !composite.is_object() {
        *composite = json!({});
    }
    crate::field_path::merge_value(
        composite,
        "status",
        status.clone(),
        Some(crate::field_path::MergeOptions::Overwrite),
    )
    .map_err(|error| Fatal(format!("cannot merge desired composite status: {error}")))
}

/// Takes an annotation out; annotations that are then empty go as well.
fn take_annotation(resource: &mut Value, name: &str) -> Option<String> {
    let metadata = resource.get_mut("metadata")?.as_object_mut()?;
    let annotations = metadata.get_mut("annotations")?.as_object_mut()?;
    let value = annotations.remove(name)?;
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
    value.as_str().map(str::to_owned)
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}
