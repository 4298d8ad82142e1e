//! The resources of an environment that expansion needs: definitions, Compositions, functions, claims, and what templates may
//! ask for. All others are left as text, since reading them would take longer than expanding the claims.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use plimsoll_resource::FileTree;
use plimsoll_yaml::{Budget, Dialect, Node, Numbers, Span};
use rayon::prelude::*;
use serde_json::Value;

use super::{Sources, Supplied};
use crate::diagnostic::Place;
use crate::render::RenderedEnvironment;
use crate::secrets::mask;

/// A resource with the file that it stands in.
#[derive(Debug)]
pub struct ResourceFile {
    /// The path from the repository's root.
    pub path: String,
    /// The text.
    pub text: Arc<[u8]>,
    /// The plain data.
    pub value: Value,
    node: OnceLock<Option<Node>>,
    /// Where the lines begin.
    lines: OnceLock<Vec<u32>>,
}

/// The resources of one environment.
#[derive(Debug, Default)]
pub struct EnvironmentResources {
    pub(super) files: Vec<ResourceFile>,
    /// What is supplied besides.
    pub supplied: Supplied,
}

const DEFINITIONS: &str = "apiextensions.crossplane.io";
const PACKAGES: &str = "pkg.crossplane.io";

impl EnvironmentResources {
    /// The resources of a rendered environment.
    #[must_use]
    pub fn of_rendered(rendered: &RenderedEnvironment) -> EnvironmentResources {
        let resources = || rendered.layers.iter().flat_map(|layer| &layer.resources);
        let definitions: Vec<&Value> =
            resources().filter_map(|resource| resource.definition.as_ref()).collect();
        let wanted = Wanted::of(&definitions);
        if wanted.is_empty() {
            return EnvironmentResources::default();
        }
        let files = resources()
            .collect::<Vec<_>>()
            .into_par_iter()
            .filter_map(|resource| {
                let text = rendered.files.get(&resource.path)?;
                let value = match &resource.definition {
                    Some(definition) => definition.clone(),
                    None if wanted.has(&resource.id.group, &resource.id.kind) => rendered.value(resource)?,
                    None => return None,
                };
                Some(ResourceFile::new(resource.path.clone(), Arc::clone(text), value))
            })
            .collect();
        EnvironmentResources { files, supplied: rendered.supplied.clone() }
    }

    /// The resources in the files below `environments/<environment>/`. Files that are no resources are passed over: they are
    /// for others to tell.
    #[must_use]
    pub fn of_files(tree: &FileTree, environment: &str, supplied: Supplied) -> EnvironmentResources {
        let files: Vec<(&str, &Arc<[u8]>)> = tree
            .below(&format!("environments/{environment}"))
            .filter(|(path, _)| path.ends_with(".yaml") || path.ends_with(".yml"))
            .collect();
        let mut files: Vec<ResourceFile> = files
            .into_par_iter()
            .flat_map_iter(|(path, text)| {
                let documents = plimsoll_yaml::parse_each(text, Dialect::Helm, &Budget::DEFAULT);
                documents.into_iter().filter_map(move |document| {
                    let value = document.ok()?.root.to_value(Dialect::Helm, Numbers::AsWritten).ok()?;
                    value.get("kind").and_then(Value::as_str)?;
                    Some(ResourceFile::new(path.to_owned(), Arc::clone(text), value))
                })
            })
            .collect();
        let definitions: Vec<&Value> =
            files.iter().map(|file| &file.value).filter(|value| is_definition(value)).collect();
        let wanted = Wanted::of(&definitions);
        files.retain(|file| {
            let (group, kind) = group_and_kind(&file.value);
            is_definition(&file.value) || wanted.has(group, kind)
        });
        if wanted.is_empty() {
            EnvironmentResources::default()
        } else {
            EnvironmentResources { files, supplied }
        }
    }

    /// The resources, in the order of their files.
    pub fn iter(&self) -> impl Iterator<Item = &ResourceFile> {
        self.files.iter()
    }
}

impl ResourceFile {
    fn new(path: String, text: Arc<[u8]>, value: Value) -> ResourceFile {
        ResourceFile { path, text, value, node: OnceLock::new(), lines: OnceLock::new() }
    }

    /// The line that a span begins on, from 1; `None` for what was never in the text.
    pub(super) fn line_of(&self, span: Span) -> Option<u32> {
        let lines = self.lines.get_or_init(|| {
            let breaks = self.text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(breaks.filter_map(|(at, _)| u32::try_from(at + 1).ok())).collect()
        });
        let line = lines.partition_point(|start| *start <= span.start);
        span.is_known().then(|| u32::try_from(line).unwrap_or(u32::MAX))
    }

    /// The tree of the resource, whose nodes know their places in the text.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        let read = || {
            let documents = plimsoll_yaml::parse_each(&self.text, Dialect::Helm, &Budget::DEFAULT);
            documents.into_iter().filter_map(|document| Some(document.ok()?.root)).find(|root| {
                let has = |keys: &[&str]| {
                    let pointer: String = keys.iter().map(|key| format!("/{key}")).collect();
                    root.at(keys).and_then(Node::as_str)
                        == self.value.pointer(&pointer).and_then(Value::as_str)
                };
                has(&["kind"]) && has(&["metadata", "name"]) && has(&["metadata", "namespace"])
            })
        };
        self.node.get_or_init(read).as_ref()
    }
}

impl Sources for EnvironmentResources {
    fn values(&self) -> Vec<&Value> {
        self.files.iter().map(|file| &file.value).collect()
    }

    fn value(&self, index: usize) -> Option<&Value> {
        self.files.get(index).map(|file| &file.value)
    }

    fn node(&self, index: usize) -> Option<&Node> {
        self.files.get(index)?.node()
    }

    fn place_of(&self, index: usize, node: &Node) -> Option<Place> {
        let file = self.files.get(index)?;
        let text = std::str::from_utf8(&file.text).ok()?;
        Some(mask::without_secrets(Place::of_span(file.path.clone(), text, node.span()), ""))
    }

    fn supplied(&self) -> &Supplied {
        &self.supplied
    }
}

fn group_and_kind(value: &Value) -> (&str, &str) {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    (plimsoll_resource::split_api_version(text("apiVersion")).0, text("kind"))
}

fn is_definition(value: &Value) -> bool {
    group_and_kind(value).0 == DEFINITIONS
}

/// Which resources expansion needs besides definitions and Compositions.
struct Wanted {
    kinds: BTreeSet<(String, String)>,
    pipelines: Vec<String>,
}

impl Wanted {
    fn of(definitions: &[&Value]) -> Wanted {
        let mut wanted = Wanted { kinds: BTreeSet::new(), pipelines: Vec::new() };
        for definition in definitions {
            let text =
                |pointer: &str| definition.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            match text("/kind") {
                "CompositeResourceDefinition" => {
                    for kind in ["/spec/names/kind", "/spec/claimNames/kind"] {
                        wanted.kinds.insert((text("/spec/group").to_owned(), text(kind).to_owned()));
                    }
                }
                "Composition" => {
                    wanted
                        .pipelines
                        .push(definition.pointer("/spec/pipeline").unwrap_or(&Value::Null).to_string());
                }
                _ => {}
            }
        }
        wanted
    }

    fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Whether resources of a kind are claims, functions, or what a pipeline names and so may ask for.
    fn has(&self, group: &str, kind: &str) -> bool {
        (group == PACKAGES && ["Function", "DeploymentRuntimeConfig"].contains(&kind))
            || self.kinds.contains(&(group.to_owned(), kind.to_owned()))
            || self.pipelines.iter().any(|pipeline| {
                let asks = ["ExtraResources", "equiredResources", "environmentconfigs.fn", "extraResources"];
                asks.iter().any(|word| pipeline.contains(word)) && pipeline.contains(kind)
            })
    }
}
