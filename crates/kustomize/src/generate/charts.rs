//! `helmCharts`, rendered by an engine that the caller passes in.
//!
//! Follows `HelmChartInflationGenerator` of kustomize api v0.21.1 for which values count. Charts are read from the chart home or,
//! where they name a repository, taken from what was pinned; nothing is downloaded.

use std::sync::Arc;

use plimsoll_resource::FileTree;
use plimsoll_yaml::Style;

use crate::error::{Error, Result};
use crate::kustomization::Chart;
use crate::merge::{MergeOptions, merge_two_way};
use crate::resource::{Resource, build_annotations, parse_resources, set_quoted};
use crate::schema::Schemas;
use crate::tree::{json, text};

/// What renders charts, and knows those that were pinned.
pub trait ChartEngine {
    /// The files of a chart that is not below the chart home. The error says why there are none.
    fn fetch(&self, repository: &str, name: &str, version: &str) -> std::result::Result<FileTree, String>;

    /// The manifests of a chart, as `helm template` prints them.
    fn render(&self, request: &ChartRequest) -> std::result::Result<String, String>;
}

/// A chart to be rendered.
#[derive(Debug, Clone, Default)]
pub struct ChartRequest {
    /// The chart's files.
    pub chart: FileTree,
    /// The chart's name.
    pub name: String,
    /// The release; empty where the name is to be made up.
    pub release_name: String,
    /// The namespace of the release; empty for `default`.
    pub namespace: String,
    /// Value files in order, later ones over earlier ones.
    pub values: Vec<Arc<[u8]>>,
    /// API versions that the cluster has.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes; empty for the engine's own.
    pub kube_version: String,
    /// The template of the release's name.
    pub name_template: String,
    /// Whether custom resource definitions are rendered too.
    pub include_crds: bool,
    /// Whether hooks are left out.
    pub skip_hooks: bool,
    /// Whether tests are left out.
    pub skip_tests: bool,
}

/// Where the files of a chart come from.
pub(crate) struct ChartFiles<'a> {
    /// Reads a file below the kustomization.
    pub(crate) read: &'a dyn Fn(&str) -> Result<Arc<[u8]>>,
    /// The files of a folder, or `None` where it is none.
    pub(crate) folder: &'a dyn Fn(&str) -> Option<FileTree>,
}

/// Renders a chart of a kustomization.
pub(crate) fn inflate_chart(
    chart: &Chart,
    chart_home: &str,
    files: &ChartFiles<'_>,
    engine: &dyn ChartEngine,
    schemas: &Schemas,
) -> Result<Vec<Resource>> {
    let folder = chart_folder(chart, chart_home);
    let (tree, is_local) = match (files.folder)(&folder) {
        Some(tree) => (tree, true),
        None if chart.repo.is_empty() => {
            return Err(Error::new(format!("no repo specified for pull, no chart found at '{folder}'")));
        }
        None => (engine.fetch(&chart.repo, &chart.name, &chart.version).map_err(Error::new)?, false),
    };
    let base = if chart.values_file.is_empty() {
        if is_local {
            (files.read)(&format!("{folder}/values.yaml"))?
        } else {
            tree.get("values.yaml").cloned().unwrap_or_else(|| Arc::from(&b""[..]))
        }
    } else {
        (files.read)(&chart.values_file)?
    };
    let mut values = vec![merged_values(chart, base, schemas)?];
    for file in &chart.additional_values_files {
        values.push((files.read)(file)?);
    }
    let request = ChartRequest {
        chart: tree,
        name: chart.name.clone(),
        release_name: chart.release_name.clone(),
        namespace: chart.namespace.clone(),
        values,
        api_versions: chart.api_versions.clone(),
        kube_version: chart.kube_version.clone(),
        name_template: chart.name_template.clone(),
        include_crds: chart.include_crds,
        skip_hooks: chart.skip_hooks,
        skip_tests: chart.skip_tests,
    };
    let rendered = engine.render(&request).map_err(Error::new)?;
    let mut resources = parse_resources(&rendered)?;
    for resource in &mut resources {
        set_quoted(&mut resource.node, "annotations", build_annotations::HELM_GENERATED, "true")?;
    }
    Ok(resources)
}

fn chart_folder(chart: &Chart, chart_home: &str) -> String {
    if !chart.version.is_empty() && !chart.repo.is_empty() {
        format!("{chart_home}/{}-{}/{}", chart.name, chart.version, chart.name)
    } else {
        format!("{chart_home}/{}", chart.name)
    }
}

/// The value file and the inline values, merged as `valuesMerge` says.
fn merged_values(chart: &Chart, file: Arc<[u8]>, schemas: &Schemas) -> Result<Arc<[u8]>> {
    let inline =
        chart.values_inline.as_ref().filter(|values| values.as_object().is_some_and(|map| !map.is_empty()));
    let Some(inline) = inline else { return Ok(file) };
    let of_inline = json::to_node(inline);
    let merged = match chart.values_merge.as_str() {
        "replace" => of_inline,
        order => {
            let of_file = text::parse_one(&String::from_utf8_lossy(&file))
                .map_err(|error| error.wrap("could not parse values file into rnode"))?
                .with_style(Style::Plain);
            let (dest, patch) = if order == "merge" { (of_inline, of_file) } else { (of_file, of_inline) };
            merge_two_way(dest, patch, MergeOptions::default(), schemas)
                .map_err(|error| error.wrap("could not merge values"))?
                .unwrap_or_else(plimsoll_yaml::Node::null)
        }
    };
    Ok(text::print_json(&json::of_node(&merged)?)?.into_bytes().into())
}

/// Refuses what the generator would refuse before it runs.
pub(crate) fn validate_chart(chart: &Chart) -> Result<()> {
    if chart.name.is_empty() {
        return Err(Error::new("chart name cannot be empty"));
    }
    match chart.values_merge.as_str() {
        "" | "merge" | "override" | "replace" => Ok(()),
        _ => Err(Error::new("valuesMerge must be one of [merge override replace]")),
    }
}
