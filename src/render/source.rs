//! One source of a layer into resources.
//!
//! A `templates` source renders every `.yaml`, `.yml` and `.json` file (also with `.j2` behind it) below its `templates/`, but
//! those whose name begins with `_` or `.`, which are there to be included. A `manifests` source reads the same kinds of files
//! of a folder, or one file. A `kustomize` source is built by [`kustomize_source`], a
//! chart rendered by [`helm_source`]. Files are rendered in parallel and collected in the order of their paths.

use std::collections::BTreeSet;

use minijinja::Value as TemplateValue;
use minijinja::value::Serde;
use plimsoll_resource::{FileTree, normalize_path};
use rayon::prelude::*;
use serde_json::Map;

use super::default_sizes::DefaultSize;
use super::documents::Piece;
use super::helm_source;
use super::known_documents::DocumentReader;
use super::kustomize_source::{self, RandomCharts};
use super::source_text::SourceText;
use super::template::Templates;
use super::values;
use crate::config::environment::{Folder, Source};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, did_you_mean};
use crate::fetch::ChartAddress;
use crate::fetch::pinned::{Pinned, RecordingPinned};

/// What a source gave.
#[derive(Debug, Default)]
pub struct SourceOutput {
    /// The resources, in the order of their files.
    pub pieces: Vec<Piece>,
    /// The files that were read.
    pub read: BTreeSet<String>,
    /// What is wrong.
    pub found: Diagnostics,
    /// Workloads of charts that have the size which their chart chose.
    pub default_sizes: Vec<DefaultSize>,
}

/// What a source is rendered with.
#[derive(Debug, Clone, Copy)]
pub struct SourceContext<'a> {
    /// The inputs.
    pub tree: &'a FileTree,
    /// What templates see besides their values.
    pub facts: &'a Map<String, serde_json::Value>,
    /// The layer's folder among the overlays.
    pub folder: &'a str,
    /// The values file that is merged over each source's own.
    pub layer_values: &'a str,
    /// The layer's namespace.
    pub namespace: Option<&'a str>,
    /// Where the environment names the source.
    pub place: &'a Place,
    /// What was fetched.
    pub pinned: &'a Pinned<'a>,
    /// What reads texts into resources.
    pub documents: DocumentReader<'a>,
}

/// Renders a source.
#[must_use]
pub fn render(source: &Source, context: SourceContext<'_>) -> SourceOutput {
    match source {
        Source::Templates(folder) => render_templates(folder, context),
        Source::Manifests(folder) => read_manifests(folder, context),
        Source::Kustomize(folder) => {
            let mut output = SourceOutput::default();
            let Some(path) = existing(&folder.path, context, &mut output.found) else { return output };
            let pinned = RecordingPinned::of(context.pinned);
            let mut output = kustomize_source::render(
                &path,
                context.tree,
                &pinned,
                RandomCharts::Refused,
                context.documents,
            );
            output.read.extend(pinned.read());
            output
        }
        Source::Helm(helm) => {
            let pinned = RecordingPinned::of(context.pinned);
            let mut output = match ChartAddress::of_source(helm) {
                Ok(Some(address)) => helm_source::render_pinned(helm, &address, &pinned, context),
                _ => {
                    let mut output = SourceOutput::default();
                    match existing(&helm.chart, context, &mut output.found) {
                        Some(path) => helm_source::render(helm, &path, &pinned, context),
                        None => output,
                    }
                }
            };
            output.read.extend(pinned.read());
            output
        }
    }
}

fn render_templates(folder: &Folder, context: SourceContext<'_>) -> SourceOutput {
    let mut output = SourceOutput::default();
    let Some(path) = existing(&folder.path, context, &mut output.found) else { return output };
    let root = format!("{path}/templates");
    let files: Vec<&str> = context
        .tree
        .below(&root)
        .map(|(file, _)| file)
        .filter(|file| is_manifest(file.strip_suffix(".j2").unwrap_or(file)) && !is_partial(file, &root))
        .collect();
    if files.is_empty() {
        let message = format!("`{root}` has no templates");
        let help =
            "a `templates` source keeps its templates in `templates/`; for plain files write `manifests`";
        output.found.push(
            Diagnostic::error(Code::new("render::empty-source"), message)
                .at(context.place.clone())
                .with_help(help),
        );
        return output;
    }
    let templates = Templates::new(context.tree, &path);
    let Some(context_value) = template_context(&path, &templates, context, &mut output) else {
        return output;
    };
    let rendered: Vec<(Vec<Piece>, Diagnostics)> = files
        .par_iter()
        .map(|file| match templates.render(file, &context_value) {
            Ok((text, parts)) => {
                let source = SourceText::rendered((*file).to_owned(), text.into(), parts, context.tree);
                context.documents.read(source)
            }
            Err(diagnostic) => (Vec::new(), Diagnostics::from(*diagnostic)),
        })
        .collect();
    collect(rendered, &mut output);
    output.read.extend(templates.files_read());
    output
}

/// The whole context of a source's templates: the facts, and the values.
fn template_context(
    path: &str,
    templates: &Templates,
    context: SourceContext<'_>,
    output: &mut SourceOutput,
) -> Option<TemplateValue> {
    let facts = TemplateValue::from(Serde(context.facts));
    let own = format!("{path}/values.yaml");
    let mut merged: Option<Map<String, serde_json::Value>> = None;
    let mut failed = false;
    for file in [own.as_str(), context.layer_values] {
        if context.tree.get(file).is_some() {
            output.read.insert(file.to_owned());
        }
        match values::read(context.tree, file, templates, &facts) {
            Ok(values) => {
                merged = Some(match merged.take() {
                    None => values,
                    Some(own) => values::merge(own, values),
                });
            }
            Err(diagnostic) => {
                output.found.push(*diagnostic);
                failed = true;
            }
        }
    }
    let mut whole = context.facts.clone();
    whole.insert("values".to_owned(), serde_json::Value::Object(merged.unwrap_or_default()));
    (!failed).then(|| TemplateValue::from(Serde(&whole)))
}

fn read_manifests(folder: &Folder, context: SourceContext<'_>) -> SourceOutput {
    let mut output = SourceOutput::default();
    let Some(path) = existing(&folder.path, context, &mut output.found) else { return output };
    let files: Vec<&str> = if context.tree.get(&path).is_some() {
        vec![&path]
    } else {
        let below = context.tree.below(&path).map(|(file, _)| file);
        below.filter(|file| is_manifest(file) && !is_partial(file, &path)).collect()
    };
    if files.is_empty() {
        output.found.push(
            Diagnostic::error(Code::new("render::empty-source"), format!("`{path}` has no manifests"))
                .at(context.place.clone())
                .with_help("manifests are files that end in .yaml, .yml or .json"),
        );
    }
    let read: Vec<(Vec<Piece>, Diagnostics)> = files
        .par_iter()
        .map(|file| {
            let bytes = context.tree.get(file).map(|bytes| &**bytes).unwrap_or_default();
            match std::str::from_utf8(bytes) {
                Ok(text) => context.documents.read(SourceText::manifest((*file).to_owned(), text.into())),
                Err(_) => {
                    let diagnostic =
                        Diagnostic::error(Code::new("manifest::syntax"), "the file is not UTF-8")
                            .at(Place::file(*file));
                    (Vec::new(), diagnostic.into())
                }
            }
        })
        .collect();
    collect(read, &mut output);
    output.read.extend(files.into_iter().map(str::to_owned));
    output
}

fn collect(results: Vec<(Vec<Piece>, Diagnostics)>, output: &mut SourceOutput) {
    for (pieces, found) in results {
        output.pieces.extend(pieces);
        output.found.extend(found);
    }
}

/// The source's path, normalised, if something is there.
fn existing(named: &str, context: SourceContext<'_>, found: &mut Diagnostics) -> Option<String> {
    let path = normalize_path(named).unwrap_or_default();
    let is_there = !path.is_empty() && (context.tree.get(&path).is_some() || context.tree.is_folder(&path));
    if is_there {
        return Some(path);
    }
    let folders: BTreeSet<&str> =
        context.tree.iter().filter_map(|(file, _)| file.rsplit_once('/').map(|(parent, _)| parent)).collect();
    found.push(
        Diagnostic::error(Code::new("render::missing-source"), format!("there is no `{named}`"))
            .at(context.place.clone())
            .with_optional_help(
                did_you_mean(named, folders)
                    .or_else(|| Some("paths of sources are from the repository's root".to_owned())),
            ),
    );
    None
}

fn is_manifest(file: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|extension| file.ends_with(extension))
}

/// Whether the file, or a folder on the way to it, has a name that begins with `_` or `.`.
fn is_partial(file: &str, root: &str) -> bool {
    let below = file.strip_prefix(root).unwrap_or(file);
    below.split('/').any(|part| part.starts_with(['_', '.']))
}
