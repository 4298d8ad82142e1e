//! Bytes into a kustomization, with the warnings for deprecated fields.

use crate::config::{read_gvk, read_specs};
use crate::decode::{Decoder, Fields};
use crate::error::{Error, Result};
use crate::transform::{SortOptions, Variable};
use crate::tree::text;

use super::arguments::{
    GeneratorOptions, read_generator_arguments, read_image, read_patch, read_replacement, read_replica,
};
use super::charts::{read_chart, read_globals, read_old_chart};
use super::field_entry::span_of;
use super::file::{Kustomization, Label, ReplacementEntry};

const RUN_FIX: &str = "Run 'kustomize edit fix' to update your Kustomization automatically.";

/// The deprecated fields with what takes their place.
const DEPRECATED: &[(&str, &str)] = &[
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
];

const VERSION: &str = "kustomize.config.k8s.io/v1beta1";
const COMPONENT_VERSION: &str = "kustomize.config.k8s.io/v1alpha1";

impl Kustomization {
    /// Reads a kustomization file of the folder `root`; each warning is given to `warn`.
    pub(crate) fn read(content: &[u8], root: &str, warn: &mut dyn FnMut(&str)) -> Result<Kustomization> {
        let value = text::yaml_to_json(content).map_err(|error| error.wrap("invalid Kustomization"))?;
        let mut decoder = Decoder::strict("Kustomization");
        let mut is_empty = true;
        let mut kustomization = Kustomization::default();
        if let Some(mut fields) = decoder.object(&value) {
            is_empty = is_without_content(&fields);
            for (field, instead) in DEPRECATED.iter().filter(|(field, _)| fields.has(field)) {
                let experimental = if *field == "vars" { "[EXPERIMENTAL] " } else { "" };
                let warning = format!(
                    "# Warning: '{field}' is deprecated. Please use '{instead}' instead. {experimental}{RUN_FIX}"
                );
                kustomization.warnings.push(warning);
            }
            kustomization.fill(&mut fields);
        }
        decoder
            .finish_with(|path| span_of(content, path))
            .map_err(|error| error.wrap("invalid Kustomization"))?;
        kustomization.warnings.drain(..).for_each(|warning| warn(&warning));
        if kustomization.kind.is_empty() {
            "Kustomization".clone_into(&mut kustomization.kind);
        }
        let version = if kustomization.is_component() { COMPONENT_VERSION } else { VERSION };
        if kustomization.api_version.is_empty() {
            version.clone_into(&mut kustomization.api_version);
        }
        if is_empty {
            return Err(Error::new("kustomization.yaml is empty"));
        }
        kustomization.check_type(version, root)?;
        Ok(kustomization)
    }

    fn check_type(&self, version: &str, root: &str) -> Result<()> {
        let mut problems = Vec::new();
        if self.kind != "Kustomization" && self.kind != "Component" {
            problems.push("kind should be Kustomization or Component".to_owned());
        }
        if self.api_version != version {
            problems.push(format!("apiVersion for {} should be {version}", self.kind));
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::new(format!("Failed to read kustomization file under {root}:\n{}", problems.join("\n"))))
    }

    fn fill(&mut self, fields: &mut Fields<'_, '_>) {
        fields.embedded("TypeMeta");
        self.api_version = fields.string("apiVersion");
        self.kind = fields.string("kind");
        fields.embedded("");
        fields.structure("metadata", "ObjectMeta", |fields| {
            fields.string("name");
            fields.string("namespace");
            fields.string_map("labels");
            fields.string_map("annotations");
        });
        self.openapi = fields.string_map("openapi").unwrap_or_default();
        self.name_prefix = fields.string("namePrefix");
        self.name_suffix = fields.string("nameSuffix");
        self.namespace = fields.string("namespace");
        self.common_labels = fields.string_map("commonLabels").unwrap_or_default();
        self.common_annotations = fields.string_map("commonAnnotations").unwrap_or_default();
        self.labels = fields.structures("labels", "Label", |fields| Label {
            pairs: fields.string_map("pairs").unwrap_or_default(),
            include_selectors: fields.bool("includeSelectors"),
            include_templates: fields.bool("includeTemplates"),
            fields: read_specs(fields, "fields"),
        });
        self.patches_strategic_merge = fields.strings("patchesStrategicMerge");
        self.patches_json6902 = fields.structures("patchesJson6902", "Patch", read_patch);
        self.patches = fields.structures("patches", "Patch", read_patch);
        self.images = fields.structures("images", "Image", read_image);
        self.images.extend(fields.structures("imageTags", "Image", read_image));
        self.replacements = fields.structures("replacements", "ReplacementField", |fields| {
            fields.embedded("Replacement");
            let replacement = read_replacement(fields);
            fields.embedded("");
            ReplacementEntry { path: fields.string("path"), replacement }
        });
        self.replicas = fields.structures("replicas", "Replica", read_replica);
        self.variables = fields.structures("vars", "Var", read_variable);
        self.sort_options = fields.structure("sortOptions", "SortOptions", |fields| SortOptions {
            order: fields.typed_string("order", "types.SortOrder").unwrap_or_default(),
            legacy: fields.structure("legacySortOptions", "LegacySortOptions", |fields| {
                (fields.strings("orderFirst"), fields.strings("orderLast"))
            }),
        });
        self.resources = fields.strings("resources");
        self.resources.extend(fields.strings("bases"));
        self.components = fields.strings("components");
        self.crds = fields.strings("crds");
        self.config_map_generator = fields.structures("configMapGenerator", "ConfigMapArgs", |fields| {
            read_generator_arguments(fields, false)
        });
        self.secret_generator = fields
            .structures("secretGenerator", "SecretArgs", |fields| read_generator_arguments(fields, false));
        self.read_charts(fields);
        self.generator_options =
            fields.structure("generatorOptions", "GeneratorOptions", GeneratorOptions::read);
        self.configurations = fields.strings("configurations");
        self.generators = fields.strings("generators");
        self.transformers = fields.strings("transformers");
        self.validators = fields.strings("validators");
        self.build_metadata = fields.strings("buildMetadata");
    }

    fn read_charts(&mut self, fields: &mut Fields<'_, '_>) {
        let globals = fields.structure("helmGlobals", "HelmGlobals", read_globals);
        self.helm_charts = fields.structures("helmCharts", "HelmChart", read_chart);
        let old = fields.structures("helmChartInflationGenerator", "HelmChartArgs", read_old_chart);
        let mut old_globals = super::ChartGlobals::default();
        for (chart, globals) in old {
            self.helm_charts.push(chart);
            if !globals.chart_home.is_empty() {
                old_globals.chart_home = globals.chart_home;
            }
            if !globals.config_home.is_empty() {
                old_globals.config_home = globals.config_home;
            }
        }
        self.helm_globals = globals.unwrap_or(old_globals);
    }
}

fn read_variable(fields: &mut Fields<'_, '_>) -> Variable {
    let mut variable = Variable { name: fields.string("name"), ..Variable::default() };
    fields.structure("objref", "Target", |fields| {
        variable.api_version = fields.string("apiVersion");
        variable.gvk = read_gvk(fields);
        variable.object_name = fields.string("name");
        variable.object_namespace = fields.string("namespace");
    });
    fields.structure("fieldref", "FieldSelector", |fields| variable.field_path = fields.string("fieldPath"));
    variable
}

/// Whether nothing but the type is said; an empty list says something, an empty text does not.
fn is_without_content(fields: &Fields<'_, '_>) -> bool {
    const TEXTS: [&str; 3] = ["namePrefix", "nameSuffix", "namespace"];
    const APPENDED: [&str; 3] = ["bases", "imageTags", "helmChartInflationGenerator"];
    fields.iter().all(|(key, value)| {
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        value.is_null()
            || is("apiVersion")
            || is("kind")
            || (TEXTS.iter().any(|name| is(name)) && value.as_str() == Some(""))
            || (APPENDED.iter().any(|name| is(name)) && value.as_array().is_some_and(Vec::is_empty))
    })
}
