//! The transformers that the fields of a kustomization ask for, in kustomize's order, each with the entry that asks for it.
//!
//! Follows `internal/target/kusttarget_configplugin.go` of kustomize api v0.21.1.

use serde_json::{Map, Value};

use super::origin::Origin;
use super::plugins::load_replacements;
use super::target::Target;
use super::transformers::{Transformer, load_json6902, load_strategic_merges};
use crate::config::{FieldSpec, TransformerConfig, merge_all, merge_one};
use crate::error::{Error, Result};
use crate::kustomization::{FieldEntry, to_json_patch};
use crate::patch::LoadedPatch;
use crate::transform::NamespaceTransform;
use crate::tree::text;

/// A transformer that is to run, and what asked for it.
pub(super) struct PlannedTransformer {
    pub(super) transformer: Transformer,
    pub(super) origin: Option<Origin>,
    pub(super) entry: FieldEntry,
}

impl Target<'_> {
    /// The transformers that the fields ask for.
    pub(super) fn builtin_transformers(&self, config: &TransformerConfig) -> Result<Vec<PlannedTransformer>> {
        let mut made = Vec::new();
        let mut add = |kind: &str, entry: FieldEntry, transformer: Result<Transformer>| -> Result<()> {
            let transformer = transformer.map_err(|error| self.asked_for(error, entry))?;
            let origin = self.origin.as_ref().map(|origin| origin.of_builtin(self.file_name, kind));
            made.push(PlannedTransformer { transformer, origin, entry });
            Ok(())
        };
        let file = &self.kustomization;
        if !file.patches_strategic_merge.is_empty() {
            let paths = &file.patches_strategic_merge;
            let config = Value::Object(Map::from_iter([("paths".to_owned(), Value::from(paths.clone()))]));
            let kind = "PatchStrategicMergeTransformer";
            let loaded = load_strategic_merges(paths, "", &self.loader);
            let entry = FieldEntry::field(&["patchesStrategicMerge"]);
            add(kind, entry, loaded.map_err(|error| trouble(error, kind, &config)))?;
        }
        for (index, patch) in file.patches.iter().enumerate() {
            let config = to_json_patch(patch, "patch");
            let text = text::print_json(&config)?;
            let loaded = LoadedPatch::load(patch, &text, &mut |path| self.loader.load_text(path));
            let (kind, entry) = ("PatchTransformer", FieldEntry::item(&["patches"], index));
            let loaded = loaded.map(Transformer::Patch).map_err(|error| trouble(error, kind, &config));
            add(kind, entry, loaded)?;
        }
        if !file.namespace.is_empty() {
            let transform = NamespaceTransform {
                namespace: file.namespace.clone(),
                specs: config.namespace.clone(),
                ..NamespaceTransform::default()
            };
            let entry = FieldEntry::field(&["namespace"]);
            add("NamespaceTransformer", entry, Ok(Transformer::Namespace(transform)))?;
        }
        if !file.name_prefix.is_empty() {
            let (prefix, specs) = (file.name_prefix.clone(), config.name_prefix.clone());
            let entry = FieldEntry::field(&["namePrefix"]);
            add("PrefixTransformer", entry, Ok(Transformer::Prefix { prefix, specs }))?;
        }
        if !file.name_suffix.is_empty() {
            let (suffix, specs) = (file.name_suffix.clone(), config.name_suffix.clone());
            let entry = FieldEntry::field(&["nameSuffix"]);
            add("SuffixTransformer", entry, Ok(Transformer::Suffix { suffix, specs }))?;
        }
        if !file.labels.is_empty() || !file.common_labels.is_empty() {
            for (index, label) in file.labels.iter().enumerate() {
                let labels = label_specs(label, config)
                    .map(|specs| Transformer::Labels { labels: label.pairs.clone(), specs });
                add("LabelTransformer", FieldEntry::item(&["labels"], index), labels)?;
            }
            let (labels, specs) = (file.common_labels.clone(), config.common_labels.clone());
            let entry = FieldEntry::field(&["commonLabels"]);
            add("LabelTransformer", entry, Ok(Transformer::Labels { labels, specs }))?;
        }
        if !file.common_annotations.is_empty() {
            let (annotations, specs) = (file.common_annotations.clone(), config.common_annotations.clone());
            let entry = FieldEntry::field(&["commonAnnotations"]);
            add("AnnotationsTransformer", entry, Ok(Transformer::Annotations { annotations, specs }))?;
        }
        for (index, patch) in file.patches_json6902.iter().enumerate() {
            let (kind, entry) = ("PatchJson6902Transformer", FieldEntry::item(&["patchesJson6902"], index));
            let loaded = load_json6902(patch, &self.loader);
            add(kind, entry, loaded.map_err(|error| trouble(error, kind, &to_json_patch(patch, "jsonOp"))))?;
        }
        for (index, replica) in file.replicas.iter().enumerate() {
            let (replica, specs) = (replica.clone(), config.replicas.clone());
            let entry = FieldEntry::item(&["replicas"], index);
            add("ReplicaCountTransformer", entry, Ok(Transformer::Replicas { replica, specs }))?;
        }
        for (index, image) in file.images.iter().enumerate() {
            let (image, specs) = (image.clone(), config.images.clone());
            let entry = FieldEntry::item(&["images", "imageTags"], index);
            add("ImageTagTransformer", entry, Ok(Transformer::Images { image, specs }))?;
        }
        if !file.replacements.is_empty() {
            let (kind, entry) = ("ReplacementTransformer", FieldEntry::field(&["replacements"]));
            let loaded = load_replacements(&file.replacements, &self.loader);
            let config = crate::kustomization::to_json_replacements(&file.replacements);
            let loaded = loaded.map(Transformer::Replacements);
            add(kind, entry, loaded.map_err(|error| trouble(error, kind, &config)))?;
        }
        Ok(made)
    }
}

fn label_specs(label: &crate::kustomization::Label, config: &TransformerConfig) -> Result<Vec<FieldSpec>> {
    let failed = |error: Error| error.wrap("failed to merge labels");
    let mut specs = label.fields.clone();
    merge_all(&mut specs, &config.labels).map_err(failed)?;
    if label.include_selectors {
        merge_all(&mut specs, &config.common_labels).map_err(failed)?;
        return Ok(specs);
    }
    if label.include_templates {
        merge_all(&mut specs, &config.template_labels)
            .map_err(|error| error.wrap("failed to merge template fieldSpec"))?;
    }
    merge_one(&mut specs, FieldSpec::anywhere("metadata/labels")).map_err(failed)?;
    Ok(specs)
}

/// The error of settings, with the settings as kustomize shows them.
pub(super) fn trouble(error: Error, kind: &str, config: &Value) -> Error {
    let config = text::print_json(config).unwrap_or_default();
    error.wrap(format!("trouble configuring builtin {kind} with config: `\n{config}`"))
}
