//! function-patch-and-transform 0.10.8, in process: templates with patches become composed resources.
//!
//! Follows `fn.go` of that version. Reads what is observed and writes what is desired; it never looks at what it wrote for
//! another resource, as the original doesn't.

mod connection;
mod field_error;
mod input;
mod patch;
mod readiness;
mod transform;
#[cfg(test)]
pub(crate) mod upstream_tables;
mod validate;

use plimsoll_gotemplate::quote::quote;
use serde_json::{Value, json};

use crate::number::round_trip;
use crate::pipeline_state::{
    Desired, DesiredResource, ENVIRONMENT_KEY, Fatal, FunctionResult, HeldBack, Observed, Ready,
};
use crate::provenance::{Base, Provenance};
use input::{ComposedTemplate, Patch, Resources};
use patch::{ComposedObjects, Objects, ResolvedTemplate};

/// Runs the function with its input from the Composition.
pub(crate) fn run(
    input: &Value,
    observed: &Observed,
    desired: &mut Desired,
) -> Result<Vec<FunctionResult>, Fatal> {
    let input = Resources::read(input).map_err(|error| {
        let context = "cannot get Function input: cannot get function input *v1beta1.Resources from \
                       *v1.RunFunctionRequest: cannot unmarshal JSON from *structpb.Struct into *v1beta1.Resources";
        Fatal(format!("{context}: {error}"))
    })?;
    validate::validate(&input).map_err(|error| Fatal(format!("invalid Function input: {error}")))?;
    let templates = patch::with_patch_sets(&input)
        .map_err(|error| Fatal(format!("cannot resolve PatchSets: {error}")))?;

    let mut run = Run {
        observed,
        environment: environment_of(desired),
        composite: std::mem::take(&mut desired.composite),
        results: Vec::new(),
        pointer: format!("/spec/pipeline/{}/input", desired.step),
    };
    for key in ["apiVersion", "kind"] {
        if !run.composite.is_object() {
            run.composite = json!({});
        }
        run.composite[key] = observed.composite.get(key).cloned().unwrap_or_default();
    }
    run.patch_environment(input.environment.as_deref().unwrap_or_default())?;
    let mut is_complete = true;
    for (index, template) in templates.iter().enumerate() {
        let template = PlacedTemplate { template, pointer: format!("{}/resources/{index}", run.pointer) };
        let name = &template.template.name;
        match run.render(&template, desired)? {
            Some(resource) => {
                desired.resources.insert(name.clone(), resource);
            }
            None => is_complete = false,
        }
    }
    if !connection::is_supported_by(&observed.composite) && !desired.connection.is_empty() {
        let secret = connection::compose_secret(
            &observed.composite,
            &desired.connection,
            input.connection_secret.as_ref(),
        )
        .map_err(Fatal)?;
        let name = observed.composite.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let name = format!("{name}-connection-secret");
        let base = Base::Program { pointer: run.pointer.clone() };
        desired.provenance.insert(name.clone(), Provenance { base, writes: Vec::new() });
        desired.resources.insert(name, secret);
    }
    desired.composite = run.composite;
    if !is_complete {
        desired.composite_ready = Ready::False;
    }
    desired.context.insert(ENVIRONMENT_KEY.to_owned(), run.environment);
    Ok(run.results)
}

/// The environment of the pipeline so far. The original needs a kind to convert it, and makes one up.
fn environment_of(desired: &Desired) -> Value {
    let mut environment = desired.context.get(ENVIRONMENT_KEY).cloned().unwrap_or_else(|| json!({}));
    if !environment.is_object() {
        environment = json!({});
    }
    let is_empty = |key: &str| environment.get(key).and_then(Value::as_str).unwrap_or_default().is_empty();
    if is_empty("apiVersion") && is_empty("kind") {
        environment["apiVersion"] = "internal.crossplane.io/v1alpha1".into();
        environment["kind"] = "Environment".into();
    }
    environment
}

struct Run<'a> {
    observed: &'a Observed,
    environment: Value,
    composite: Value,
    results: Vec<FunctionResult>,
    /// Points to the input in the Composition.
    pointer: String,
}

/// A template and where it stands in the Composition.
struct PlacedTemplate<'a> {
    template: &'a ResolvedTemplate,
    pointer: String,
}

impl Run<'_> {
    fn objects(&mut self) -> Objects<'_> {
        Objects {
            observed_composite: &self.observed.composite,
            desired_composite: &mut self.composite,
            environment: &mut self.environment,
        }
    }

    fn patch_environment(&mut self, patches: &[Patch]) -> Result<(), Fatal> {
        for (index, patch) in patches.iter().enumerate() {
            match patch::apply_environment_patch(patch, &mut self.objects()) {
                Err(error) if !(error.is_not_found() && patch.source_policy() == "Optional") => {
                    let kind = quote(patch.kind.as_bytes());
                    return Err(Fatal(format!(
                        "cannot apply the {kind} environment patch at index {index}: {error}"
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Renders one template; `None` where a required source is missing and the resource does not exist yet.
    fn render(
        &mut self,
        placed: &PlacedTemplate<'_>,
        desired: &mut Desired,
    ) -> Result<Option<DesiredResource>, Fatal> {
        let PlacedTemplate { template, pointer } = placed;
        let mut resource = base_of(template, desired)?;
        if template.base.is_some() {
            let base = Base::Template { pointer: format!("{pointer}/base") };
            desired.provenance.insert(template.name.clone(), Provenance { base, writes: Vec::new() });
        }
        let observed = self.observed.resources.get(&template.name);
        let name = quote(template.name.as_bytes());
        if let Some(observed) = observed {
            for key in ["namespace", "name"] {
                let value = observed.resource.get("metadata").and_then(|metadata| metadata.get(key));
                set_metadata(&mut resource.resource, key, value);
            }
            match connection::extract(observed, &template.connection_details) {
                Ok(details) => desired.connection.extend(details),
                Err(error) => self.warn(format!(
                    "cannot extract composite resource connection details from composed resource {name}: {error}"
                )),
            }
            match readiness::is_ready(&observed.resource, &template.readiness_checks) {
                Ok(true) => resource.ready = Ready::True,
                Ok(false) => {}
                Err(error) => {
                    self.warn(format!("cannot check readiness of composed resource {name}: {error}"))
                }
            }
        }
        for (index, patch) in template.patches.iter().enumerate() {
            let mut composed = ComposedObjects {
                observed: observed.map(|observed| &observed.resource),
                desired: &mut resource.resource,
            };
            let Err(error) = patch::apply_composed_patch(patch, &mut composed, &mut self.objects()) else {
                if let Some(write) = patch::write_of(patch)
                    && let Some(provenance) = desired.provenance.get_mut(&template.name)
                {
                    let pointer = template.patch_pointer(index, pointer, &self.pointer);
                    provenance.writes.push(write.at(pointer));
                }
                continue;
            };
            let kind = quote(patch.kind.as_bytes());
            if !error.is_not_found() {
                return Err(Fatal(format!(
                    "cannot render composed resource {name} {kind} patch at index {index}: {error}"
                )));
            }
            if patch.source_policy() != "Required" {
                continue;
            }
            if patch::writes_composed_resource(patch) && observed.is_none() {
                self.warn(format!(
                    "not adding new composed resource {name} to desired state because {kind} patch at index {index} has \
                     'policy.fromFieldPath: Required': {error}"
                ));
                desired.held_back.push(HeldBack {
                    resource: template.name.clone(),
                    reads: patch.reads(),
                    pointer: template.patch_pointer(index, pointer, &self.pointer),
                });
                return Ok(None);
            }
            self.warn(format!(
                "cannot render composed resource {name} {kind} patch at index {index}: ignoring \
                 'policy.fromFieldPath: Required' because 'to' resource already exists: {error}"
            ));
        }
        Ok(Some(resource))
    }

    fn warn(&mut self, message: String) {
        self.results.push(FunctionResult::warning(message));
    }
}

/// The template's base, or what an earlier function made under the same name.
fn base_of(template: &ComposedTemplate, desired: &Desired) -> Result<DesiredResource, Fatal> {
    let name = quote(template.name.as_bytes());
    let Some(base) = &template.base else {
        // What the earlier function said of its readiness is forgotten, as in the original.
        let before = desired.resources.get(&template.name).map(|before| before.resource.clone());
        return before.map(|resource| DesiredResource { resource, ready: Ready::Unspecified }).ok_or_else(
            || {
                let problem =
                    "has no base template, and was not produced by a previous Function in the pipeline";
                Fatal(format!("composed resource {name} {problem}"))
            },
        );
    };
    if base.get("kind").and_then(Value::as_str).unwrap_or_default().is_empty() {
        let context = format!("cannot parse base template of composed resource {name}");
        return Err(Fatal(format!("{context}: Object 'Kind' is missing in '{}'", round_trip(base.clone()))));
    }
    // The base is JSON text when it is decoded, so its whole numbers are integers again.
    Ok(DesiredResource { resource: round_trip(base.clone()), ready: Ready::Unspecified })
}

/// Sets a text of the metadata. An empty one is taken away, and makes no metadata where there is none.
fn set_metadata(resource: &mut Value, key: &str, value: Option<&Value>) {
    match value.and_then(Value::as_str).filter(|text| !text.is_empty()) {
        Some(text) => {
            if !resource["metadata"].is_object() {
                resource["metadata"] = json!({});
            }
            resource["metadata"][key] = text.into();
        }
        None => {
            if let Some(metadata) = resource.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.remove(key);
            }
        }
    }
}
