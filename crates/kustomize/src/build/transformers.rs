//! Transformers with their settings, as a kustomization or a plugin configuration makes them.

use std::collections::BTreeMap;

use crate::config::FieldSpec;
use crate::error::{Error, Result};
use crate::patch::{JsonPatch, LoadedPatch, Patch, apply_json_patch, apply_strategic_merge};
use crate::resource::{Resource, ResourceMap, parse_resources};
use crate::schema::Schemas;
use crate::select::{CompiledSelector, Selector};
use crate::transform::{
    Affix, Image, NamespaceTransform, Replacement, Replica, ValueTarget, add_affix, add_annotations,
    add_hash_suffixes, add_labels, add_value, apply_replacement, set_images, set_namespace, set_replicas,
};
use crate::tree::text;

use super::files::join_paths;
use super::loader::Loader;

/// A transformer that is ready to run.
pub(super) enum Transformer {
    /// Patches, each with the number of the entry that it comes from.
    StrategicMerge(Vec<(usize, Resource)>),
    Patch(LoadedPatch),
    Json6902 {
        patch: JsonPatch,
        target: Selector,
    },
    Namespace(NamespaceTransform),
    Prefix {
        prefix: String,
        specs: Vec<FieldSpec>,
    },
    Suffix {
        suffix: String,
        specs: Vec<FieldSpec>,
    },
    Labels {
        labels: BTreeMap<String, String>,
        specs: Vec<FieldSpec>,
    },
    Annotations {
        annotations: BTreeMap<String, String>,
        specs: Vec<FieldSpec>,
    },
    Replicas {
        replica: Replica,
        specs: Vec<FieldSpec>,
    },
    Images {
        image: Image,
        specs: Vec<FieldSpec>,
    },
    /// Replacements, each with the number of the entry that it comes from.
    Replacements(Vec<(usize, Replacement)>),
    Values {
        value: String,
        targets: Vec<ValueTarget>,
    },
    Hash,
    Sequence(Vec<Transformer>),
}

impl Transformer {
    /// Changes the resources.
    pub(super) fn apply(&self, resources: &mut ResourceMap, schemas: &Schemas) -> Result<()> {
        match self {
            Transformer::StrategicMerge(patches) => patches.iter().try_for_each(|(entry, patch)| {
                let position = resources.position_of(&patch.original_id(schemas), schemas);
                position
                    .and_then(|position| apply_strategic_merge(patch, &[position], resources, schemas))
                    .map_err(|error| error.of_item(*entry))
            }),
            Transformer::Patch(patch) => patch.apply(resources, schemas).map(drop),
            Transformer::Json6902 { patch, target } => {
                let selected = resources.select(&CompiledSelector::new(target)?, schemas)?;
                selected.into_iter().try_for_each(|position| {
                    resources.change(position, schemas, |resource| apply_json_patch(patch, resource))
                })
            }
            Transformer::Namespace(transform) => set_namespace(resources, transform, schemas),
            Transformer::Prefix { prefix, specs } => {
                add_affix(resources, Affix::Prefix(prefix), specs, schemas)
            }
            Transformer::Suffix { suffix, specs } => {
                add_affix(resources, Affix::Suffix(suffix), specs, schemas)
            }
            Transformer::Labels { labels, specs } => add_labels(resources, labels, specs),
            Transformer::Annotations { annotations, specs } => add_annotations(resources, annotations, specs),
            Transformer::Replicas { replica, specs } => set_replicas(resources, replica, specs, schemas),
            Transformer::Images { image, specs } => set_images(resources, image, specs),
            Transformer::Replacements(replacements) => {
                replacements.iter().try_for_each(|(entry, replacement)| {
                    apply_replacement(resources, replacement, schemas).map_err(|error| error.of_item(*entry))
                })
            }
            Transformer::Values { value, targets } => {
                targets.iter().try_for_each(|target| add_value(resources, value, target, schemas))
            }
            Transformer::Hash => add_hash_suffixes(resources, schemas),
            Transformer::Sequence(transformers) => {
                transformers.iter().try_for_each(|transformer| transformer.apply(resources, schemas))
            }
        }
    }
}

/// Reads strategic merge patches, each entry a patch or the file that holds some.
pub(super) fn load_strategic_merges(
    paths: &[String],
    inline: &str,
    loader: &Loader<'_>,
) -> Result<Transformer> {
    if paths.is_empty() && inline.is_empty() {
        return Err(Error::new("empty file path and empty patch content"));
    }
    let mut patches = Vec::new();
    for (entry, path) in paths.iter().enumerate() {
        let found = parse_resources(path)
            .or_else(|_| load_resources(path, loader))
            .map_err(|error| error.of_item(entry))?;
        patches.extend(found.into_iter().map(|patch| (entry, patch)));
    }
    if !inline.is_empty() {
        patches.extend(parse_resources(inline)?.into_iter().map(|patch| (paths.len(), patch)));
    }
    if patches.is_empty() {
        let files = crate::go::list(paths);
        return Err(Error::new(format!("patch appears to be empty; files={files}, Patch={inline}")));
    }
    Ok(Transformer::StrategicMerge(patches))
}

/// Reads the resources of a file.
pub(super) fn load_resources(path: &str, loader: &Loader<'_>) -> Result<Vec<Resource>> {
    let content = loader.load_text(path)?;
    let file = join_paths(loader.root(), path);
    let mut resources = parse_resources(&content)
        .map_err(|error| name_file(error.in_file(&file, plimsoll_yaml::Span::NONE), path))?;
    let shared: std::sync::Arc<str> = file.as_str().into();
    for resource in &mut resources {
        resource.file = Some(std::sync::Arc::clone(&shared));
        if let Some(place) = &mut resource.doubled_key {
            place.file.clone_from(&file);
        }
    }
    Ok(resources)
}

/// Adds the file to errors of its syntax.
pub(super) fn name_file(error: Error, path: &str) -> Error {
    let error = error.in_file(path, plimsoll_yaml::Span::NONE);
    if !error.message().contains("MalformedYAMLError") {
        return error;
    }
    let message = format!("{} in File: {path}", error.message());
    error.with_message(message)
}

/// Reads a JSON patch with its target.
pub(super) fn load_json6902(entry: &Patch, loader: &Loader<'_>) -> Result<Transformer> {
    let target = entry.target.clone().unwrap_or_default();
    if target.name.is_empty() {
        return Err(Error::new("must specify the target name"));
    }
    let mut operations = entry.patch.clone();
    if entry.path.is_empty() && operations.is_empty() {
        return Err(Error::new("empty file path and empty jsonOp"));
    }
    if !entry.path.is_empty() {
        if !operations.is_empty() {
            return Err(Error::new("must specify a file path or jsonOp, not both"));
        }
        operations = loader.load_text(&entry.path)?;
        if operations.is_empty() {
            return Err(Error::new(format!("patch file '{}' empty seems to be empty", entry.path)));
        }
    }
    if !operations.starts_with('[') {
        operations = crate::tree::json::to_go_string(&text::yaml_to_json(&operations)?);
    }
    let patch = if operations.starts_with('[') {
        JsonPatch::parse(&operations)
    } else {
        crate::tree::json::parse(&operations).and_then(JsonPatch::of_value)
    };
    let patch = patch.map_err(|error| error.wrap(format!("decoding {operations}")))?;
    if patch.is_empty() {
        let path = &entry.path;
        return Err(Error::new(format!("patch appears to be empty; file={path}, JsonOp={operations}")));
    }
    Ok(Transformer::Json6902 { patch, target })
}
