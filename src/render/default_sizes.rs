//! Workloads of a chart whose size nobody chose: the values that say it are left at the chart's defaults.
//!
//! Charts write sizes as `replicaCount`, `replicas`, `resources` and `resourcesPreset`, at the root of a chart's values or below
//! the part of it that the workload is named for. Whether a size is too large is not decided here.

use plimsoll_helm::{Chart, Manifest};
use serde_json::{Map, Value};

use super::value_places::ValuePlaces;
use crate::diagnostic::Place;

/// A workload with its default size.
#[derive(Debug, Clone)]
pub struct DefaultSize {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The chart that was rendered.
    pub chart: String,
    /// The values that would choose another size.
    pub values: Vec<String>,
    /// Where values stand that the workload's chart takes, or the source.
    pub place: Place,
}

/// Kinds that run pods for as long as they are there.
const KINDS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// Ways to say how many pods there are, and ways to say how large each is. One way that is chosen is enough.
const WAYS: [&[&str]; 2] = [&["replicaCount", "replicas"], &["resources", "resourcesPreset"]];

/// The workload of a manifest, if a part of its size is the chart's own choice.
pub(super) fn of_manifest(
    chart: &Chart,
    values: &Map<String, Value>,
    manifest: &Manifest,
    places: &ValuePlaces<'_>,
) -> Option<DefaultSize> {
    if !KINDS.contains(&manifest.kind.as_str()) {
        return None;
    }
    let path = subcharts(&manifest.path);
    let defaults = defaults_at(chart, &path)?;
    let mut open: Vec<String> = Vec::new();
    for way in WAYS {
        let known: Vec<Vec<String>> =
            way.iter().flat_map(|word| paths_of(word, &defaults, &path, &manifest.name)).collect();
        if !known.iter().any(|keys| is_set(values, keys)) {
            open.extend(known.iter().map(|keys| keys.join(".")));
        }
    }
    if open.is_empty() {
        return None;
    }
    let place = (1..=path.len()).rev().find_map(|length| places.find(path.get(..length)?));
    Some(DefaultSize {
        kind: manifest.kind.clone(),
        name: manifest.name.clone(),
        chart: chart.name().to_owned(),
        values: open,
        place: place.unwrap_or_else(|| places.source.clone()),
    })
}

/// The names of the subcharts that a template's path leads through.
fn subcharts(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut parts = path.split('/').skip(1);
    while let (Some("charts"), Some(name)) = (parts.next(), parts.next()) {
        names.push(name.to_owned());
    }
    names
}

/// The tables of defaults that a subchart's values are made of; `None` where no chart is there.
fn defaults_at<'c>(chart: &'c Chart, path: &[String]) -> Option<Vec<&'c Map<String, Value>>> {
    let mut chart = chart;
    let mut tables = vec![&chart.values];
    for name in path {
        let declared = chart.metadata.dependencies.iter().flatten();
        let of_alias = declared.filter(|dependency| dependency.alias == *name);
        let known: Vec<&str> =
            of_alias.map(|dependency| dependency.name.as_str()).chain([name.as_str()]).collect();
        let inner = chart.dependencies.iter().find(|inner| known.contains(&inner.name()))?;
        tables = tables.into_iter().filter_map(|table| table.get(name)?.as_object()).collect();
        tables.push(&inner.values);
        chart = inner;
    }
    Some(tables)
}

/// Where the defaults have a key: at the root of the chart's values, or below a part that the workload is named for.
fn paths_of(
    word: &str,
    defaults: &[&Map<String, Value>],
    path: &[String],
    workload: &str,
) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut add = |keys: &[&str]| {
        let keys: Vec<String> =
            path.iter().map(String::as_str).chain(keys.iter().copied()).map(str::to_owned).collect();
        if !found.contains(&keys) {
            found.push(keys);
        }
    };
    for table in defaults {
        if table.contains_key(word) {
            add(&[word]);
        }
        for (part, below) in *table {
            let has_word = below.as_object().is_some_and(|below| below.contains_key(word));
            if has_word && workload.contains(&part.to_lowercase()) {
                add(&[part, word]);
            }
        }
    }
    found
}

fn is_set(values: &Map<String, Value>, keys: &[String]) -> bool {
    let mut table = Some(values);
    keys.iter().all(|key| {
        let value = table.and_then(|table| table.get(key));
        table = value.and_then(Value::as_object);
        value.is_some()
    })
}
