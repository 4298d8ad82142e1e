//! The parts of a kustomization that built-in plugins take as their configuration too, read from and written as plain data.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::file::ReplacementEntry;
use crate::config::read_gvk;
use crate::decode::Fields;
use crate::identity::ResourceId;
use crate::patch::{Patch, PatchOptions};
use crate::select::Selector;
use crate::transform::{FieldOptions, Image, Replacement, ReplacementSource, ReplacementTarget, Replica};

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GeneratorArguments {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) behavior: String,
    pub(crate) literals: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) envs: Vec<String>,
    pub(crate) options: Option<GeneratorOptions>,
    /// The type of a Secret.
    pub(crate) secret_type: String,
}

/// `generatorOptions`, or the `options` of one generator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GeneratorOptions {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) disable_name_suffix_hash: bool,
    pub(crate) immutable: bool,
}

impl GeneratorOptions {
    pub(crate) fn read(fields: &mut Fields<'_, '_>) -> GeneratorOptions {
        GeneratorOptions {
            labels: fields.string_map("labels").unwrap_or_default(),
            annotations: fields.string_map("annotations").unwrap_or_default(),
            disable_name_suffix_hash: fields.bool("disableNameSuffixHash"),
            immutable: fields.bool("immutable"),
        }
    }
}

impl GeneratorArguments {
    /// Adds what the options of the whole kustomization say; the generator's own win.
    pub(crate) fn with_options(mut self, global: Option<&GeneratorOptions>) -> GeneratorArguments {
        let Some(global) = global else { return self };
        let own = self.options.get_or_insert_default();
        for (mine, theirs) in [(&mut own.labels, &global.labels), (&mut own.annotations, &global.annotations)]
        {
            for (key, value) in theirs {
                mine.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        own.disable_name_suffix_hash |= global.disable_name_suffix_hash;
        own.immutable |= global.immutable;
        self
    }
}

/// Reads a generator; `env` is the old spelling of one entry of `envs`, which a plugin's configuration does not know.
pub(crate) fn read_generator_arguments(fields: &mut Fields<'_, '_>, is_plugin: bool) -> GeneratorArguments {
    fields.embedded("GeneratorArgs");
    let mut arguments = GeneratorArguments {
        name: fields.string("name"),
        namespace: fields.string("namespace"),
        behavior: fields.string("behavior"),
        options: fields.structure("options", "GeneratorOptions", GeneratorOptions::read),
        ..GeneratorArguments::default()
    };
    fields.embedded("GeneratorArgs.KvPairSources");
    arguments.literals = fields.strings("literals");
    arguments.files = fields.strings("files");
    arguments.envs = fields.strings("envs");
    let env = fields.string("env");
    if !env.is_empty() && !is_plugin {
        arguments.envs.push(env);
    }
    fields.embedded("");
    arguments.secret_type = fields.string("type");
    arguments
}

/// Reads a selector.
pub(crate) fn read_selector(fields: &mut Fields<'_, '_>) -> Selector {
    fields.embedded("ResId.Gvk");
    let (group, version, kind) = (fields.string("group"), fields.string("version"), fields.string("kind"));
    fields.embedded("ResId");
    let (name, namespace) = (fields.string("name"), fields.string("namespace"));
    fields.embedded("");
    Selector {
        group,
        version,
        kind,
        name,
        namespace,
        annotation_selector: fields.string("annotationSelector"),
        label_selector: fields.string("labelSelector"),
    }
}

/// Reads an entry of `patches`.
pub(crate) fn read_patch(fields: &mut Fields<'_, '_>) -> Patch {
    Patch {
        path: fields.string("path"),
        patch: fields.string("patch"),
        target: fields.structure("target", "Selector", read_selector),
        options: fields
            .structure("options", "PatchArgs", |fields| PatchOptions {
                allow_name_change: fields.bool("allowNameChange"),
                allow_kind_change: fields.bool("allowKindChange"),
            })
            .unwrap_or_default(),
    }
}

/// Reads an entry of `images`.
pub(crate) fn read_image(fields: &mut Fields<'_, '_>) -> Image {
    Image {
        name: fields.string("name"),
        new_name: fields.string("newName"),
        tag_suffix: fields.string("tagSuffix"),
        new_tag: fields.string("newTag"),
        digest: fields.string("digest"),
    }
}

/// Reads an entry of `replicas`.
pub(crate) fn read_replica(fields: &mut Fields<'_, '_>) -> Replica {
    Replica { name: fields.string("name"), count: fields.int("count", "int64") }
}

/// Reads an entry of `replacements`.
pub(crate) fn read_replacement(fields: &mut Fields<'_, '_>) -> Replacement {
    Replacement {
        source: fields.structure("source", "SourceSelector", |fields| {
            fields.embedded("ResId");
            let (name, namespace) = (fields.string("name"), fields.string("namespace"));
            let gvk = read_gvk(fields);
            ReplacementSource {
                id: ResourceId { gvk, name: name.into(), namespace: namespace.into() },
                field_path: fields.string("fieldPath"),
                options: fields.structure("options", "FieldOptions", read_field_options),
            }
        }),
        source_value: fields.optional_string("sourceValue"),
        targets: fields.optional_structures("targets", "TargetSelector", |fields| ReplacementTarget {
            select: fields.structure("select", "Selector", read_selector),
            reject: fields.structures("reject", "Selector", read_selector),
            field_paths: fields.strings("fieldPaths"),
            options: fields.structure("options", "FieldOptions", read_field_options),
        }),
    }
}

fn read_field_options(fields: &mut Fields<'_, '_>) -> FieldOptions {
    FieldOptions {
        delimiter: fields.string("delimiter"),
        index: fields.int("index", "int"),
        encoding: fields.string("encoding"),
        create: fields.bool("create"),
    }
}

/// A mapping of what is not empty.
pub(crate) fn to_json_texts(pairs: &[(&str, &str)]) -> Map<String, Value> {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect()
}

/// A selector as plain data.
pub(crate) fn to_json_selector(selector: &Selector) -> Value {
    Value::Object(to_json_texts(&[
        ("group", &selector.group),
        ("version", &selector.version),
        ("kind", &selector.kind),
        ("name", &selector.name),
        ("namespace", &selector.namespace),
        ("annotationSelector", &selector.annotation_selector),
        ("labelSelector", &selector.label_selector),
    ]))
}

/// A patch as plain data, the patch itself under the given key.
pub(crate) fn to_json_patch(patch: &Patch, text_key: &str) -> Value {
    let mut map = to_json_texts(&[("path", &patch.path), (text_key, &patch.patch)]);
    if let Some(target) = &patch.target {
        map.insert("target".to_owned(), to_json_selector(target));
    }
    let options = [
        ("allowNameChange", patch.options.allow_name_change),
        ("allowKindChange", patch.options.allow_kind_change),
    ];
    let enabled: Map<String, Value> = options
        .into_iter()
        .filter(|(_, enabled)| *enabled)
        .map(|(key, _)| (key.to_owned(), true.into()))
        .collect();
    if !enabled.is_empty() && text_key == "patch" {
        map.insert("options".to_owned(), enabled.into());
    }
    Value::Object(map)
}

/// Entries of `replacements` as plain data.
pub(crate) fn to_json_replacements(entries: &[ReplacementEntry]) -> Value {
    let options = |options: &Option<FieldOptions>, map: &mut Map<String, Value>| {
        if let Some(options) = options {
            let mut written =
                to_json_texts(&[("delimiter", &options.delimiter), ("encoding", &options.encoding)]);
            if options.index != 0 {
                written.insert("index".to_owned(), options.index.into());
            }
            if options.create {
                written.insert("create".to_owned(), true.into());
            }
            map.insert("options".to_owned(), written.into());
        }
    };
    let entry = |entry: &ReplacementEntry| {
        let mut map = to_json_texts(&[("path", &entry.path)]);
        let replacement = &entry.replacement;
        if let Some(source) = &replacement.source {
            let mut written = to_json_texts(&[
                ("group", &source.id.gvk.group),
                ("version", &source.id.gvk.version),
                ("kind", &source.id.gvk.kind),
                ("name", &source.id.name),
                ("namespace", &source.id.namespace),
                ("fieldPath", &source.field_path),
            ]);
            options(&source.options, &mut written);
            map.insert("source".to_owned(), written.into());
        }
        if let Some(value) = &replacement.source_value {
            map.insert("sourceValue".to_owned(), value.clone().into());
        }
        let targets = replacement.targets.iter().flatten().map(|target| {
            let mut written = Map::new();
            written.insert("select".to_owned(), target.select.as_ref().map_or(Value::Null, to_json_selector));
            if !target.reject.is_empty() {
                written.insert("reject".to_owned(), target.reject.iter().map(to_json_selector).collect());
            }
            if !target.field_paths.is_empty() {
                written.insert("fieldPaths".to_owned(), target.field_paths.clone().into());
            }
            options(&target.options, &mut written);
            Value::Object(written)
        });
        let targets: Vec<Value> = targets.collect();
        if !targets.is_empty() {
            map.insert("targets".to_owned(), targets.into());
        }
        Value::Object(map)
    };
    let list: Vec<Value> = entries.iter().map(entry).collect();
    Value::Object(Map::from_iter([("Replacements".to_owned(), list.into())]))
}
