//! `crossplane render`: files in, the text that the real command prints out.
//!
//! Follows crossplane v2.2.1 `cmd/crank/render/{cmd,load}.go`. Errors are the real command's, without its `crossplane: error: `.
//! As there, the composite resource is taken for one of an XRD v2: selectors and claims of v1 are not looked at.
//! Functions run in process, so annotations and flags that say how to start them have nothing to decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_gotemplate::quote::quote;
use plimsoll_yaml::emit_value;
use serde_json::{Map, Value, json};

use crate::functions::InstalledFunction;
use crate::manifest::{Files, load_stream, parse_object, parse_value};
use crate::pipeline::{self, Inputs, Machinery, Outputs, Owner, crossing, result_resources};
use crate::prepared_pipeline::Pipeline;
use crate::required_resources::RequiredResources;
use crate::supplied_output::SuppliedOutput;
use crate::xrd::default_values;

/// What the command is asked for. Paths are as the user gave them.
#[derive(Debug, Clone, Default)]
pub struct RenderArguments {
    /// The file with the composite resource.
    pub composite: String,
    /// The file with the Composition.
    pub composition: String,
    /// The file or folder with the Functions.
    pub functions: String,
    /// File or folder with composed resources that exist.
    pub observed: Option<String>,
    /// File or folder with resources that functions may ask for.
    pub extra: Option<String>,
    /// File or folder with resources that functions, and Compositions for them, may ask for.
    pub required: Option<String>,
    /// What functions answer, which goes before running them.
    pub outputs: Vec<SuppliedOutput>,
    /// File or folder with Secrets.
    pub credentials: Option<String>,
    /// The file with the XRD, whose defaults the composite resource is given.
    pub xrd: Option<String>,
    /// Context keys with the files that hold their values.
    pub context_files: BTreeMap<String, String>,
    /// Context keys with their values as YAML.
    pub context_values: BTreeMap<String, String>,
    /// `key=value` that is set on every Function.
    pub function_annotations: Vec<String>,
    /// What is printed besides the resources.
    pub include: Include,
}

/// What is printed besides the resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Include {
    /// Spec and metadata of the composite resource.
    pub full_composite: bool,
    /// What the functions said.
    pub results: bool,
    /// The context.
    pub context: bool,
}

/// Renders. The error is all that goes to standard error, the text all that goes to standard output.
pub fn render(arguments: &RenderArguments, files: &dyn Files) -> Result<String, String> {
    let quoted = |path: &str| quote(path.as_bytes());
    let mut composite = load_composite(files, &arguments.composite).map_err(|error| {
        format!("cannot load composite resource from {}: {error}", quoted(&arguments.composite))
    })?;
    let composition = load_composition(files, &arguments.composition).map_err(|error| {
        format!("cannot load Composition from {}: {error}", quoted(&arguments.composition))
    })?;
    check_composition(&composite, &composition)?;
    let functions = load_functions(files, &arguments.functions)
        .map_err(|error| format!("cannot load functions from {}: {error}", quoted(&arguments.functions)))?;
    for annotation in &arguments.function_annotations {
        if !annotation.contains('=') {
            let context = "cannot apply function annotation overrides: invalid function annotation format";
            return Err(format!("{context} {}, expected key=value", quoted(annotation)));
        }
    }
    if let Some(path) = &arguments.xrd {
        let xrd = load_xrd(files, path)
            .map_err(|error| format!("cannot load XRD from {}: {error}", quoted(path)))?;
        let name = composite.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
        default_values(&mut composite, &xrd)
            .map_err(|error| format!("cannot default values for XR {}: {error}", quoted(&name)))?;
    }
    let credentials = load_optional(files, arguments.credentials.as_deref(), "secret")
        .map_err(|(path, error)| format!("cannot load secrets from {}: {error}", quoted(&path)))?;
    let observed = load_optional(files, arguments.observed.as_deref(), "composed resource").map_err(
        |(path, error)| format!("cannot load observed composed resources from {}: {error}", quoted(&path)),
    )?;
    let askable = |path: &Option<String>, words: &str| {
        load_optional(files, path.as_deref(), "resource")
            .map_err(|(path, error)| format!("cannot load {words} resources from {}: {error}", quoted(&path)))
    };
    let mut all = askable(&arguments.extra, "extra")?;
    let required = askable(&arguments.required, "required")?;
    all.extend(required.iter().cloned());
    let context = load_context(files, arguments)?;
    let inputs = Inputs {
        composite: crossing(composite.clone()),
        machinery: Machinery::Modern,
        owner: Owner::Written,
        pipeline: Arc::new(Pipeline::new(&composition, &functions)),
        observed: observed.into_iter().map(crossing).collect(),
        required: RequiredResources::new(all),
        bootstrap: Some(RequiredResources::new(required)),
        outputs: Arc::new(arguments.outputs.clone()),
        credentials,
        context,
    };
    let outputs = pipeline::run(&inputs)
        .map_err(|failure| format!("cannot render composite resource: {}", failure.message))?;
    print(&composite, outputs, arguments.include)
}

fn load_composite(files: &dyn Files, path: &str) -> Result<Value, String> {
    let text = files.read(path).map_err(|error| format!("cannot read composite resource file: {error}"))?;
    parse_object(&text).map_err(|error| format!("cannot unmarshal composite resource YAML: {error}"))
}

fn load_composition(files: &dyn Files, path: &str) -> Result<Value, String> {
    let text = files.read(path).map_err(|error| format!("cannot read composition file: {error}"))?;
    let composition =
        parse_value(&text).map_err(|error| format!("cannot unmarshal composition resource YAML: {error}"))?;
    check_types(&composition).map_err(|error| {
        let context =
            "cannot unmarshal composition resource YAML: error unmarshaling JSON: while decoding JSON";
        format!("{context}: {error}")
    })?;
    let text = |key: &str| composition.get(key).and_then(Value::as_str).unwrap_or_default();
    if text("apiVersion") != "apiextensions.crossplane.io/v1" || text("kind") != "Composition" {
        let name = composition.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        return Err(format!("not a composition: {}/{name}", text("kind")));
    }
    Ok(composition)
}

/// Members of a Composition that Go decodes into types of their own, with the words for what is none of that type.
const COMPOSITION_TYPES: [(&str, &str, &str); 5] = [
    ("/spec", "Composition.spec", "v1.CompositionSpec"),
    ("/spec/mode", "CompositionSpec.spec.mode", "v1.CompositionMode"),
    ("/spec/pipeline", "CompositionSpec.spec.pipeline", "[]v1.PipelineStep"),
    ("/spec/compositeTypeRef", "CompositionSpec.spec.compositeTypeRef", "v1.TypeReference"),
    ("/metadata/name", "ObjectMeta.metadata.name", "string"),
];

fn check_types(composition: &Value) -> Result<(), String> {
    for (pointer, field, go_type) in COMPOSITION_TYPES {
        let Some(value) = composition.pointer(pointer) else { continue };
        let fits = match go_type {
            "[]v1.PipelineStep" => value.is_array(),
            "v1.CompositionMode" | "string" => value.is_string(),
            _ => value.is_object(),
        };
        if !fits && !value.is_null() {
            let found = match value {
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                _ => "object",
            };
            return Err(format!(
                "json: cannot unmarshal {found} into Go struct field {field} of type {go_type}"
            ));
        }
    }
    Ok(())
}

/// Kind, version, labels and mode must fit the composite resource.
fn check_composition(composite: &Value, composition: &Value) -> Result<(), String> {
    let of = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    for (key, field) in [("kind", "kind"), ("apiVersion", "apiVersion")] {
        let wanted = of(composition, &format!("/spec/compositeTypeRef/{field}"));
        let found = of(composite, &format!("/{key}"));
        if wanted != found {
            return Err(format!(
                "composition's compositeTypeRef.{field} ({wanted}) does not match XR's {field} ({found})"
            ));
        }
    }
    let name = quote(of(composition, "/metadata/name").as_bytes());
    let selector =
        composite.pointer("/spec/crossplane/compositionSelector/matchLabels").and_then(Value::as_object);
    for (key, wanted) in selector.into_iter().flatten() {
        let wanted = wanted.as_str().unwrap_or_default();
        let label = composition
            .pointer("/metadata/labels")
            .and_then(|labels| labels.get(key))
            .and_then(Value::as_str);
        let key = quote(key.as_bytes());
        match label {
            None => return Err(format!("composition {name} is missing required label {key}")),
            Some(label) if label != wanted => {
                let (wanted, label) = (quote(wanted.as_bytes()), quote(label.as_bytes()));
                return Err(format!(
                    "composition {name} has incorrect value for label {key}: want {wanted}, got {label}"
                ));
            }
            Some(_) => {}
        }
    }
    if of(composition, "/spec/mode") != "Pipeline" {
        let rule = "render only supports Composition Function pipelines";
        return Err(format!("{rule}: Composition {name} must use spec.mode: Pipeline"));
    }
    Ok(())
}

fn load_functions(files: &dyn Files, path: &str) -> Result<BTreeMap<String, InstalledFunction>, String> {
    let stream =
        load_stream(files, path).map_err(|error| format!("cannot load YAML stream from file: {error}"))?;
    let mut functions = BTreeMap::new();
    for text in stream {
        let function =
            parse_value(&text).map_err(|error| format!("cannot parse YAML Function manifest: {error}"))?;
        let of =
            |pointer: &str| function.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (version, kind, name) = (of("/apiVersion"), of("/kind"), of("/metadata/name"));
        if kind != "Function"
            || !["pkg.crossplane.io/v1", "pkg.crossplane.io/v1beta1"].contains(&version.as_str())
        {
            return Err(format!("not a function: {kind}/{name}"));
        }
        functions.insert(name, of("/spec/package").into());
    }
    Ok(functions)
}

fn load_xrd(files: &dyn Files, path: &str) -> Result<Value, String> {
    let text = files.read(path).map_err(|error| format!("cannot read XRD file: {error}"))?;
    parse_value(&text).map_err(|error| format!("cannot unmarshal XRD YAML: {error}"))
}

fn load_optional(files: &dyn Files, path: Option<&str>, what: &str) -> Result<Vec<Value>, (String, String)> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let stream = load_stream(files, path)
        .map_err(|error| (path.to_owned(), format!("cannot load YAML stream from file: {error}")))?;
    stream
        .iter()
        .map(|text| {
            parse_object(text)
                .map_err(|error| (path.to_owned(), format!("cannot parse YAML {what} manifest: {error}")))
        })
        .collect()
}

fn load_context(files: &dyn Files, arguments: &RenderArguments) -> Result<Map<String, Value>, String> {
    let mut texts: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (key, path) in &arguments.context_files {
        let text = files.read(path).map_err(|error| {
            format!("cannot read context value for key {}: {error}", quote(key.as_bytes()))
        })?;
        texts.insert(key, text);
    }
    for (key, text) in &arguments.context_values {
        texts.insert(key, text.clone().into_bytes());
    }
    texts
        .into_iter()
        .map(|(key, text)| match parse_value(&text) {
            Ok(value) => Ok((key.to_owned(), value)),
            Err(error) => {
                let key = quote(key.as_bytes());
                let context = "cannot render composite resource: cannot unmarshal YAML/JSON for context key";
                Err(format!("{context} {key}: {error}"))
            }
        })
        .collect()
}

fn print(composite: &Value, mut outputs: Outputs, include: Include) -> Result<String, String> {
    if include.full_composite {
        for key in ["spec", "metadata"] {
            let value = composite
                .get(key)
                .ok_or_else(|| format!("cannot get composite resource {key}: {key}: no such field"))?;
            outputs.composite[key] = value.clone();
        }
    }
    let mut text = String::new();
    let mut write = |value: &Value, what: &str| {
        let document =
            emit_value(value).map_err(|error| format!("cannot marshal {what} to YAML: {error}"))?;
        text.push_str("---\n");
        text.push_str(&document);
        Ok::<(), String>(())
    };
    let name = composite.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    write(&outputs.composite, &format!("composite resource {}", quote(name.as_bytes())))?;
    for (name, resource) in &outputs.composed {
        write(resource, &format!("composed resource {}", quote(name.as_bytes())))?;
    }
    if include.results {
        for result in result_resources(&outputs.results) {
            write(&result, "result")?;
        }
    }
    if include.context {
        let context = json!({"apiVersion": "render.crossplane.io/v1beta1", "kind": "Context", "fields": outputs.context});
        write(&context, "context")?;
    }
    Ok(text)
}
