//! A chart, values and a release into documents.
//!
//! Everything between `helm template`'s command line and its output: dependencies, values, schemas, templates, hooks, order.
//! Follows Helm 3.21.4 or 4.2.4 by profile. It reads nothing but its arguments; clock and randomness come from the
//! environment that is passed in, and what they touch is told beside the documents.

use std::collections::HashMap;

use plimsoll_gotemplate::{
    Environment, Executor, Functions, Limits, Map, NamedText, Profile, Settings, TaintOrigin, Templates,
    Value,
};
use serde_json::Map as JsonMap;

use crate::archive::ChartFile;
use crate::arena::{Arena, ChartId};
use crate::capabilities::KubeVersion;
use crate::chart::Chart;
use crate::coalesce::{Coalescer, Nulls};
use crate::error::{Error, ErrorKind, Warning};
use crate::failure;
use crate::manifest::{Manifest, sort_manifests};
use crate::scope::{Scope, TemplateFile};
use crate::{dependencies, objects, schema, semver, shared, values_methods};

/// The release that a chart is rendered for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// `.Release.Name`
    pub name: String,
    /// `.Release.Namespace`
    pub namespace: String,
    /// Whether it is there already.
    pub operation: Operation,
}

/// What is done with a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Operation {
    /// `.Release.IsInstall`
    #[default]
    Install,
    /// `.Release.IsUpgrade`
    Upgrade,
}

impl Release {
    /// Whether charts are told of an upgrade.
    #[must_use]
    pub fn is_upgrade(&self) -> bool {
        self.operation == Operation::Upgrade
    }
}

/// What becomes of `values.schema.json`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SchemaValidation {
    /// Values which do not fit are an error.
    #[default]
    Check,
    /// Schemas are not read.
    Skip,
}

/// What becomes of the memory that rendering took: syntax trees, values, charts as templates see them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Remains {
    /// It is freed, piece by piece.
    #[default]
    Free,
    /// It is left to the system, which takes all of it at once when the program ends: for programs that end right after.
    Leave,
}

impl Remains {
    fn take<T>(self, remains: T) {
        match self {
            Remains::Free => drop(remains),
            Remains::Leave => std::mem::forget(remains),
        }
    }
}

/// How a chart is rendered.
#[derive(Clone)]
pub struct RenderOptions<'e> {
    /// Which Helm is reproduced.
    pub profile: Profile,
    /// The release.
    pub release: Release,
    /// The version of Kubernetes that charts are told.
    pub kube_version: KubeVersion,
    /// API versions that charts are told beside the built-in ones.
    pub api_versions: Vec<String>,
    /// What becomes of schemas.
    pub schemas: SchemaValidation,
    /// The outside world as templates see it.
    pub environment: &'e dyn Environment,
    /// What templates may use up.
    pub limits: Limits,
    /// What becomes of the memory that it takes.
    pub remains: Remains,
}

impl<'e> RenderOptions<'e> {
    /// Helm's own defaults for a release.
    #[must_use]
    pub fn new(release: Release, profile: Profile, environment: &'e dyn Environment) -> RenderOptions<'e> {
        RenderOptions {
            profile,
            release,
            kube_version: KubeVersion::default(),
            api_versions: Vec::new(),
            schemas: SchemaValidation::default(),
            environment,
            limits: Limits::default(),
            remains: Remains::default(),
        }
    }
}

/// What a chart came to.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The manifests in the order of installation.
    pub manifests: Vec<Manifest>,
    /// The hooks in the order of installation.
    pub hooks: Vec<Manifest>,
    /// The files below `crds/` of all charts, by their whole paths.
    pub crds: Vec<ChartFile>,
    /// The notes of every chart, by the paths of their templates; the root's is `NAME/templates/NOTES.txt`.
    pub notes: Vec<(String, Vec<u8>)>,
    /// What is not the same on every run.
    pub random: Vec<RandomOutput>,
}

/// A part of a rendered file that is not the same on every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomOutput {
    /// The path of the file.
    pub path: String,
    /// The bytes within the rendered file; a [`Manifest::offset`] counts from the same start.
    pub range: std::ops::Range<usize>,
    /// The calls that it comes from.
    pub origins: Vec<RandomOrigin>,
}

/// A call that made a part of a rendered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomOrigin {
    /// The call.
    pub call: TaintOrigin,
    /// The values that would take its place, nearest first, as paths from the root of the user's values.
    pub values: Vec<String>,
}

/// A chart that could not be installed at all: a library.
pub fn check_installable(chart: &Chart) -> Result<(), Error> {
    match chart.metadata.kind.as_str() {
        "" | "application" => Ok(()),
        kind => Err(Error::chart(format!("{kind} charts are not installable"))),
    }
}

/// Renders a chart. What Helm would log is added to the warnings, also when rendering fails.
pub fn render(
    chart: &Chart,
    values: &JsonMap<String, serde_json::Value>,
    options: &RenderOptions<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Rendered, Error> {
    let profile = options.profile;
    check_installable(chart)?;
    let (mut arena, root) = Arena::new(chart, profile);
    if chart.metadata.deprecated {
        let text = match profile {
            Profile::V3 => "WARNING: This chart is deprecated",
            Profile::V4 => "this chart is deprecated",
        };
        warnings.push(Warning { origin: "", text: text.to_owned() });
    }
    dependencies::check(&arena, root)?;
    check_release_name(&options.release.name, profile)?;
    let values = shared::table_from_json(values);
    dependencies::process(&mut arena, root, &values, warnings).map_err(|error| match profile {
        Profile::V3 => error,
        Profile::V4 => error.context("chart dependencies processing failed"),
    })?;
    let values = Coalescer { arena: &arena, nulls: Nulls::Delete, warnings }.run(root, &values)?;
    if options.schemas == SchemaValidation::Check {
        schema::validate(&arena, root, &values)?;
    }
    check_kube_version(chart, options)?;
    let templates = Scope::new(&arena, root, &values, options).templates();
    let (files, random) = execute(&templates, options)?;
    let mut rendered = Rendered { crds: crds(&arena, root), random, ..Rendered::default() };
    let (notes, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| path.ends_with("NOTES.txt"));
    rendered.notes = notes;
    let sources = files.iter().map(|(path, content)| (path.as_str(), content.as_slice()));
    (rendered.manifests, rendered.hooks) = sort_manifests(sources, profile, warnings)?;
    options.remains.take((templates, files));
    options.remains.take((arena, values));
    Ok(rendered)
}

fn check_release_name(name: &str, profile: Profile) -> Result<(), Error> {
    const PATTERN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
    let is_alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(is_alphanumeric)
            && bytes.last().is_some_and(is_alphanumeric)
            && bytes.iter().all(|byte| is_alphanumeric(byte) || *byte == b'-')
    };
    let reason = if name.is_empty() {
        "no name provided".to_owned()
    } else if name.len() > 53 || !name.split('.').all(is_label) {
        format!("invalid release name, must match regex {PATTERN} and the length must not be longer than 53")
    } else {
        return Ok(());
    };
    let quoted = plimsoll_gotemplate::quote::quote(name.as_bytes());
    let error = Error::new(ErrorKind::Values, format!("release name {quoted}: {reason}"));
    Err(match profile {
        Profile::V3 => error,
        Profile::V4 => error.context("release name check failed"),
    })
}

fn check_kube_version(chart: &Chart, options: &RenderOptions<'_>) -> Result<(), Error> {
    let (range, version) = (&chart.metadata.kube_version, &options.kube_version);
    if range.is_empty() || semver::is_in_range(range, &version.normalized) {
        return Ok(());
    }
    let shown = match options.profile {
        Profile::V3 => &version.normalized,
        Profile::V4 => &version.given,
    };
    let message =
        format!("chart requires kubeVersion: {range} which is incompatible with Kubernetes {shown}");
    Err(Error::new(ErrorKind::KubeVersion, message))
}

type RenderedFiles = Vec<(String, Vec<u8>)>;

/// Parses all templates, then executes those that are files of their own; the texts come back sorted by path.
fn execute(
    templates: &[TemplateFile<'_>],
    options: &RenderOptions<'_>,
) -> Result<(RenderedFiles, Vec<RandomOutput>), Error> {
    let mut functions = Functions::builtins();
    plimsoll_gotemplate::functions::register(&mut functions, options.profile);
    let mut set = Templates::new(functions);
    let texts: Vec<NamedText> =
        templates.iter().map(|template| (template.path.as_str().into(), template.text.clone())).collect();
    set.parse_all(&texts).map_err(|(position, error)| {
        let path = templates.get(position).map_or("", |template| template.path.as_str());
        failure::of_parsing(path, &error)
    })?;
    let mut settings = Settings::new(options.environment, options.profile);
    settings.limits = options.limits;
    let mut executor = Executor::new(&set, settings);
    let (mut files, mut random) = (Vec::new(), Vec::new());
    let mut replacements: HashMap<(TaintOrigin, String), Vec<String>> = HashMap::new();
    for template in templates.iter().filter(|template| !template.is_partial()) {
        let object = objects::template_object(&template.path, &template.base_path, options.profile);
        let _ = template.data.insert("Template", object);
        let data = Value::from(template.data.converted(values_methods::values_type(options.profile)));
        let mut output = executor
            .execute(&template.path, &data)
            .map_err(|error| failure::of_execution(&template.path, &error, options.profile))?;
        if memchr::memmem::find(&output.bytes, b"<no value>").is_some() {
            output.remove(b"<no value>");
        }
        for part in output.tainted {
            let calls = executor.taints().origins(part.mark).into_iter();
            let origins = calls
                .map(|call| {
                    let key = (call.clone(), template.path.clone());
                    let values = replacements
                        .entry(key)
                        .or_insert_with(|| values_instead(&set, &call, &template.path));
                    RandomOrigin { values: values.clone(), call }
                })
                .collect();
            random.push(RandomOutput { path: template.path.clone(), range: part.range, origins });
        }
        files.push((template.path.clone(), output.bytes));
    }
    files.sort();
    options.remains.take(executor);
    options.remains.take(set);
    Ok((files, random))
}

/// The values that would take the place of a call: what is asked for around it or, where that is nothing, around its callers.
/// A template sees the values of the chart that the rendered file belongs to.
fn values_instead(templates: &Templates, call: &TaintOrigin, path: &str) -> Vec<String> {
    let mut chart = String::new();
    let mut parts = path.split('/').skip(1);
    while let (Some("charts"), Some(name)) = (parts.next(), parts.next()) {
        chart.push_str(name);
        chart.push('.');
    }
    let places = std::iter::once(&call.location).chain(&call.callers);
    let found = places.map(|place| templates.alternatives(place)).find(|found| !found.is_empty());
    let from_root = |value: &String| {
        let value = value.strip_prefix("Values.")?;
        let is_global = value == "global" || value.starts_with("global.");
        Some(if is_global { value.to_owned() } else { format!("{chart}{value}") })
    };
    found.unwrap_or_default().iter().filter_map(from_root).collect()
}

/// The files below `crds/`, the chart's before those of its subcharts.
fn crds(arena: &Arena<'_>, chart: ChartId) -> Vec<ChartFile> {
    let node = &arena[chart];
    let path = arena.full_path(chart);
    let mut found: Vec<ChartFile> = node
        .source
        .files
        .iter()
        .filter(|file| file.name.starts_with("crds/") && has_manifest_extension(&file.name))
        .map(|file| ChartFile { name: format!("{path}/{}", file.name), data: file.data.clone() })
        .collect();
    for dependency in &node.dependencies {
        found.extend(crds(arena, *dependency));
    }
    found
}

fn has_manifest_extension(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.rsplit_once('.').is_some_and(|(_, extension)| {
        ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// The values of a chart and its subcharts as its templates would see them, as JSON-like data.
pub fn coalesced_values(
    chart: &Chart,
    values: &JsonMap<String, serde_json::Value>,
    profile: Profile,
) -> Result<serde_json::Value, Error> {
    let (mut arena, root) = Arena::new(chart, profile);
    let values: Map = shared::table_from_json(values);
    let mut warnings = Vec::new();
    dependencies::process(&mut arena, root, &values, &mut warnings)?;
    let coalesced =
        Coalescer { arena: &arena, nulls: Nulls::Delete, warnings: &mut warnings }.run(root, &values)?;
    Ok(shared::to_json(&Value::from(coalesced)))
}
