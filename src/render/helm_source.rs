//! A `helm` source into resources, as `helm template` renders the chart.
//!
//! The chart lies in the repository, or is pinned: nothing is downloaded and nothing is executed. Clock and randomness are fixed, and what depends on them is refused where it reaches a resource ([`super::helm_randomness`]). Values files may
//! use Jinja's braces, as those of templates may. Test hooks are dropped, notes are not read.

use minijinja::Value as TemplateValue;
use minijinja::value::Serde;
use plimsoll_gotemplate::{FixedEnvironment, Profile};
use plimsoll_helm::{
    Chart, Error, KnownValues, KubeVersion, LoadOptions, Loaded, Manifest, Release, RenderOptions, Rendered,
    UserValues, ValuesFile, Warning,
};
use plimsoll_resource::{FileTree, normalize_path};
use plimsoll_yaml::Span;
use serde_json::{Map, Value};

use super::helm_failure::FailedChart;
use super::helm_templates::ChartTemplates;
use super::known_documents::DocumentReader;
use super::source::{SourceContext, SourceOutput};
use super::source_text::{OutputPart, SourceText};
use super::template::Templates;
use super::value_places::ValuePlaces;
use super::{default_sizes, helm_failure, helm_randomness, unknown_values, values};
use crate::config::environment::{HelmChart, HelmProfile, Hooks};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::fetch::{ChartAddress, Elsewhere, dependencies};

/// What the values that stand in the environment itself are named.
pub(super) const VALUES_OBJECT: &str = "valuesObject";

/// Renders the chart at a path of the repository.
pub(super) fn render(
    source: &HelmChart,
    path: &str,
    elsewhere: &dyn Elsewhere,
    context: SourceContext<'_>,
) -> SourceOutput {
    let mut output = SourceOutput::default();
    let is_packaged = context.tree.get(path).is_some();
    let chart_file = if is_packaged { path.to_owned() } else { format!("{path}/Chart.yaml") };
    output.read.extend(context.tree.below(path).map(|(file, _)| file.to_owned()));
    output.read.extend(is_packaged.then(|| path.to_owned()));
    let options = load_options(source);
    let loaded = match context.tree.get(path) {
        Some(bytes) => Chart::from_archive(bytes, &options),
        None => Chart::from_tree(context.tree, path, &options),
    };
    let Loaded { mut chart, warnings } = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            output.found = helm_failure::diagnose(&error, &chart_file, None);
            return output;
        }
    };
    output.found.extend(located(dependencies::complete(&mut chart, elsewhere, &options), context));
    if output.found.has_errors() {
        return output;
    }
    let located = LocatedChart { chart, path: path.to_owned(), file: chart_file };
    render_chart(source, &located, warnings, context, output)
}

/// Renders a chart that was fetched.
pub(super) fn render_pinned(
    source: &HelmChart,
    address: &ChartAddress,
    elsewhere: &dyn Elsewhere,
    context: SourceContext<'_>,
) -> SourceOutput {
    let mut output = SourceOutput::default();
    let options = load_options(source);
    match dependencies::load(address, elsewhere, &options) {
        Ok(mut chart) => {
            output.found.extend(located(dependencies::complete(&mut chart, elsewhere, &options), context));
            if output.found.has_errors() {
                return output;
            }
            let path = format!("{}/{}@{}", address.repository, address.name, address.version);
            let located = LocatedChart { chart, file: format!("{path}/Chart.yaml"), path };
            render_chart(source, &located, Vec::new(), context, output)
        }
        Err(problem) => {
            output.found.extend(located(problem.into(), context));
            output
        }
    }
}

/// A chart, and what names it in diagnostics and in the lock.
struct LocatedChart {
    chart: Chart,
    path: String,
    file: String,
}

/// Problems without a place are the source's own.
fn located(problems: Diagnostics, context: SourceContext<'_>) -> Diagnostics {
    let at = |problem: Diagnostic| Diagnostic {
        place: problem.place.or_else(|| Some(context.place.clone())),
        ..problem
    };
    problems.into_iter().map(at).collect()
}

fn profile_of(source: &HelmChart) -> Profile {
    match source.profile {
        HelmProfile::V3 => Profile::V3,
        HelmProfile::V4 => Profile::V4,
    }
}

fn load_options(source: &HelmChart) -> LoadOptions {
    LoadOptions { profile: profile_of(source), ..LoadOptions::default() }
}

fn render_chart(
    source: &HelmChart,
    located: &LocatedChart,
    mut warnings: Vec<Warning>,
    context: SourceContext<'_>,
    mut output: SourceOutput,
) -> SourceOutput {
    let LocatedChart { chart, path, file: chart_file } = located;
    let profile = profile_of(source);
    check_version(source, chart, context.place, &mut output.found);
    let values = merged_values(source, profile, chart, context, &mut output);
    if output.found.has_errors() {
        return output;
    }
    let templates = ChartTemplates::of(chart, path);
    let environment = FixedEnvironment::at(0);
    let places = ValuePlaces {
        tree: context.tree,
        files: values_files(source, context).map(|(file, _)| file).collect(),
        object: &source.values_object,
        source: context.place,
    };
    let rendered = values.and_then(|values| {
        let options = render_options(source, profile, context, &environment)?;
        let rendered = plimsoll_helm::render(chart, &values, &options, &mut warnings)?;
        let sizes = rendered.manifests.iter();
        let sizes =
            sizes.filter_map(|manifest| default_sizes::of_manifest(chart, &values, manifest, &places));
        output.default_sizes.extend(sizes);
        Ok(rendered)
    });
    for warning in warnings {
        let text = warning.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = ["WARNING: ", "Warning: ", "warning: "]
            .iter()
            .find_map(|word| text.strip_prefix(word))
            .unwrap_or(&text);
        output.found.push(
            Diagnostic::warning(Code::new("helm::warning"), text.to_owned())
                .at(Place::file(chart_file.clone())),
        );
    }
    match rendered {
        Ok(rendered) => take(source, &rendered, &templates, chart_file, context.documents, &mut output),
        Err(error) => {
            let failed = FailedChart { templates: &templates, values: Some(&places) };
            output.found.extend(helm_failure::diagnose(&error, chart_file, Some(failed)));
        }
    }
    output
}

fn check_version(source: &HelmChart, chart: &Chart, place: &Place, found: &mut Diagnostics) {
    let has = &chart.metadata.version;
    if let Some(wanted) = source.version.as_ref().filter(|wanted| *wanted != has) {
        let message = format!("the chart `{}` has version `{has}`, not `{wanted}`", chart.name());
        let diagnostic = Diagnostic::error(Code::new("helm::version"), message).at(place.clone());
        found.push(diagnostic.with_help("correct `version`, or replace the chart"));
    }
}

fn render_options<'e>(
    source: &HelmChart,
    profile: Profile,
    context: SourceContext<'_>,
    environment: &'e FixedEnvironment,
) -> Result<RenderOptions<'e>, Error> {
    let namespace = source.namespace.as_deref().or(context.namespace).unwrap_or("default").to_owned();
    let release = Release { name: source.release.clone(), namespace, ..Release::default() };
    let mut options = RenderOptions::new(release, profile, environment);
    if let Some(version) = &source.kube_version {
        options.kube_version = KubeVersion::parse(version)?;
    }
    options.api_versions.clone_from(&source.api_versions);
    Ok(options)
}

/// The values files of a source, each over those before it, and whether it has to be there.
fn values_files<'a>(
    source: &'a HelmChart,
    context: SourceContext<'a>,
) -> impl Iterator<Item = (String, bool)> + 'a {
    let named =
        source.values.iter().filter_map(move |file| normalize_path(&format!("{}/{file}", context.folder)));
    named.map(|file| (file, true)).chain([(context.layer_values.to_owned(), false)])
}

/// The source's values files, the layer's over them, and the source's own values over all.
fn merged_values(
    source: &HelmChart,
    profile: Profile,
    chart: &Chart,
    context: SourceContext<'_>,
    output: &mut SourceOutput,
) -> Result<Map<String, Value>, Error> {
    let facts = TemplateValue::from(Serde(context.facts));
    let jinja = Templates::new(context.tree, context.folder);
    let mut user = UserValues::default();
    let known = KnownValues::of(chart);
    let mut add = |name: &str, values: Map<String, Value>, output: &mut SourceOutput| {
        output.found.extend(unknown_values::warn(&known, chart.name(), name, &values, context));
        user.files.push(ValuesFile {
            name: name.to_owned(),
            bytes: Value::Object(values).to_string().into_bytes(),
        });
    };
    for (file, must_exist) in values_files(source, context) {
        if context.tree.get(&file).is_some() {
            output.read.insert(file.clone());
        } else if must_exist {
            let diagnostic = Diagnostic::error(Code::new("values::missing"), format!("there is no `{file}`"));
            let help = "values files lie in `overlays/<env>/<layer>/`";
            output.found.push(diagnostic.at(context.place.clone()).with_help(help));
            continue;
        }
        match values::read(context.tree, &file, &jinja, &facts) {
            Ok(values) => add(&file, values, output),
            Err(diagnostic) => output.found.push(*diagnostic),
        }
    }
    add(VALUES_OBJECT, source.values_object.clone().into_iter().collect(), output);
    user.merge(profile, &|_| Err("no file is read here".to_owned()))
}

/// The resources of what was rendered, unless they are not the same on every run.
fn take(
    source: &HelmChart,
    rendered: &Rendered,
    templates: &ChartTemplates,
    chart_file: &str,
    documents: DocumentReader<'_>,
    output: &mut SourceOutput,
) {
    let hooks: Vec<&Manifest> = match source.hooks {
        Hooks::Keep => rendered.hooks.iter().filter(|manifest| !is_test(manifest)).collect(),
        Hooks::Drop => Vec::new(),
    };
    for manifest in &hooks {
        let events = manifest.hook.as_ref().map(|hook| hook.events.join(", ")).unwrap_or_default();
        let message =
            format!("hook `{} {}` ({events}) is kept as a plain resource", manifest.kind, manifest.name);
        output.found.push(
            Diagnostic::note(Code::new("helm::hook"), message)
                .at(Place::file(templates.file(&manifest.path)))
                .with_help("`hooks: drop` leaves hooks out"),
        );
    }
    let manifests = || rendered.manifests.iter().chain(hooks.iter().copied());
    output.found.extend(helm_randomness::refuse(&rendered.random, manifests(), templates));
    if output.found.has_errors() {
        return;
    }
    let crds = rendered.crds.iter().filter(|_| source.include_crds).map(|file| (&*file.name, &*file.data));
    for (name, bytes) in crds.chain(manifests().map(|manifest| (&*manifest.path, &*manifest.content))) {
        let file = templates.file(name);
        let Ok(text) = std::str::from_utf8(bytes) else {
            let diagnostic =
                Diagnostic::error(Code::new("manifest::syntax"), "what the template gives is not UTF-8");
            output.found.push(diagnostic.at(Place::file(file)));
            continue;
        };
        let (mut pieces, found) = documents.read(source_text(file, text));
        for piece in &mut pieces {
            piece.namespace.clone_from(&source.namespace);
        }
        output.pieces.extend(pieces);
        output.found.extend(found);
    }
    if output.pieces.is_empty() && !output.found.has_errors() {
        let diagnostic = Diagnostic::error(Code::new("render::empty-source"), "the chart gives no resource");
        output.found.push(
            diagnostic.at(Place::file(chart_file)).with_help("look at the values that switch its parts on"),
        );
    }
}

fn is_test(manifest: &Manifest) -> bool {
    manifest.hook.as_ref().is_some_and(plimsoll_helm::Hook::is_test)
}

/// A document whose place is its template as a whole: which expression gave which line is not known.
fn source_text(file: String, text: &str) -> SourceText {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let part = OutputPart {
        output: Span::new(0, length),
        template: file.as_str().into(),
        source: Span::new(0, 0),
        is_literal: false,
    };
    SourceText::rendered(file, text.into(), vec![part], &FileTree::new())
}
