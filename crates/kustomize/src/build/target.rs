//! A kustomization and all that it stands on, accumulated.
//!
//! Follows `internal/target` of kustomize api v0.21.1: resources, then configurations, generators, components, transformers,
//! validators and variables; and once, for the kustomization that is built, hashes, references and variables.

use plimsoll_yaml::Span;

use super::absorb::absorb;
use super::builtin_transformers::{PlannedTransformer, trouble};
use super::files::join_paths;
use super::loader::Loader;
use super::origin::{Origin, annotate_origin, annotate_transformer};
use super::plugins::{Generator, Plugin, load_plugin};
use super::run::{BuildOptions, Sources};
use super::transformers::load_resources;
use super::validation::refuse_changes;
use crate::config::{TransformerConfig, config_from_crds};
use crate::error::{Error, Place, Result};
use crate::generate::{
    ChartFiles, generate_config_map, generate_iam_policy, generate_secret, inflate_chart, validate_chart,
};
use crate::kustomization::{Chart, FieldEntry, GeneratorArguments, Kustomization, to_json_chart};
use crate::resource::{Resource, ResourceMap, build_annotations, parse_resources};
use crate::schema::Schemas;
use crate::transform::{VariableSet, add_hash_suffixes, fix_name_references, resolve_variables};
use crate::tree::text;

const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization that is being built.
pub(super) struct Target<'a> {
    pub(super) kustomization: Kustomization,
    pub(super) file_name: &'static str,
    pub(super) loader: Loader<'a>,
    options: &'a BuildOptions,
    sources: Sources<'a>,
    pub(super) origin: Option<Origin>,
    chart_namespace: String,
}

/// A generator that is to run, and what asked for it.
struct PlannedGenerator {
    generator: Generator,
    origin: Option<Origin>,
    entry: FieldEntry,
}

/// A field that lists the configurations of plugins.
#[derive(Clone, Copy)]
struct PluginField {
    spelling: &'static [&'static str],
    entries: fn(&Kustomization) -> &[String],
}

const GENERATORS: PluginField = PluginField { spelling: &["generators"], entries: |file| &file.generators };
const TRANSFORMERS: PluginField =
    PluginField { spelling: &["transformers"], entries: |file| &file.transformers };
const VALIDATORS: PluginField = PluginField { spelling: &["validators"], entries: |file| &file.validators };

/// The same error at the configuration of a plugin, where that has a file of its own.
fn located(error: Error, configuration: &Resource) -> Error {
    match configuration.place() {
        Some(place) => error.in_file(&place.file, place.span),
        None => error,
    }
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
        let kustomization = Kustomization::read(&content, loader.root(), warn)
            .map_err(|error| error.in_file(&join_paths(loader.root(), file_name), Span::NONE))?;
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

    /// The same error, seen from the entry that led to it.
    pub(super) fn asked_for(&self, error: Error, entry: FieldEntry) -> Error {
        let content = self.loader.load(self.file_name).unwrap_or_default();
        let file = join_paths(self.loader.root(), self.file_name);
        let span = entry.or_item(error.item()).span(&content);
        error.asked_for_at(Place { file, span })
    }

    /// Lets the build use the schema that the file names.
    pub(super) fn choose_schema(&self, schemas: &mut Schemas) -> Result<()> {
        self.read_schema(schemas).map_err(|error| self.asked_for(error, FieldEntry::field(&["openapi"])))
    }

    fn read_schema(&self, schemas: &mut Schemas) -> Result<()> {
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
            resource.validate().map_err(|error| located(error, resource))?;
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
        let entries = (0..).map(|index| FieldEntry::item(&["resources", "bases"], index));
        let paths: Vec<_> = entries.zip(self.kustomization.resources.clone()).collect();
        self.accumulate_resources(&mut all, &paths, schemas, warn)
            .map_err(|error| error.wrap("accumulating resources"))?;
        all.config.merge(self.load_config()?)?;
        let crds = self.load_crds().map_err(|error| {
            error.wrap(format!("loading CRDs {}", crate::go::list(&self.kustomization.crds)))
        })?;
        all.config.merge(crds)?;
        self.run_generators(&mut all, schemas, warn)?;
        for (index, path) in self.kustomization.components.clone().iter().enumerate() {
            all = self.accumulate_component(all, path, schemas, warn).map_err(|error| {
                let error = error.wrap("accumulating components");
                self.asked_for(error, FieldEntry::item(&["components"], index))
            })?;
        }
        self.run_transformers(&mut all, schemas, warn)?;
        self.run_validators(&mut all, schemas, warn)?;
        let variables = &self.kustomization.variables;
        all.variables.add(variables, &mut all.resources, schemas).map_err(|error| {
            let error = error.wrap(format!("merging vars {}", crate::transform::list_variables(variables)));
            self.asked_for(error, FieldEntry::field(&["vars"]))
        })?;
        Ok(all)
    }

    fn load_config(&self) -> Result<TransformerConfig> {
        let mut config = TransformerConfig::built_in();
        let mut custom = TransformerConfig::default();
        for (index, path) in self.kustomization.configurations.iter().enumerate() {
            self.read_config(path)
                .and_then(|read| custom.merge(read))
                .map_err(|error| self.asked_for(error, FieldEntry::item(&["configurations"], index)))?;
        }
        config.merge(custom)?;
        Ok(config)
    }

    fn read_config(&self, path: &str) -> Result<TransformerConfig> {
        let content = self.loader.load(path)?;
        let value =
            text::yaml_to_json(&*content).map_err(|error| error.wrap("error converting YAML to JSON"))?;
        TransformerConfig::from_json(&value)
            .map_err(|error| error.wrap("error unmarshaling JSON: while decoding JSON"))
    }

    fn load_crds(&self) -> Result<TransformerConfig> {
        let mut config = TransformerConfig::default();
        for (index, path) in self.kustomization.crds.iter().enumerate() {
            self.read_crds(path)
                .and_then(|read| config.merge(read))
                .map_err(|error| self.asked_for(error, FieldEntry::item(&["crds"], index)))?;
        }
        Ok(config)
    }

    fn read_crds(&self, path: &str) -> Result<TransformerConfig> {
        let content = self.loader.load(path)?;
        let value = text::yaml_to_json(&*content)
            .map_err(|error| error.wrap(format!("unable to parse open API definition from '{path}'")))?;
        config_from_crds(&value)
    }

    fn accumulate_resources(
        &mut self,
        all: &mut Accumulator,
        paths: &[(FieldEntry, String)],
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<()> {
        paths.iter().try_for_each(|(entry, path)| {
            self.accumulate_resource(all, path, schemas, warn).map_err(|error| self.asked_for(error, *entry))
        })
    }

    fn accumulate_resource(
        &mut self,
        all: &mut Accumulator,
        path: &str,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let Err(as_file) = self.accumulate_file(all, path, schemas) else { return Ok(()) };
        let loader = match self.loader.enter(path) {
            Ok(loader) => loader,
            Err(_) if as_file.message().contains("MalformedYAMLError") => return Err(as_file),
            Err(error) => {
                let message = format!("accumulation err='{as_file}': {}", error.message());
                return Err(as_file.with_message(message));
            }
        };
        let sub = self.enter(loader, path, Accumulator::default(), false, schemas, warn);
        let merged = sub.and_then(|(root, sub)| {
            all.merge(sub, schemas)
                .map_err(|error| error.wrap(format!("recursed merging from path '{root}'")))
        });
        merged.map_err(|error| error.wrap(format!("accumulation err='{as_file}'")))
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
            error.with_message(message)
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
            .external_plugins(GENERATORS, "configuring external generator", schemas, warn)
            .and_then(|configurations| self.external_generators(&configurations, schemas))
            .map_err(|error| error.wrap("loading generator plugins"))?;
        generators.extend(external);
        for planned in generators {
            self.run_generator(&planned, all, schemas)
                .map_err(|error| self.asked_for(error, planned.entry))?;
        }
        Ok(())
    }

    fn run_generator(
        &self,
        planned: &PlannedGenerator,
        all: &mut Accumulator,
        schemas: &mut Schemas,
    ) -> Result<()> {
        let mut made = self.generate(&planned.generator, schemas)?;
        annotate_origin(&mut made, planned.origin.as_ref())?;
        let absorbed =
            made.into_iter().try_for_each(|resource| absorb(&mut all.resources, resource, schemas));
        let shown = if planned.origin.is_some() { "0x0" } else { "<nil>" };
        absorbed.map_err(|error| error.wrap(format!("merging from generator &{{0x0 {shown}}}")))
    }

    fn builtin_generators(&self) -> Result<Vec<PlannedGenerator>> {
        let options = self.kustomization.generator_options.as_ref();
        let origin = |kind: &str| self.origin.as_ref().map(|origin| origin.of_builtin(self.file_name, kind));
        let with_options = |arguments: &GeneratorArguments| arguments.clone().with_options(options);
        let mut generators = Vec::new();
        for (index, arguments) in self.kustomization.config_map_generator.iter().enumerate() {
            generators.push(PlannedGenerator {
                generator: Generator::ConfigMap(with_options(arguments)),
                origin: origin("ConfigMapGenerator"),
                entry: FieldEntry::item(&["configMapGenerator"], index),
            });
        }
        for (index, arguments) in self.kustomization.secret_generator.iter().enumerate() {
            generators.push(PlannedGenerator {
                generator: Generator::Secret(with_options(arguments)),
                origin: origin("SecretGenerator"),
                entry: FieldEntry::item(&["secretGenerator"], index),
            });
        }
        for (index, chart) in self.kustomization.helm_charts.iter().enumerate() {
            let entry = FieldEntry::item(&["helmCharts", "helmChartInflationGenerator"], index);
            let generator = self.chart_generator(chart).map_err(|error| self.asked_for(error, entry))?;
            generators.push(PlannedGenerator {
                generator,
                origin: origin("HelmChartInflationGenerator"),
                entry,
            });
        }
        Ok(generators)
    }

    fn chart_generator(&self, chart: &Chart) -> Result<Generator> {
        let mut chart = chart.clone();
        if chart.namespace.is_empty() {
            let own = &self.kustomization.namespace;
            chart.namespace = if own.is_empty() { self.chart_namespace.clone() } else { own.clone() };
        }
        let globals = self.kustomization.helm_globals.clone();
        let config = to_json_chart(&chart, &globals);
        let checked = self.options.helm.require().and_then(|()| validate_chart(&chart));
        checked.map_err(|error| trouble(error, "HelmChartInflationGenerator", &config))?;
        Ok(Generator::Chart(Box::new(self.options.helm.apply_to(chart)), globals))
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
                    join_paths(self.loader.root(), home)
                };
                let files = ChartFiles { read: &read, folder: &|path| self.loader.folder_files(path) };
                inflate_chart(chart, &home, &files, engine, schemas)?
            }
        })
    }

    /// The configurations of plugins: resources in the kustomization itself, in files, or made by other kustomizations.
    fn external_plugins(
        &mut self,
        field: PluginField,
        purpose: &str,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<ResourceMap> {
        let mut all = Accumulator::default();
        let mut paths = Vec::new();
        for (index, entry) in (field.entries)(&self.kustomization).iter().enumerate() {
            let inline = parse_resources(entry).and_then(|resources| ResourceMap::of(resources, schemas));
            let Ok(inline) = inline else {
                paths.push((FieldEntry::item(field.spelling, index), entry.clone()));
                continue;
            };
            let mut inline = inline.into_resources();
            if let Some(origin) = &self.origin {
                let text = origin.append(self.file_name).to_text();
                for resource in &mut inline {
                    resource.set_annotation(build_annotations::ORIGIN, &text)?;
                }
            }
            all.resources.append_all(inline, schemas).map_err(|error| {
                self.asked_for(error.wrap(purpose), FieldEntry::item(field.spelling, index))
            })?;
        }
        self.accumulate_resources(&mut all, &paths, schemas, warn)?;
        Ok(all.resources)
    }

    fn external_generators(
        &self,
        configurations: &ResourceMap,
        schemas: &Schemas,
    ) -> Result<Vec<PlannedGenerator>> {
        let mut generators = Vec::new();
        let entry = FieldEntry::field(GENERATORS.spelling);
        for configuration in configurations.resources() {
            let failed = |error: Error| {
                self.asked_for(located(error.wrap("failed to load generator"), configuration), entry)
            };
            match load_plugin(configuration, &self.loader, &self.options.helm, schemas).map_err(failed)? {
                Plugin::Generator(generator) => {
                    let origin = Origin::of_plugin(configuration);
                    generators.push(PlannedGenerator { generator, origin, entry });
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
        field: PluginField,
        schemas: &mut Schemas,
        warn: &mut dyn FnMut(&str),
    ) -> Result<Vec<PlannedTransformer>> {
        let configurations =
            self.external_plugins(field, "configuring external transformer", schemas, warn)?;
        let mut transformers = Vec::new();
        let entry = FieldEntry::field(field.spelling);
        for configuration in configurations.resources() {
            let failed = |error: Error| self.asked_for(located(error, configuration), entry);
            match load_plugin(configuration, &self.loader, &self.options.helm, schemas).map_err(failed)? {
                Plugin::Transformer(transformer) => {
                    let origin = Origin::of_plugin(configuration);
                    transformers.push(PlannedTransformer { transformer, origin, entry });
                }
                Plugin::Generator(_) => {
                    let id = configuration.original_id(schemas);
                    return Err(failed(Error::new(format!("plugin {id} not a transformer"))));
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
        transformers.extend(self.external_transformers(TRANSFORMERS, schemas, warn)?);
        for PlannedTransformer { transformer, origin, entry } in &transformers {
            transformer.apply(&mut all.resources, schemas).map_err(|error| self.asked_for(error, *entry))?;
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
        let validators = self.external_transformers(VALIDATORS, schemas, warn)?;
        for PlannedTransformer { transformer: validator, entry, .. } in &validators {
            let failed = |error: Error| self.asked_for(error, *entry);
            let before = all.resources.clone();
            validator.apply(&mut all.resources, schemas).map_err(failed)?;
            let mut after = all.resources.clone();
            for resource in after.resources_mut_keeping_ids() {
                let mut labels = resource.labels();
                if labels.remove("validated-by").is_some() {
                    resource.set_labels(&labels)?;
                }
            }
            refuse_changes(&before, &mut after, schemas)
                .map_err(|error| failed(error.wrap("validator shouldn't modify the resource map")))?;
        }
        Ok(())
    }
}
