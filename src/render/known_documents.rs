//! Texts that have been read into resources, so that another version of an environment reads only those that differ.
//!
//! A text is the same if its file, its bytes and the parts of templates that wrote it are. Only the resources are shared: places
//! are shown in the files of the version that asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_resource::Resource;

use super::documents::{self, Piece};
use super::source_text::SourceText;
use crate::diagnostic::Diagnostics;

/// What was read without a problem: by file and length, the texts and their resources.
type Known = HashMap<(String, usize), Vec<(Arc<SourceText>, Vec<Arc<Resource>>)>>;

/// Texts that were read.
#[derive(Debug, Default)]
pub struct KnownDocuments(Mutex<Known>);

/// What reads texts into resources.
#[derive(Debug, Clone, Copy)]
pub enum DocumentReader<'a> {
    /// Reads each text.
    Plain,
    /// The same, and remembers it.
    Remembering(&'a KnownDocuments),
    /// Reads what is not known.
    Knowing(&'a KnownDocuments),
}

impl DocumentReader<'_> {
    /// The resources of a text.
    #[must_use]
    pub fn read(self, source: SourceText) -> (Vec<Piece>, Diagnostics) {
        match self {
            DocumentReader::Plain => documents::read(Arc::new(source)),
            DocumentReader::Remembering(known) => {
                let source = Arc::new(source);
                let (pieces, found) = documents::read(Arc::clone(&source));
                if found.is_empty() {
                    known.remember(source, &pieces);
                }
                (pieces, found)
            }
            DocumentReader::Knowing(known) => match known.resources(&source) {
                Some(resources) => {
                    let source = Arc::new(source);
                    let piece = |resource| Piece { resource, source: Arc::clone(&source), namespace: None };
                    (resources.into_iter().map(piece).collect(), Diagnostics::new())
                }
                None => documents::read(Arc::new(source)),
            },
        }
    }
}

impl KnownDocuments {
    fn remember(&self, source: Arc<SourceText>, pieces: &[Piece]) {
        let resources = pieces.iter().map(|piece| Arc::clone(&piece.resource)).collect();
        let key = (source.file.clone(), source.text.len());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_default().push((source, resources));
    }

    fn resources(&self, source: &SourceText) -> Option<Vec<Arc<Resource>>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = known.get(&(source.file.clone(), source.text.len()))?;
        texts.iter().find(|(text, _)| text.is_same(source)).map(|(_, resources)| resources.clone())
    }
}
