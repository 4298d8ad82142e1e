//! The text that resources were read from, and how its places are shown.
//!
//! A manifest's places are its own. What a template gave has places in the template, or in one that it includes: each part of
//! the output knows the text or the expression that wrote it.

use std::sync::Arc;

use plimsoll_resource::FileTree;
use plimsoll_yaml::Span;

use crate::diagnostic::Place;
use crate::secrets::mask;

/// A text with its name.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// The file, from the repository's root.
    pub file: String,
    /// The text that was parsed.
    pub text: Arc<str>,
    /// Which parts of templates gave the text, in its order; none for a manifest.
    parts: Vec<OutputPart>,
    templates: FileTree,
    lines: Vec<u32>,
}

/// A part of a template's output with what wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputPart {
    /// The part of the output.
    pub output: Span,
    /// The template, from the repository's root.
    pub template: Arc<str>,
    /// The text or expression in the template.
    pub source: Span,
    /// Whether the template's text was written as it is.
    pub is_literal: bool,
}

impl SourceText {
    /// A file that was parsed as it is.
    #[must_use]
    pub fn manifest(file: String, text: Arc<str>) -> SourceText {
        SourceText { lines: line_starts(&text), file, text, parts: Vec::new(), templates: FileTree::new() }
    }

    /// What a template gave; the templates are found in the tree.
    #[must_use]
    pub fn rendered(file: String, text: Arc<str>, parts: Vec<OutputPart>, tree: &FileTree) -> SourceText {
        SourceText { lines: line_starts(&text), file, text, parts, templates: tree.clone() }
    }

    /// Whether the same text was given by the same parts of the same file.
    #[must_use]
    pub fn is_same(&self, other: &SourceText) -> bool {
        self.file == other.file && self.text == other.text && self.parts == other.parts
    }

    /// The line of an offset, from 1.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> u32 {
        let line = self.lines.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX).max(1)
    }

    /// Whether the text is a template's output.
    #[must_use]
    pub fn is_rendered(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The place of a span, with its line unless that may hold a secret.
    #[must_use]
    pub fn place(&self, span: Span) -> Place {
        if !span.is_known() {
            return Place::file(self.file.clone());
        }
        let Some((part, span)) = self.origin(span) else {
            return mask::without_secrets(Place::of_span(self.file.clone(), &self.text, span), &self.text);
        };
        let bytes = self.templates.get(&part.template).map(|bytes| &**bytes).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(template) if !template.is_empty() => {
                mask::without_secrets(Place::of_span(&*part.template, template, span), template)
            }
            _ => Place::file(&*part.template),
        }
    }

    /// The part of a template that wrote the start of a span, and the span in that template.
    fn origin(&self, span: Span) -> Option<(&OutputPart, Span)> {
        let next = self.parts.partition_point(|part| part.output.start <= span.start);
        let part = self.parts.get(next.checked_sub(1)?)?;
        if !part.is_literal {
            return Some((part, part.source));
        }
        let shift =
            |offset: u32| part.source.start + offset.min(part.output.end).saturating_sub(part.output.start);
        Some((part, Span::new(shift(span.start), shift(span.end))))
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let after_newlines = text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
    std::iter::once(0).chain(after_newlines).collect()
}
