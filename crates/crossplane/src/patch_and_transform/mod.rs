//! function-patch-and-transform 0.10.8, in process: templates with patches become composed resources.
//!
//! Follows `fn.go` of that version. Reads what is observed and writes what is desired; it never looks at what it wrote for
//! another resource, as the original doesn't.

mod connection;
mod field_error;
mod input;
mod memory;
mod patch;
mod readiness;
mod template;
mod transform;
#[cfg(test)]
pub(crate) mod upstream_tables;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_gotemplate::quote::quote;
use serde_json::{Value, json};

use crate::pipeline_state::{
    Desired, DesiredResource, ENVIRONMENT_KEY, Fatal, FunctionResult, HeldBack, Observed, ObservedResource,
    Ready,
};
use crate::provenance::{Base, Provenance};
use input::{ComposedTemplate, ConnectionSecret, Patch, Resources};
use memory::Rendered;
pub(crate) use memory::TemplateMemory;
use patch::{ComposedObjects, Objects, PatchError};
use template::{ResolvedTemplate, with_patch_sets};

/// The function with its input from the Composition, which is read and checked once.
#[derive(Debug)]
pub(crate) struct Program {
    environment: Vec<Patch>,
    templates: Vec<ResolvedTemplate>,
    connection_secret: Option<ConnectionSecret>,
    /// Points to the input in the Composition.
    pointer: String,
}

impl Program {
    /// Reads the input of the step with this place in the pipeline.
    pub(crate) fn read(input: &Value, step: usize) -> Result<Program, Fatal> {
        let input = Resources::read(input).map_err(|error| {
            let context = "cannot get Function input: cannot get function input *v1beta1.Resources from \
                           *v1.RunFunctionRequest: cannot unmarshal JSON from *structpb.Struct into *v1beta1.Resources";
            Fatal(format!("{context}: {error}"))
        })?;
        validate::validate(&input).map_err(|error| Fatal(format!("invalid Function input: {error}")))?;
        let pointer = format!("/spec/pipeline/{step}/input");
        let templates = with_patch_sets(&input, &pointer)
            .map_err(|error| Fatal(format!("cannot resolve PatchSets: {error}")))?;
        let Resources { environment, connection_secret, .. } = input;
        Ok(Program { environment: environment.unwrap_or_default(), templates, connection_secret, pointer })
    }

    /// Runs the function. Of templates that render to what they rendered to before, warnings are not told again.
    pub(crate) fn run(
        &self,
        observed: &Observed,
        desired: &mut Desired,
        memory: &mut TemplateMemory,
    ) -> Result<Vec<FunctionResult>, Fatal> {
        let mut run = Run {
            observed,
            environment: environment_of(desired),
            composite: std::mem::take(&mut desired.composite),
            results: Vec::new(),
        };
        for key in ["apiVersion", "kind"] {
            if !run.composite.is_object() {
                run.composite = json!({});
            }
            run.composite[key] = observed.composite.get(key).cloned().unwrap_or_default();
        }
        run.patch_environment(&self.environment)?;
        let mut is_complete = true;
        for (index, template) in self.templates.iter().enumerate() {
            is_complete &= run.render(index, template, desired, memory)?;
        }
        if !connection::is_supported_by(&observed.composite) && !desired.connection.is_empty() {
            let secret = connection::compose_secret(
                &observed.composite,
                &desired.connection,
                self.connection_secret.as_ref(),
            )
            .map_err(Fatal)?;
            let name =
                observed.composite.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            let name = format!("{name}-connection-secret");
            let provenance = Provenance::of(Base::Program { pointer: self.pointer.clone() });
            desired.compose(&name, secret, provenance);
        }
        desired.composite = run.composite;
        if !is_complete {
            desired.composite_ready = Ready::False;
        }
        desired.context.insert(ENVIRONMENT_KEY.to_owned(), run.environment);
        Ok(run.results)
    }
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

    /// Renders one template; `false` where a required source is missing and the resource does not exist yet.
    fn render(
        &mut self,
        index: usize,
        template: &ResolvedTemplate,
        desired: &mut Desired,
        memory: &mut TemplateMemory,
    ) -> Result<bool, Fatal> {
        let observed = self.observed.resources.get(&template.name);
        let resource = observed.map(|observed| &observed.resource);
        let before = memory.recall(index, template, &self.observed.composite, resource);
        let rendered = match before {
            Some(before) => {
                self.write_back(template, resource)?;
                before.clone()
            }
            None => {
                let rendered = self.render_anew(template, observed, desired)?;
                memory.remember(index, template, &rendered);
                rendered
            }
        };
        desired.connection.extend(rendered.connection);
        desired.held_back.extend(rendered.held_back);
        let is_made = rendered.resource.is_some();
        match rendered.resource {
            Some(resource) => desired.compose(&template.name, resource, rendered.provenance),
            None => desired.explain(&template.name, rendered.provenance),
        }
        Ok(is_made)
    }

    fn render_anew(
        &mut self,
        template: &ResolvedTemplate,
        observed: Option<&ObservedResource>,
        desired: &Desired,
    ) -> Result<Rendered, Fatal> {
        let mut resource = base_of(template, desired)?;
        let mut provenance = match &template.base {
            Some(_) => Provenance {
                base: Base::Template { pointer: template.base_pointer.clone() },
                writes: Vec::new(),
            },
            None => {
                desired.provenance.get(&template.name).map(|before| (**before).clone()).unwrap_or_default()
            }
        };
        let mut rendered = Rendered {
            composite: Arc::clone(&self.observed.composite),
            observed: observed.map(|observed| Arc::clone(&observed.resource)),
            resource: None,
            provenance: Arc::default(),
            connection: BTreeMap::new(),
            held_back: None,
        };
        let mut ready = Ready::Unspecified;
        if let Some(observed) = observed {
            for key in ["namespace", "name"] {
                let value = observed.resource.get("metadata").and_then(|metadata| metadata.get(key));
                set_metadata(&mut resource, key, value);
            }
            match connection::extract(observed, &template.connection_details) {
                Ok(details) => rendered.connection = details,
                Err(error) => self.warn(format!(
                    "cannot extract composite resource connection details from composed resource {}: {error}",
                    quote(template.name.as_bytes())
                )),
            }
            match readiness::is_ready(&observed.resource, &template.readiness_checks) {
                Ok(true) => ready = Ready::True,
                Ok(false) => {}
                Err(error) => self.warn(format!(
                    "cannot check readiness of composed resource {}: {error}",
                    quote(template.name.as_bytes())
                )),
            }
        }
        for (index, patch) in template.patches.iter().enumerate() {
            let mut composed = ComposedObjects {
                observed: observed.map(|observed| &*observed.resource),
                desired: &mut resource,
            };
            let Err(error) = patch::apply_composed_patch(patch, &mut composed, &mut self.objects()) else {
                provenance.writes.extend(template.writes.get(index).cloned().flatten());
                continue;
            };
            if self.is_forgiven(template, index, &error, observed.is_some())? {
                continue;
            }
            rendered.held_back = Some(HeldBack {
                resource: template.name.clone(),
                reads: patch.reads().iter().map(|path| path.text().to_owned()).collect(),
                pointer: template.pointers.get(index).cloned().unwrap_or_default(),
            });
            break;
        }
        rendered.provenance = Arc::new(provenance);
        if rendered.held_back.is_none() {
            rendered.resource = Some(DesiredResource::new(resource, ready));
        }
        Ok(rendered)
    }

    /// Applies the patches that read from the composed resource, of a template that renders to what it rendered to before.
    fn write_back(
        &mut self,
        template: &ResolvedTemplate,
        observed: Option<&Arc<Value>>,
    ) -> Result<(), Fatal> {
        let Some(observed) = observed else { return Ok(()) };
        for (index, patch) in template.patches.iter().enumerate() {
            if patch::writes_composed_resource(patch) {
                continue;
            }
            let mut composed = ComposedObjects { observed: Some(observed), desired: &mut Value::Null };
            if let Err(error) = patch::apply_composed_patch(patch, &mut composed, &mut self.objects()) {
                self.is_forgiven(template, index, &error, true)?;
            }
        }
        Ok(())
    }

    /// Whether a template goes on although a patch could not be applied; if not, it waits for its source.
    fn is_forgiven(
        &mut self,
        template: &ResolvedTemplate,
        index: usize,
        error: &PatchError,
        exists: bool,
    ) -> Result<bool, Fatal> {
        let Some(patch) = template.patches.get(index) else { return Ok(true) };
        let named = || (quote(template.name.as_bytes()), quote(patch.kind.as_bytes()));
        if !error.is_not_found() {
            let (name, kind) = named();
            return Err(Fatal(format!(
                "cannot render composed resource {name} {kind} patch at index {index}: {error}"
            )));
        }
        if patch.source_policy() != "Required" {
            return Ok(true);
        }
        let (name, kind) = named();
        let waits = patch::writes_composed_resource(patch) && !exists;
        self.warn(if waits {
            format!(
                "not adding new composed resource {name} to desired state because {kind} patch at index {index} has \
                 'policy.fromFieldPath: Required': {error}"
            )
        } else {
            format!(
                "cannot render composed resource {name} {kind} patch at index {index}: ignoring \
                 'policy.fromFieldPath: Required' because 'to' resource already exists: {error}"
            )
        });
        Ok(!waits)
    }

    fn warn(&mut self, message: String) {
        self.results.push(FunctionResult::warning(message));
    }
}

/// The template's base, or what an earlier function made under the same name.
fn base_of(template: &ComposedTemplate, desired: &Desired) -> Result<Value, Fatal> {
    let Some(base) = &template.base else {
        // What the earlier function said of its readiness is forgotten, as in the original.
        return desired.resources.get(&template.name).map(|before| (*before.resource).clone()).ok_or_else(
            || {
                let name = quote(template.name.as_bytes());
                let problem =
                    "has no base template, and was not produced by a previous Function in the pipeline";
                Fatal(format!("composed resource {name} {problem}"))
            },
        );
    };
    if base.get("kind").and_then(Value::as_str).unwrap_or_default().is_empty() {
        let name = quote(template.name.as_bytes());
        let context = format!("cannot parse base template of composed resource {name}");
        return Err(Fatal(format!("{context}: Object 'Kind' is missing in '{base}'")));
    }
    Ok(base.clone())
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
