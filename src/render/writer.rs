//! Resources in their namespaces into files with safe names, layer by layer, and the sync objects beside them.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_resource::{FileTree, ResourceId};
use plimsoll_yaml::Node;
use rayon::prelude::*;

use super::documents::Piece;
use super::known_resources::{KnownResource, KnownResources};
use super::{Fate, RenderedLayer, RenderedResource, Trees, canonical, output_path, sync};
use crate::config::environment::Environment;
use crate::config::environment_path;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Collects the files of an environment.
pub(super) struct Writer {
    environment: String,
    trees: Trees,
    /// The files so far.
    pub(super) files: FileTree,
    /// What another version may take over.
    pub(super) known: KnownResources,
}

/// A resource that is printed.
struct Printed {
    resource: RenderedResource,
    text: Arc<[u8]>,
    known: Option<KnownResource>,
}

impl Printed {
    fn new(resource: RenderedResource, text: String) -> Printed {
        Printed { resource, text: text.into_bytes().into(), known: None }
    }

    /// Prints a resource, or takes over what the same one of another version became.
    fn of(piece: Piece, path: String, fate: Fate<'_>, trees: Trees) -> Result<Printed, Diagnostics> {
        let resource = &piece.resource;
        let source = resource.origin.file.clone();
        if let Fate::Known(known) = fate
            && !RenderedResource::is_definition(&resource.id)
        {
            let api_version = resource.node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
            let resource = RenderedResource {
                id: resource.id.clone(),
                path,
                source,
                api_version: api_version.to_owned(),
                definition: None,
                tree: None,
            };
            return Ok(Printed { resource, text: Arc::clone(&known.text), known: None });
        }
        let (value, text) = canonical::print(&piece)?;
        let mut printed = Printed::new(RenderedResource::new(resource.id.clone(), path, source, value), text);
        if trees == Trees::Remembered && !matches!(fate, Fate::Struck) {
            let (resource, text) = (Arc::clone(&piece.resource), Arc::clone(&printed.text));
            printed.known = Some(KnownResource { resource, text });
        }
        if trees != Trees::Dropped {
            printed.resource.tree = Some(piece.resource);
        }
        Ok(printed)
    }
}

impl Writer {
    pub(super) fn new(environment: &str, trees: Trees) -> Writer {
        let environment = environment.to_owned();
        Writer { environment, trees, files: FileTree::new(), known: KnownResources::default() }
    }

    /// Writes the resources of a layer.
    pub(super) fn write_layer(
        &mut self,
        layer: &str,
        pieces: Vec<Piece>,
        fates: Vec<Fate<'_>>,
    ) -> Result<Vec<RenderedResource>, Diagnostics> {
        let ids: Vec<&ResourceId> = pieces.iter().map(|piece| &piece.resource.id).collect();
        let paths = output_path::assign(&ids);
        let printed: Vec<Result<Printed, Diagnostics>> = pieces
            .into_par_iter()
            .zip(fates)
            .zip(paths)
            .map(|((piece, fate), path)| {
                let path = format!("environments/{}/{layer}/{path}", self.environment);
                Printed::of(piece, path, fate, self.trees)
            })
            .collect();
        self.collect(printed)
    }

    /// Writes the objects by which Flux or Argo CD apply the layers; none where the environment asks for none.
    pub(super) fn write_sync(
        &mut self,
        environment: &Environment,
        layers: &[RenderedLayer],
    ) -> Result<Option<RenderedLayer>, Diagnostics> {
        let contents: Vec<sync::LayerContents<'_>> =
            layers.iter().map(|layer| sync::LayerContents { resources: &layer.resources }).collect();
        let objects = sync::objects(environment, &contents);
        if objects.is_empty() {
            return Ok(None);
        }
        let source = environment_path(&self.environment);
        let paths = output_path::assign(&objects.iter().map(|(id, _)| id).collect::<Vec<_>>());
        let written = objects
            .into_iter()
            .zip(paths)
            .map(|((id, value), path)| {
                let text = canonical::print_value(&value)?;
                let path = format!("environments/{}/sync/{path}", self.environment);
                Ok(Printed::new(RenderedResource::new(id, path, source.clone(), value), text))
            })
            .collect();
        let resources = self.collect(written)?;
        let destination = "management".to_owned();
        Ok(Some(RenderedLayer { name: "sync".to_owned(), destination, resources, elapsed: Duration::ZERO }))
    }

    fn collect(
        &mut self,
        printed: Vec<Result<Printed, Diagnostics>>,
    ) -> Result<Vec<RenderedResource>, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut resources = Vec::with_capacity(printed.len());
        for one in printed {
            match one {
                Ok(Printed { resource, text, known }) => {
                    self.insert(&resource.path, text)?;
                    resources.push(resource);
                    known.into_iter().for_each(|known| self.known.insert(known));
                }
                Err(of_resource) => found.extend(of_resource),
            }
        }
        resources.sort_by(|first, second| first.path.cmp(&second.path));
        if found.has_errors() { Err(found.in_environment(&self.environment)) } else { Ok(resources) }
    }

    /// Writes a file.
    pub(super) fn insert(&mut self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Result<(), Diagnostics> {
        self.files
            .insert(path, bytes)
            .map_err(|error| Diagnostic::error(Code::new("render::output-path"), error.to_string()).into())
    }
}
