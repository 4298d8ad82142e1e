//! A kustomization and all that it stands on, accumulated.
//!
//! Follows `internal/target` of kustomize api v0.21.1: resources, then configurations, generators, components, transformers,
//! validators and variables; and once, for the kustomization that is built, hashes, references and variables.

use serde_json::{Map, Value};

use super::absorb::absorb;
use super::loader::Loader;
use super::origin::{Origin, annotate_origin, annotate_transformer};
use super::plugins::{Generator, Plugin, load_plugin, load_replacements};
use super::run::{BuildOptions, Sources};

use super::transformers::{Transformer, load_json6902, load_resources, load_strategic_merges};
use super::validation::refuse_changes;
use crate::config::{FieldSpec, TransformerConfig, config_from_crds, merge_all, merge_one};
use crate::error::{Error, Result};
use crate::generate::{
    ChartFiles, generate_config_map, generate_iam_policy, generate_secret, inflate_chart, validate_chart,
};
use crate::kustomization::{GeneratorArguments, Kustomization, to_json_chart, to_json_patch};
use crate::patch::LoadedPatch;
use crate::resource::{Resource, ResourceMap, build_annotations, parse_resources};
use crate::schema::Schemas;
use crate::transform::{
    NamespaceTransform, VariableSet, add_hash_suffixes, fix_name_references, resolve_variables,
};
use crate::tree::text;

const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization that is being built.
pub(super) struct Target<'a> {
    kustomization: Kustomization,
    file_name: &'static str,
    loader: Loader<'a>,
    options: &'a BuildOptions,
    sources: Sources<'a>,
    origin: Option<Origin>,
    chart_namespace: String,
}

/// What was gathered so far.
#[derive(Debug, Default)]
struct Accumulator {
    resources: ResourceMap,
    config: TransformerConfig,
    variables: VariableSet,
}

impl Accumulator {
    fn merge(&mut self, other: Accumulator, schemas: &Schemas) -> Result<()> {
        self.resources.append_all(other.resources.into_resources(), schemas)?;
        self.config.merge(other.config)?;
        self.variables.merge(other.variables)
    }
}

impl<'a> Target<'a> {
    /// Reads the kustomization file of the loader's folder.
    pub(super) fn load(
        loader: Loader<'a>,
        options: &'a BuildOptions,
        sources: Sources<'a>,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Target<'a>> {
        let mut found = FILE_NAMES.iter().filter_map(|name| Some((*name, loader.load(name).ok()?)));
        let Some((file_name, content)) = found.next() else {
            return Err(Error::new(format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
                loader.root()
            )));
        };
        if found.next().is_some() {
            return Err(Error::new(format!("Found multiple kustomization files under: {}\n", loader.root())));
        }
        drop(found);
        let kustomization = Kustomization::read(&content, loader.root(), warn).map_err(|error| {
            error.in_file(&format!("{}/{file_name}", loader.root()), plimsoll_yaml::Span::NONE)
        })?;
        Ok(Target {
            kustomization,
            file_name,
            loader,
            options,
            sources,
            origin: None,
            chart_namespace: String::new(),
        })
    }

    /// What the file says.
    pub(super) fn kustomization(&self) -> &Kustomization {
        &self.kustomization
    }

    /// Lets the build use the schema that the file names.
    pub(super) fn choose_schema(&self, schemas: &mut Schemas) -> Result<()> {
        let document = match self.kustomization.openapi.get("path") {
            Some(path) => {
                let value = text::yaml_to_json(self.loader.load(path)?);
                Some(value.map_err(|error| error.wrap("invalid schema file"))?)
            }
            None => None,
        };
        schemas.choose(self.kustomization.openapi.get("version").map(String::as_str), document.as_ref())
    }

    /// The resources of the kustomization that is built, complete but for their order.
    pub(super) fn make_resources(
        &mut self,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<ResourceMap> {
        if !self.kustomization.build_metadata.is_empty() {
            self.origin = Some(Origin::default());
        }
        let mut all = self.accumulate(Accumulator::default(), schemas, warn)?;
        add_hash_suffixes(&mut all.resources, schemas)?;
        fix_name_references(&mut all.resources, &all.config.name_reference, schemas)?;
        let unused = resolve_variables(&mut all.resources, &all.variables, &all.config.var_reference)?;
        if !unused.is_empty() {
            warn(&format!("well-defined vars that were never replaced: {}", unused.join(",")));
        }
        for resource in all.resources.resources().iter().filter(|resource| !resource.is_empty()) {
            resource.validate()?;
        }
        all.resources.resources_mut().retain(|resource| {
            resource.annotation(build_annotations::LOCAL_CONFIG).is_none_or(|value| value == "false")
        });
        Ok(all.resources)
    }

    fn accumulate(
        &mut self,
        mut all: Accumulator,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Accumulator> {
        let paths = self.kustomization.resources.clone();
        self.accumulate_resources(&mut all, &paths, schemas, warn)
            .map_err(|error| error.wrap("accumulating resources"))?;
        all.config.merge(self.load_config()?)?;
        let crds = self.load_crds().map_err(|error| {
            error.wrap(format!("loading CRDs {}", crate::go::list(&self.kustomization.crds)))
        })?;
        all.config.merge(crds)?;
        self.run_generators(&mut all, schemas, warn)?;
        for path in self.kustomization.components.clone() {
            all = self
                .accumulate_component(all, &path, schemas, warn)
                .map_err(|error| error.wrap("accumulating components"))?;
        }
        self.run_transformers(&mut all, schemas, warn)?;
        self.run_validators(&mut all, schemas, warn)?;
        let variables = &self.kustomization.variables;
        all.variables.add(variables, &mut all.resources, schemas).map_err(|error| {
            error.wrap(format!("merging vars {}", crate::transform::list_variables(variables)))
        })?;
        Ok(all)
    }

    fn load_config(&self) -> Result<TransformerConfig> {
        let mut config = TransformerConfig::built_in();
        let mut custom = TransformerConfig::default();
        for path in &self.kustomization.configurations {
            let content = self.loader.load(path)?;
            let value =
                text::yaml_to_json(&*content).map_err(|error| error.wrap("error converting YAML to JSON"))?;
            let read = TransformerConfig::from_json(&value)
                .map_err(|error| error.wrap("error unmarshaling JSON: while decoding JSON"))?;
            custom.merge(read)?;
        }
        config.merge(custom)?;
        Ok(config)
    }

    fn load_crds(&self) -> Result<TransformerConfig> {
        let mut config = TransformerConfig::default();
        for path in &self.kustomization.crds {
            let content = self.loader.load(path)?;
            let value = text::yaml_to_json(&*content)
                .map_err(|error| error.wrap(format!("unable to parse open API definition from '{path}'")))?;
            config.merge(config_from_crds(&value)?)?;
        }
        Ok(config)
    }

    fn accumulate_resources(
        &mut self,
        all: &mut Accumulator,
        paths: &[String],
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<()> {
        for path in paths {
            let Err(as_file) = self.accumulate_file(all, path, schemas) else { continue };
            let loader = match self.loader.enter(path) {
                Ok(loader) => loader,
                Err(_) if as_file.message().contains("MalformedYAMLError") => return Err(as_file),
                Err(error) => {
                    let place = as_file.place().cloned();
                    let error = error.wrap(format!("accumulation err='{as_file}'"));
                    return Err(match place {
                        Some(place) => error.in_file(&place.file, place.span),
                        None => error,
                    });
                }
            };
            let sub = self.enter(loader, path, Accumulator::default(), false, schemas, warn);
            let merged = sub.and_then(|(root, sub)| {
                all.merge(sub, schemas)
                    .map_err(|error| error.wrap(format!("recursed merging from path '{root}'")))
            });
            merged.map_err(|error| {
                error.wrap(format!("accumulation err='{as_file}'")).through(self.loader.root())
            })?;
        }
        Ok(())
    }

    fn accumulate_file(&self, all: &mut Accumulator, path: &str, schemas: &Schemas) -> Result<()> {
        let read =
            load_resources(path, &self.loader).and_then(|resources| ResourceMap::of(resources, schemas));
        let mut resources = read
            .map_err(|error| error.wrap(format!("accumulating resources from '{path}'")))?
            .into_resources();
        if let Some(origin) = &self.origin {
            let text = origin.append(path).to_text();
            for resource in &mut resources {
                resource.set_annotation(build_annotations::ORIGIN, &text)?;
            }
        }
        all.resources
            .append_all(resources, schemas)
            .map_err(|error| error.wrap(format!("merging resources from '{path}'")))
    }

    fn accumulate_component(
        &mut self,
        all: Accumulator,
        path: &str,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Accumulator> {
        let loader = self.loader.enter(path).map_err(|error| {
            let message = format!("loader.New {}", crate::go::quote(error.message()));
            error.with_message(message)
        })?;
        let entered = self.enter(loader, path, all, true, schemas, warn);
        let merged = entered.and_then(|(root, sub)| {
            let mut merged = Accumulator::default();
            let result = merged.merge(sub, schemas);
            result.map_err(|error| error.wrap(format!("recursed merging from path '{root}'")))?;
            Ok(merged)
        });
        merged.map_err(|error| {
            let message = format!("accumulateDirectory: {}", crate::go::quote(error.message()));
            error.with_message(message).through(self.loader.root())
        })
    }

    /// Accumulates the kustomization of another folder, and gives that folder too.
    fn enter(
        &mut self,
        loader: Loader<'a>,
        path: &str,
        given: Accumulator,
        as_component: bool,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<(String, Accumulator)> {
        let root = loader.root().to_owned();
        let mut sub = Target::load(loader, self.options, self.sources, warn)
            .map_err(|error| error.wrap(format!("couldn't make target for path '{root}'")))?;
        sub.kustomization.build_metadata.clone_from(&self.kustomization.build_metadata);
        sub.origin = self.origin.as_ref().map(|origin| origin.append(path));
        let own_namespace = &self.kustomization.namespace;
        sub.chart_namespace =
            if own_namespace.is_empty() { self.chart_namespace.clone() } else { own_namespace.clone() };
        sub.choose_schema(schemas)?;
        match (as_component, sub.kustomization.is_component()) {
            (true, false) => {
                return Err(Error::new(format!(
                    "expected kind 'Component' for path '{root}' but got '{}'",
                    sub.kustomization.kind
                )));
            }
            (false, true) => {
                return Err(Error::new(format!("expected kind != 'Component' for path '{root}'")));
            }
            _ => {}
        }
        let accumulated = sub
            .accumulate(given, schemas, warn)
            .map_err(|error| error.wrap(format!("recursed accumulation of path '{root}'")))?;
        Ok((root, accumulated))
    }

    fn run_generators(
        &mut self,
        all: &mut Accumulator,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let mut generators = self.builtin_generators()?;
        let external = self
            .external_plugins(
                &self.kustomization.generators.clone(),
                "configuring external generator",
                schemas,
                warn,
            )
            .and_then(|configurations| self.external_generators(&configurations, schemas))
            .map_err(|error| error.wrap("loading generator plugins"))?;
        generators.extend(external);
        for (generator, origin) in generators {
            let mut made = self.generate(&generator, schemas)?;
            annotate_origin(&mut made, origin.as_ref())?;
            let absorbed =
                made.into_iter().try_for_each(|resource| absorb(&mut all.resources, resource, schemas));
            let shown = if origin.is_some() { "0x0" } else { "<nil>" };
            absorbed.map_err(|error| error.wrap(format!("merging from generator &{{0x0 {shown}}}")))?;
        }
        Ok(())
    }

    fn builtin_generators(&self) -> Result<Vec<(Generator, Option<Origin>)>> {
        let options = self.kustomization.generator_options.as_ref();
        let origin = |kind: &str| self.origin.as_ref().map(|origin| origin.of_builtin(self.file_name, kind));
        let with_options = |arguments: &GeneratorArguments| arguments.clone().with_options(options);
        let mut generators = Vec::new();
        for arguments in &self.kustomization.config_map_generator {
            generators.push((Generator::ConfigMap(with_options(arguments)), origin("ConfigMapGenerator")));
        }
        for arguments in &self.kustomization.secret_generator {
            generators.push((Generator::Secret(with_options(arguments)), origin("SecretGenerator")));
        }
        for chart in &self.kustomization.helm_charts {
            let mut chart = chart.clone();
            if chart.namespace.is_empty() {
                let own = &self.kustomization.namespace;
                chart.namespace = if own.is_empty() { self.chart_namespace.clone() } else { own.clone() };
            }
            let globals = self.kustomization.helm_globals.clone();
            let config = to_json_chart(&chart, &globals);
            let checked = self.options.helm.require().and_then(|()| validate_chart(&chart));
            checked.map_err(|error| trouble(error, "HelmChartInflationGenerator", &config))?;
            let chart = Box::new(self.options.helm.apply_to(chart));
            generators.push((Generator::Chart(chart, globals), origin("HelmChartInflationGenerator")));
        }
        Ok(generators)
    }

    fn generate(&self, generator: &Generator, schemas: &Schemas) -> Result<Vec<Resource>> {
        let read = |path: &str| self.loader.load(path);
        Ok(match generator {
            Generator::ConfigMap(arguments) => vec![generate_config_map(arguments, &read)?],
            Generator::Secret(arguments) => vec![generate_secret(arguments, &read)?],
            Generator::IamPolicy(policy) => vec![generate_iam_policy(policy)?],
            Generator::Chart(chart, globals) => {
                let engine = self.sources.charts.ok_or_else(|| Error::new("charts are not rendered here"))?;
                let home = if globals.chart_home.is_empty() { "charts" } else { &globals.chart_home };
                let home = if home.starts_with('/') {
                    home.to_owned()
                } else {
                    super::files::join_paths(self.loader.root(), home)
                };
                let files = ChartFiles { read: &read, folder: &|path| self.loader.folder_files(path) };
                inflate_chart(chart, &home, &files, engine, schemas)?
            }
        })
    }

    /// The configurations of plugins: resources in the kustomization itself, in files, or made by other kustomizations.
    fn external_plugins(
        &mut self,
        entries: &[String],
        purpose: &str,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<ResourceMap> {
        let mut all = Accumulator::default();
        let mut paths = Vec::new();
        for entry in entries {
            let inline = parse_resources(entry).and_then(|resources| ResourceMap::of(resources, schemas));
            let Ok(inline) = inline else {
                paths.push(entry.clone());
                continue;
            };
            let mut inline = inline.into_resources();
            if let Some(origin) = &self.origin {
                let text = origin.append(self.file_name).to_text();
                for resource in &mut inline {
                    resource.set_annotation(build_annotations::ORIGIN, &text)?;
                }
            }
            all.resources.append_all(inline, schemas).map_err(|error| error.wrap(purpose))?;
        }
        self.accumulate_resources(&mut all, &paths, schemas, warn)?;
        Ok(all.resources)
    }

    fn external_generators(
        &self,
        configurations: &ResourceMap,
        schemas: &Schemas,
    ) -> Result<Vec<(Generator, Option<Origin>)>> {
        let mut generators = Vec::new();
        for configuration in configurations.resources() {
            let failed = |error: Error| error.wrap("failed to load generator");
            match load_plugin(configuration, &self.loader, &self.options.helm, schemas).map_err(failed)? {
                Plugin::Generator(generator) => {
                    generators.push((generator, Origin::of_plugin(configuration)))
                }
                Plugin::Transformer(_) => {
                    let id = configuration.original_id(schemas);
                    return Err(failed(Error::new(format!("plugin {id} not a generator"))));
                }
            }
        }
        Ok(generators)
    }

    fn external_transformers(
        &mut self,
        entries: &[String],
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Vec<(Transformer, Option<Origin>)>> {
        let configurations =
            self.external_plugins(entries, "configuring external transformer", schemas, warn)?;
        let mut transformers = Vec::new();
        for configuration in configurations.resources() {
            match load_plugin(configuration, &self.loader, &self.options.helm, schemas)? {
                Plugin::Transformer(transformer) => {
                    transformers.push((transformer, Origin::of_plugin(configuration)))
                }
                Plugin::Generator(_) => {
                    let id = configuration.original_id(schemas);
                    return Err(Error::new(format!("plugin {id} not a transformer")));
                }
            }
        }
        Ok(transformers)
    }

    fn run_transformers(
        &mut self,
        all: &mut Accumulator,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let mut transformers = self.builtin_transformers(&all.config)?;
        transformers.extend(self.external_transformers(
            &self.kustomization.transformers.clone(),
            schemas,
            warn,
        )?);
        for (transformer, origin) in &transformers {
            transformer.apply(&mut all.resources, schemas)?;
            if let Some(origin) = origin {
                annotate_transformer(all.resources.resources_mut_keeping_ids(), origin)?;
            }
            all.resources.drop_empty();
        }
        Ok(())
    }

    fn run_validators(
        &mut self,
        all: &mut Accumulator,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let validators = self.external_transformers(&self.kustomization.validators.clone(), schemas, warn)?;
        for (validator, _) in &validators {
            let before = all.resources.clone();
            validator.apply(&mut all.resources, schemas)?;
            let mut after = all.resources.clone();
            for resource in after.resources_mut_keeping_ids() {
                let mut labels = resource.labels();
                if labels.remove("validated-by").is_some() {
                    resource.set_labels(&labels)?;
                }
            }
            refuse_changes(&before, &mut after, schemas)
                .map_err(|error| error.wrap("validator shouldn't modify the resource map"))?;
        }
        Ok(())
    }

    fn builtin_transformers(&self, config: &TransformerConfig) -> Result<Vec<(Transformer, Option<Origin>)>> {
        let mut made = Vec::new();
        let mut add = |kind: &str, transformer: Transformer| {
            let origin = self.origin.as_ref().map(|origin| origin.of_builtin(self.file_name, kind));
            made.push((transformer, origin));
        };
        let file = &self.kustomization;
        if !file.patches_strategic_merge.is_empty() {
            let config = Value::Object(Map::from_iter([(
                "paths".to_owned(),
                Value::from(file.patches_strategic_merge.clone()),
            )]));
            let kind = "PatchStrategicMergeTransformer";
            let loaded = load_strategic_merges(&file.patches_strategic_merge, "", &self.loader);
            add(kind, loaded.map_err(|error| trouble(error, kind, &config))?);
        }
        for patch in &file.patches {
            let config = to_json_patch(patch, "patch");
            let text = text::print_json(&config)?;
            let loaded = LoadedPatch::load(patch, &text, &mut |path| self.loader.load_text(path));
            let kind = "PatchTransformer";
            add(kind, loaded.map(Transformer::Patch).map_err(|error| trouble(error, kind, &config))?);
        }
        if !file.namespace.is_empty() {
            let transform = NamespaceTransform {
                namespace: file.namespace.clone(),
                specs: config.namespace.clone(),
                ..NamespaceTransform::default()
            };
            add("NamespaceTransformer", Transformer::Namespace(transform));
        }
        if !file.name_prefix.is_empty() {
            let (prefix, specs) = (file.name_prefix.clone(), config.name_prefix.clone());
            add("PrefixTransformer", Transformer::Prefix { prefix, specs });
        }
        if !file.name_suffix.is_empty() {
            let (suffix, specs) = (file.name_suffix.clone(), config.name_suffix.clone());
            add("SuffixTransformer", Transformer::Suffix { suffix, specs });
        }
        if !file.labels.is_empty() || !file.common_labels.is_empty() {
            for label in &file.labels {
                let specs = label_specs(label, config)?;
                add("LabelTransformer", Transformer::Labels { labels: label.pairs.clone(), specs });
            }
            let (labels, specs) = (file.common_labels.clone(), config.common_labels.clone());
            add("LabelTransformer", Transformer::Labels { labels, specs });
        }
        if !file.common_annotations.is_empty() {
            let (annotations, specs) = (file.common_annotations.clone(), config.common_annotations.clone());
            add("AnnotationsTransformer", Transformer::Annotations { annotations, specs });
        }
        for patch in &file.patches_json6902 {
            let kind = "PatchJson6902Transformer";
            let loaded = load_json6902(patch, &self.loader);
            add(kind, loaded.map_err(|error| trouble(error, kind, &to_json_patch(patch, "jsonOp")))?);
        }
        for replica in &file.replicas {
            let (replica, specs) = (replica.clone(), config.replicas.clone());
            add("ReplicaCountTransformer", Transformer::Replicas { replica, specs });
        }
        for image in &file.images {
            let (image, specs) = (image.clone(), config.images.clone());
            add("ImageTagTransformer", Transformer::Images { image, specs });
        }
        if !file.replacements.is_empty() {
            let kind = "ReplacementTransformer";
            let loaded = load_replacements(&file.replacements, &self.loader);
            let config = crate::kustomization::to_json_replacements(&file.replacements);
            add(kind, loaded.map(Transformer::Replacements).map_err(|error| trouble(error, kind, &config))?);
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

fn trouble(error: Error, kind: &str, config: &Value) -> Error {
    let config = text::print_json(config).unwrap_or_default();
    error.wrap(format!("trouble configuring builtin {kind} with config: `\n{config}`"))
}
