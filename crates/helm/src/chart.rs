//! A chart in memory: loaded from a folder of a [`FileTree`] or from a packaged archive.
//!
//! Turns files into metadata, default values, templates and subcharts, with Helm's checks and words (Helm 3.21.4 and
//! 4.2.4). Nothing is rendered and no dependency is fetched here. Subcharts are in the order of their folders' names, since
//! Helm's own order is that of a Go map.

use std::collections::BTreeMap;

use plimsoll_gotemplate::Profile;
use plimsoll_resource::FileTree;
use serde_json::{Map, Value};

use crate::archive::{self, ArchiveBudget, ChartFile};
use crate::error::{Error, Warning};
use crate::ignore::{IgnoreRules, PathKind};
use crate::metadata::{Dependency, Metadata};
use crate::yaml_input;

/// A chart as it was loaded.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// What `Chart.yaml` says.
    pub metadata: Metadata,
    /// The default values.
    pub values: Map<String, Value>,
    /// `values.schema.json`.
    pub schema: Option<std::sync::Arc<[u8]>>,
    /// The files below `templates/`.
    pub templates: Vec<ChartFile>,
    /// Every other file that templates may read.
    pub files: Vec<ChartFile>,
    /// The charts below `charts/`.
    pub dependencies: Vec<Chart>,
    /// The versions of dependencies that `Chart.lock` or `requirements.lock` settles on.
    pub locked: Vec<Dependency>,
}

/// A chart, and what Helm would have logged while loading it.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The chart.
    pub chart: Chart,
    /// What was logged.
    pub warnings: Vec<Warning>,
}

/// How charts are loaded.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions {
    /// Which Helm is reproduced.
    pub profile: Profile,
    /// What archives may unpack to.
    pub budget: ArchiveBudget,
}

impl Chart {
    /// Loads the chart in a folder of the tree; the empty path is the whole tree.
    pub fn from_tree(tree: &FileTree, folder: &str, options: &LoadOptions) -> Result<Loaded, Error> {
        let skip = plimsoll_resource::normalize_path(folder).map_or(0, |path| match path.len() {
            0 => 0,
            length => length + 1,
        });
        let mut files: Vec<(&str, &std::sync::Arc<[u8]>)> =
            tree.below(folder).filter_map(|(path, bytes)| Some((path.get(skip..)?, bytes))).collect();
        // Helm walks folders, so `a/x` comes before `a-b/x`.
        files.sort_by(|(one, _), (other, _)| one.split('/').cmp(other.split('/')));
        let ignore_file = files.iter().find(|(path, _)| *path == ".helmignore").map(|(_, bytes)| &***bytes);
        let rules = IgnoreRules::parse(ignore_file).map_err(Error::chart)?;
        let mut kept = Vec::new();
        for (path, bytes) in files {
            let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            if folders.into_iter().any(|folder| rules.ignores(folder, PathKind::Folder))
                || rules.ignores(path, PathKind::File)
            {
                continue;
            }
            if bytes.len() as u64 > options.budget.file_bytes {
                let name = path.rsplit('/').next().unwrap_or(path);
                let limit = options.budget.file_bytes;
                return Err(Error::limit(format!(
                    "chart file {name:?} is larger than the maximum file size {limit}"
                )));
            }
            let data = if bytes.starts_with(b"\xEF\xBB\xBF") {
                archive::without_mark(bytes).into()
            } else {
                bytes.clone()
            };
            kept.push(ChartFile { name: path.to_owned(), data });
        }
        Chart::from_files(kept, options)
    }

    /// Loads a packaged chart.
    pub fn from_archive(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, Error> {
        let files = archive::unpack(bytes, &options.budget, options.profile)?;
        Chart::from_files(files, options)
    }

    /// Loads a chart from its files, by their paths within it.
    pub fn from_files(files: Vec<ChartFile>, options: &LoadOptions) -> Result<Loaded, Error> {
        let mut warnings = Vec::new();
        let chart = load(files, options, 0, &mut warnings)?;
        Ok(Loaded { chart, warnings })
    }

    /// The chart's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The dependencies that the chart declares and does not bring along in `charts/`, each as its lock settles it; where no
    /// lock does, as it is declared.
    #[must_use]
    pub fn missing_dependencies(&self) -> Vec<Dependency> {
        let mut missing: Vec<Dependency> = Vec::new();
        for declared in self.metadata.dependencies.iter().flatten() {
            if self.dependencies.iter().any(|chart| chart.name() == declared.name) {
                continue;
            }
            // Two dependencies on one chart differ by alias and perhaps by version; a lock lists them in their order.
            let position = missing.iter().filter(|other| other.name == declared.name).count();
            let locked = self.locked.iter().filter(|locked| locked.name == declared.name).nth(position);
            let settled = locked.unwrap_or(declared);
            let mut dependency = declared.clone();
            dependency.version.clone_from(&settled.version);
            missing.push(dependency);
        }
        missing
    }

    /// Adds a chart to those of `charts/`, where one of that name and version is not there yet.
    pub fn add_dependency(&mut self, chart: Chart) {
        let is_same =
            |other: &Chart| other.name() == chart.name() && other.metadata.version == chart.metadata.version;
        if !self.dependencies.iter().any(is_same) {
            let packaged = |chart: &Chart| format!("{}-{}.tgz", chart.name(), chart.metadata.version);
            self.dependencies.push(chart);
            self.dependencies.sort_by_cached_key(packaged);
        }
    }
}

fn load(
    files: Vec<ChartFile>,
    options: &LoadOptions,
    depth: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Chart, Error> {
    if depth > options.budget.depth {
        return Err(Error::limit(format!("charts lie more than {} deep in charts", options.budget.depth)));
    }
    let mut chart = Chart::default();
    let mut has_metadata = false;
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        has_metadata = true;
        read_metadata(&mut chart.metadata, file)?;
        if chart.metadata.api_version.is_empty() {
            chart.metadata.api_version = "v1".to_owned();
        }
    }
    let mut subcharts: BTreeMap<String, Vec<ChartFile>> = BTreeMap::new();
    for file in files {
        match file.name.as_str() {
            "Chart.yaml" => {}
            "Chart.lock" => chart.locked = read_lock(&file)?,
            "values.yaml" => {
                chart.values = yaml_input::chart_values(&file.data, options.profile)
                    .map_err(|message| Error::chart(format!("cannot load values.yaml: {message}")))?;
            }
            "values.schema.json" => chart.schema = Some(file.data),
            "requirements.yaml" | "requirements.lock" => {
                let is_first_version = chart.metadata.api_version == "v1";
                if !is_first_version {
                    warnings.push(outdated(&file.name));
                }
                if file.name == "requirements.yaml" {
                    has_metadata = true;
                    read_metadata(&mut chart.metadata, &file)?;
                } else {
                    chart.locked = read_lock(&file)?;
                }
                if is_first_version {
                    chart.files.push(file);
                }
            }
            name if name.starts_with("templates/") => chart.templates.push(file),
            name => match name.strip_prefix("charts/") {
                Some(inner) if !name.ends_with(".prov") => {
                    let folder = inner.split('/').next().unwrap_or(inner).to_owned();
                    let file = ChartFile { name: inner.to_owned(), data: file.data };
                    subcharts.entry(folder).or_default().push(file);
                }
                _ => chart.files.push(file),
            },
        }
    }
    if !has_metadata {
        return Err(Error::chart("Chart.yaml file is missing"));
    }
    chart.metadata.validate()?;
    for (folder, files) in subcharts {
        if folder.starts_with(['_', '.']) {
            continue;
        }
        let parent = chart.name();
        let words = format!("error unpacking subchart {folder} in {parent}");
        let subchart = if folder.ends_with(".tgz") {
            packed_subchart(&folder, &files, parent, options, depth, warnings)
        } else {
            let inner = |file: ChartFile| {
                let (_, name) = file.name.split_once('/')?;
                Some(ChartFile { name: name.to_owned(), data: file.data })
            };
            load(files.into_iter().filter_map(inner).collect(), options, depth + 1, warnings)
                .map_err(|error| error.context(&words))
        };
        chart.dependencies.push(subchart?);
    }
    Ok(chart)
}

fn packed_subchart(
    folder: &str,
    files: &[ChartFile],
    parent: &str,
    options: &LoadOptions,
    depth: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Chart, Error> {
    let words = format!("error unpacking subchart {folder} in {parent}");
    match files.first() {
        Some(file) if file.name == folder => archive::unpack(&file.data, &options.budget, options.profile)
            .and_then(|files| load(files, options, depth + 1, warnings))
            .map_err(|error| error.context(words)),
        file => {
            let found = file.map_or("", |file| file.name.as_str());
            Err(Error::chart(format!(
                "error unpacking subchart tar in {parent}: expected {folder}, got {found}"
            )))
        }
    }
}

fn read_metadata(metadata: &mut Metadata, file: &ChartFile) -> Result<(), Error> {
    yaml_input::document(&file.data)
        .and_then(|document| metadata.read(&document))
        .map_err(|message| Error::chart(format!("cannot load {}: {message}", file.name)))
}

/// The dependencies that a lock settles on. Of their fields only the names matter to rendering: what is locked has been
/// unpacked already, or is fetched by the caller.
fn read_lock(file: &ChartFile) -> Result<Vec<Dependency>, Error> {
    let read = || -> Result<Vec<Dependency>, String> {
        let document = yaml_input::document(&file.data)?;
        let Some(reader) = crate::typed::Reader::of_document(&document, "Lock", "chart")? else {
            return Ok(Vec::new());
        };
        reader.string("digest", &mut String::new())?;
        let mut locked = None;
        reader.structs("dependencies", "Dependency", &mut locked, Dependency::read)?;
        Ok(locked.unwrap_or_default())
    };
    read().map_err(|message| Error::chart(format!("cannot load {}: {message}", file.name)))
}

fn outdated(name: &str) -> Warning {
    if name == "requirements.yaml" {
        let text = "Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend \
                    migrating dependencies to Chart.yaml.";
        Warning { origin: "load.go:120", text: text.to_owned() }
    } else {
        let text = "Warning: Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend \
                    migrating to Chart.lock.";
        Warning { origin: "load.go:138", text: text.to_owned() }
    }
}
