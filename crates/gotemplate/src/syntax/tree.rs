//! A parsed template with the text it came from.

use std::fmt;
use std::sync::Arc;

use super::node::Node;
use super::node_text::Place;
use crate::Location;

/// A text that templates were parsed from.
#[derive(Debug)]
pub(crate) struct Source {
    /// The name under which the text was parsed, for positions.
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<[u8]>,
}

/// A parsed template.
pub(crate) struct Tree {
    /// The name by which templates call it.
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<Source>,
    /// Shared by the templates of texts that are equal.
    pub(crate) nodes: Arc<[Node]>,
}

impl Tree {
    /// Returns a range of the source.
    pub(crate) fn source_text(&self, start: u32, end: u32) -> &[u8] {
        self.source.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Reports whether there is nothing but space and comments, so that the tree replaces no other.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.iter().all(|node| match node {
            Node::Text { start, end } => {
                let text = self.source_text(*start, *end);
                std::str::from_utf8(text).is_ok_and(|text| text.chars().all(char::is_whitespace))
            }
            _ => false,
        })
    }

    /// Returns the location of a part of this tree.
    pub(crate) fn location(&self, place: Place<'_>) -> Location {
        self.source.location(place.position())
    }
}

impl Source {
    /// Returns the location of a byte.
    pub(crate) fn location(&self, position: u32) -> Location {
        let text = self.text.get(..position as usize).unwrap_or_default();
        let line_start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Location {
            template: Arc::clone(&self.name),
            line: count(1 + text.iter().filter(|byte| **byte == b'\n').count()),
            column: count(text.len() - line_start),
        }
    }

    /// Returns the byte at a location.
    pub(crate) fn position(&self, location: &Location) -> Option<u32> {
        let mut line_start = 0;
        for _ in 1..location.line {
            let rest = self.text.get(line_start..)?;
            line_start += rest.iter().position(|byte| *byte == b'\n')? + 1;
        }
        u32::try_from(line_start).ok()?.checked_add(location.column)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tree({})", self.name)
    }
}
