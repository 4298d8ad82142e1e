//! `helmCharts` and its predecessor `helmChartInflationGenerator`.

use serde_json::{Map, Value};

use super::arguments::to_json_texts;
use crate::decode::Fields;

/// `helmGlobals`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ChartGlobals {
    pub(crate) chart_home: String,
    pub(crate) config_home: String,
}

/// An entry of `helmCharts`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Chart {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) repo: String,
    pub(crate) release_name: String,
    pub(crate) namespace: String,
    pub(crate) additional_values_files: Vec<String>,
    pub(crate) values_file: String,
    pub(crate) values_inline: Option<Value>,
    pub(crate) values_merge: String,
    pub(crate) include_crds: bool,
    pub(crate) skip_hooks: bool,
    pub(crate) api_versions: Vec<String>,
    pub(crate) kube_version: String,
    pub(crate) name_template: String,
    pub(crate) skip_tests: bool,
    pub(crate) debug: bool,
    pub(crate) devel: bool,
}

/// Reads `helmGlobals`.
pub(crate) fn read_globals(fields: &mut Fields<'_, '_>) -> ChartGlobals {
    ChartGlobals { chart_home: fields.string("chartHome"), config_home: fields.string("configHome") }
}

/// Reads an entry of `helmCharts`.
pub(crate) fn read_chart(fields: &mut Fields<'_, '_>) -> Chart {
    Chart {
        name: fields.string("name"),
        version: fields.string("version"),
        repo: fields.string("repo"),
        release_name: fields.string("releaseName"),
        namespace: fields.string("namespace"),
        additional_values_files: fields.strings("additionalValuesFiles"),
        values_file: fields.string("valuesFile"),
        values_inline: fields.value("valuesInline"),
        values_merge: fields.string("valuesMerge"),
        include_crds: fields.bool("includeCRDs"),
        skip_hooks: fields.bool("skipHooks"),
        api_versions: fields.strings("apiVersions"),
        kube_version: fields.string("kubeVersion"),
        name_template: fields.string("nameTemplate"),
        skip_tests: fields.bool("skipTests"),
        debug: fields.bool("debug"),
        devel: fields.bool("devel"),
    }
}

/// Reads an entry of `helmChartInflationGenerator`, and where it says charts and configuration are.
pub(crate) fn read_old_chart(fields: &mut Fields<'_, '_>) -> (Chart, ChartGlobals) {
    let chart = Chart {
        name: fields.string("chartName"),
        version: fields.string("chartVersion"),
        repo: fields.string("chartRepoUrl"),
        values_file: fields.string("values"),
        values_inline: fields.value("valuesLocal"),
        values_merge: fields.string("valuesMerge"),
        release_name: fields.string("releaseName"),
        ..Chart::default()
    };
    for ignored in ["chartRepoName", "helmBin", "releaseNamespace"] {
        fields.string(ignored);
    }
    fields.strings("extraArgs");
    (chart, ChartGlobals { chart_home: fields.string("chartHome"), config_home: fields.string("helmHome") })
}

/// A chart as plain data.
pub(crate) fn to_json(chart: &Chart, globals: &ChartGlobals) -> Value {
    let mut map: Map<String, Value> = to_json_texts(&[
        ("chartHome", &globals.chart_home),
        ("configHome", &globals.config_home),
        ("name", &chart.name),
        ("version", &chart.version),
        ("repo", &chart.repo),
        ("releaseName", &chart.release_name),
        ("namespace", &chart.namespace),
        ("valuesFile", &chart.values_file),
        ("valuesMerge", &chart.values_merge),
        ("kubeVersion", &chart.kube_version),
        ("nameTemplate", &chart.name_template),
    ]);
    for (key, list) in
        [("additionalValuesFiles", &chart.additional_values_files), ("apiVersions", &chart.api_versions)]
    {
        if !list.is_empty() {
            map.insert(key.to_owned(), list.clone().into());
        }
    }
    if let Some(values) =
        chart.values_inline.as_ref().filter(|values| values.as_object().is_some_and(|map| !map.is_empty()))
    {
        map.insert("valuesInline".to_owned(), values.clone());
    }
    for (key, enabled) in [
        ("includeCRDs", chart.include_crds),
        ("skipHooks", chart.skip_hooks),
        ("skipTests", chart.skip_tests),
        ("debug", chart.debug),
        ("devel", chart.devel),
    ] {
        if enabled {
            map.insert(key.to_owned(), true.into());
        }
    }
    Value::Object(map)
}
