//! Built-in generators and transformers that are configured by resources of their own.
//!
//! Everything else that such a resource may ask for, an executable, a container, a Go plugin, is refused.

use serde_json::Value;

use super::loader::Loader;
use super::run::HelmOptions;
use super::transformers::{Transformer, load_json6902, load_strategic_merges};
use crate::config::{FieldSpec, read_specs};
use crate::decode::{Decoder, Fields};
use crate::error::{Error, Result};
use crate::generate::{IamPolicy, validate_chart};
use crate::kustomization::{
    Chart, ChartGlobals, GeneratorArguments, ReplacementEntry, read_chart, read_generator_arguments,
    read_globals, read_image, read_patch, read_replacement, read_replica, read_selector,
};
use crate::patch::{LoadedPatch, Patch};
use crate::resource::Resource;
use crate::schema::Schemas;
use crate::transform::{NamespaceTransform, Replacement, RoleBindingSubjects, ValueTarget};
use crate::tree::text;

/// A generator that is ready to run.
pub(super) enum Generator {
    ConfigMap(GeneratorArguments),
    Secret(GeneratorArguments),
    IamPolicy(IamPolicy),
    Chart(Box<Chart>, ChartGlobals),
}

/// What a configuration makes.
pub(super) enum Plugin {
    Generator(Generator),
    Transformer(Transformer),
}

/// Makes the plugin that a resource configures.
pub(super) fn load_plugin(
    configuration: &Resource,
    loader: &Loader<'_>,
    helm: &HelmOptions,
    schemas: &Schemas,
) -> Result<Plugin> {
    let gvk = configuration.gvk(schemas);
    if !(gvk.group.is_empty() && gvk.version == "builtin") {
        return Err(Error::new(format!(
            "external plugins disabled; unable to load external plugin '{}'",
            configuration.original_id(schemas).gvk.kind
        )));
    }
    let value = configuration.to_json()?;
    let plugin = configure(configuration.kind(), &value, loader, helm)
        .ok_or_else(|| Error::new(format!("unable to load builtin {gvk}")))?;
    plugin.map_err(|error| {
        error.wrap(format!("plugin {} fails configuration", configuration.original_id(schemas)))
    })
}

fn configure(kind: &str, value: &Value, loader: &Loader<'_>, helm: &HelmOptions) -> Option<Result<Plugin>> {
    let generator = |generator: Result<Generator>| Some(generator.map(Plugin::Generator));
    let transformer = |transformer: Result<Transformer>| Some(transformer.map(Plugin::Transformer));
    match kind {
        "ConfigMapGenerator" => generator(read_arguments(value).map(Generator::ConfigMap)),
        "SecretGenerator" => generator(read_arguments(value).map(Generator::Secret)),
        "IAMPolicyGenerator" => generator(decode(value, read_iam_policy).map(Generator::IamPolicy)),
        "HelmChartInflationGenerator" => generator(read_chart_generator(value, helm)),
        "AnnotationsTransformer" => transformer(decode(value, |fields| Transformer::Annotations {
            annotations: fields.string_map("annotations").unwrap_or_default(),
            specs: read_specs(fields, "fieldSpecs"),
        })),
        "LabelTransformer" => transformer(decode(value, |fields| Transformer::Labels {
            labels: fields.string_map("labels").unwrap_or_default(),
            specs: read_specs(fields, "fieldSpecs"),
        })),
        "ImageTagTransformer" => transformer(decode(value, |fields| Transformer::Images {
            image: fields.structure("imageTag", "Image", read_image).unwrap_or_default(),
            specs: read_specs(fields, "fieldSpecs"),
        })),
        "ReplicaCountTransformer" => transformer(decode(value, |fields| Transformer::Replicas {
            replica: fields.structure("replica", "Replica", read_replica).unwrap_or_default(),
            specs: read_specs(fields, "fieldSpecs"),
        })),
        "NamespaceTransformer" => transformer(read_namespace(value)),
        "PrefixTransformer" => transformer(read_affix(value, "prefix").map(prefix)),
        "SuffixTransformer" => transformer(read_affix(value, "suffix").map(suffix)),
        "PrefixSuffixTransformer" => transformer(read_affix(value, "prefix").and_then(|first| {
            Ok(Transformer::Sequence(vec![prefix(first), suffix(read_affix(value, "suffix")?)]))
        })),
        "PatchTransformer" => transformer(read_patch_transformer(value, loader)),
        "PatchStrategicMergeTransformer" => {
            let settings = decode(value, |fields| (fields.strings("paths"), fields.string("patches")));
            transformer(settings.and_then(|(paths, patches)| load_strategic_merges(&paths, &patches, loader)))
        }
        "PatchJson6902Transformer" => {
            let entry = decode(value, |fields| Patch {
                target: fields.structure("target", "Selector", read_selector),
                path: fields.string("path"),
                patch: fields.string("jsonOp"),
                ..Patch::default()
            });
            transformer(entry.and_then(|entry| load_json6902(&entry, loader)))
        }
        "ReplacementTransformer" => {
            let entries =
                decode(value, |fields| fields.structures("replacements", "ReplacementField", read_entry));
            transformer(
                entries
                    .and_then(|entries| load_replacements(&entries, loader))
                    .map(Transformer::Replacements),
            )
        }
        "ValueAddTransformer" => transformer(read_value_add(value, loader)),
        "HashTransformer" => transformer(Ok(Transformer::Hash)),
        _ => None,
    }
}

/// Reads the settings of a plugin, which may have fields that nobody knows.
fn decode<T>(value: &Value, read: impl FnOnce(&mut Fields<'_, '_>) -> T) -> Result<T> {
    let mut decoder = Decoder::lenient("Plugin").converting();
    let empty = Value::Object(serde_json::Map::new());
    let value = if value.is_object() { value } else { &empty };
    let decoded = decoder.object(value).map(|mut fields| read(&mut fields));
    decoder.finish().map_err(|error| error.wrap("error unmarshaling JSON: while decoding JSON"))?;
    decoded.ok_or_else(|| Error::new("a configuration is no object"))
}

fn read_arguments(value: &Value) -> Result<GeneratorArguments> {
    decode(value, |fields| {
        let mut arguments = read_generator_arguments(fields, true);
        let metadata = fields.structure("metadata", "ObjectMeta", |fields| {
            (fields.string("name"), fields.string("namespace"))
        });
        let (name, namespace) = metadata.unwrap_or_default();
        if arguments.name.is_empty() {
            arguments.name = name;
        }
        if arguments.namespace.is_empty() {
            arguments.namespace = namespace;
        }
        arguments
    })
}

fn read_iam_policy(fields: &mut Fields<'_, '_>) -> IamPolicy {
    let service = fields.structure("kubernetesService", "KubernetesService", |fields| {
        (fields.string("name"), fields.string("namespace"))
    });
    let account = fields.structure("serviceAccount", "ServiceAccount", |fields| {
        (fields.string("name"), fields.string("projectId"))
    });
    let (kubernetes_name, kubernetes_namespace) = service.unwrap_or_default();
    let (account_name, project_id) = account.unwrap_or_default();
    IamPolicy {
        cloud: fields.string("cloud"),
        kubernetes_name,
        kubernetes_namespace,
        account_name,
        project_id,
    }
}

fn read_chart_generator(value: &Value, helm: &HelmOptions) -> Result<Generator> {
    helm.require()?;
    let (chart, globals) = decode(value, |fields| (read_chart(fields), read_globals(fields)))?;
    validate_chart(&chart)?;
    Ok(Generator::Chart(Box::new(helm.apply_to(chart)), globals))
}

fn read_namespace(value: &Value) -> Result<Transformer> {
    let (mut transform, subjects) = decode(value, |fields| {
        let namespace = fields.structure("metadata", "ObjectMeta", |fields| fields.string("namespace"));
        let transform = NamespaceTransform {
            namespace: namespace.unwrap_or_default(),
            specs: read_specs(fields, "fieldSpecs"),
            unset_only: fields.bool("unsetOnly"),
            subjects: RoleBindingSubjects::Default,
        };
        (transform, fields.string("setRoleBindingSubjects"))
    })
    .map_err(|error| error.wrap("unmarshalling NamespaceTransformer config"))?;
    transform.subjects = match subjects.as_str() {
        "" | "defaultOnly" => RoleBindingSubjects::Default,
        "allServiceAccounts" => RoleBindingSubjects::AllServiceAccounts,
        "none" => RoleBindingSubjects::Nobody,
        other => {
            return Err(Error::new(format!(
                "invalid value {} for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \"allServiceAccounts\"",
                crate::go::quote(other)
            )));
        }
    };
    Ok(Transformer::Namespace(transform))
}

fn read_affix(value: &Value, name: &str) -> Result<(String, Vec<FieldSpec>)> {
    let (affix, specs) = decode(value, |fields| {
        let specs = fields.has("fieldSpecs").then(|| read_specs(fields, "fieldSpecs"));
        (fields.string(name), specs)
    })?;
    let specs = specs.ok_or_else(|| Error::new("fieldSpecs is not expected to be nil"))?;
    Ok((affix, specs))
}

fn prefix((prefix, specs): (String, Vec<FieldSpec>)) -> Transformer {
    Transformer::Prefix { prefix, specs }
}

fn suffix((suffix, specs): (String, Vec<FieldSpec>)) -> Transformer {
    Transformer::Suffix { suffix, specs }
}

fn read_patch_transformer(value: &Value, loader: &Loader<'_>) -> Result<Transformer> {
    let patch = decode(value, read_patch)?;
    let config = text::print_json(value)?;
    LoadedPatch::load(&patch, &config, &mut |path| loader.load_text(path)).map(Transformer::Patch)
}

fn read_entry(fields: &mut Fields<'_, '_>) -> ReplacementEntry {
    ReplacementEntry { replacement: read_replacement(fields), path: fields.string("path") }
}

/// The replacements of all entries, those in files included, each with the number of its entry.
pub(super) fn load_replacements(
    entries: &[ReplacementEntry],
    loader: &Loader<'_>,
) -> Result<Vec<(usize, Replacement)>> {
    let mut replacements = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let loaded = load_replacement(entry, loader).map_err(|error| error.of_item(index))?;
        replacements.extend(loaded.into_iter().map(|replacement| (index, replacement)));
    }
    Ok(replacements)
}

fn load_replacement(entry: &ReplacementEntry, loader: &Loader<'_>) -> Result<Vec<Replacement>> {
    if entry.path.is_empty() {
        return Ok(vec![entry.replacement.clone()]);
    }
    let has_targets = entry.replacement.targets.as_ref().is_some_and(|targets| !targets.is_empty());
    if entry.replacement.source.is_some() || has_targets {
        return Err(Error::new("cannot specify both path and inline replacement"));
    }
    let value = text::yaml_to_json(loader.load(&entry.path)?)
        .map_err(|error| error.wrap("error converting YAML to JSON"))?;
    let kind = match &value {
        Value::Array(items) => {
            return items.iter().map(|item| decode(item, read_replacement)).collect();
        }
        Value::Object(_) => return Ok(vec![decode(&value, read_replacement)?]),
        Value::Null => "invalid",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "float64",
    };
    Err(Error::new(format!("unsupported replacement type encountered within replacement path: {kind}")))
}

fn read_value_add(value: &Value, loader: &Loader<'_>) -> Result<Transformer> {
    let (mut added, mut targets, file) = decode(value, |fields| {
        (fields.string("value"), read_targets(fields), fields.string("targetFilePath"))
    })?;
    added = added.trim().to_owned();
    if added.is_empty() {
        added = loader.root().rsplit('/').next().unwrap_or_default().to_owned();
    }
    if !file.is_empty() {
        let content = text::yaml_to_json(loader.load(&file)?)?;
        targets.extend(decode(&content, read_targets)?);
    }
    if targets.is_empty() {
        return Err(Error::new("must specify at least one target"));
    }
    for target in &targets {
        if target.field_path.is_empty() {
            return Err(Error::new("fieldPath cannot be empty"));
        }
        if target.file_path_position < 0 {
            return Err(Error::new(format!(
                "value of FilePathPosition ({}) cannot be negative",
                target.file_path_position
            )));
        }
    }
    Ok(Transformer::Values { value: added, targets })
}

fn read_targets(fields: &mut Fields<'_, '_>) -> Vec<ValueTarget> {
    fields.structures("targets", "Target", |fields| ValueTarget {
        selector: fields.structure("selector", "Selector", read_selector),
        field_path: fields.string("fieldPath"),
        file_path_position: fields.int("filePathPosition", "int"),
    })
}
