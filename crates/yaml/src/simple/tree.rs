//! Simple documents into trees, the same as the composer would make.

use std::borrow::Cow;

use super::{Collection, GivenUp, Listener, listen};
use crate::budget::Budget;
use crate::dialect::Dialect;
use crate::duplicates;
use crate::merge;
use crate::node::{Entry, Node, Style, Tag};
use crate::resolve;
use crate::span::Span;

/// The tree of a simple document.
pub(crate) fn read_tree(source: &[u8], dialect: Dialect, budget: &Budget) -> Result<Node, GivenUp> {
    let mut builder = Builder { dialect, stack: Vec::new(), frames: Vec::new() };
    listen(source, dialect, budget, &mut builder)?;
    builder.stack.pop().ok_or(GivenUp)
}

struct Builder {
    dialect: Dialect,
    /// The nodes of all open collections, of a mapping keys and values in turn.
    stack: Vec<Node>,
    frames: Vec<Frame>,
}

/// A collection that is not closed yet.
struct Frame {
    collection: Collection,
    style: Style,
    base: usize,
    start: u32,
    end: u32,
}

impl Builder {
    fn add(&mut self, node: Node) {
        if let Some(frame) = self.frames.last_mut() {
            frame.end = frame.end.max(node.span().end);
        }
        self.stack.push(node);
    }
}

impl Listener<'_> for Builder {
    fn scalar(&mut self, text: Cow<'_, str>, style: Style, span: Span) -> Result<(), GivenUp> {
        let tag = if style == Style::Plain { resolve::resolve(&text, self.dialect) } else { Tag::Str };
        self.add(Node::scalar(text, tag).with_style(style).with_span(span));
        Ok(())
    }

    fn open(&mut self, collection: Collection, style: Style, start: u32) -> Result<(), GivenUp> {
        self.frames.push(Frame { collection, style, base: self.stack.len(), start, end: start });
        Ok(())
    }

    fn close(&mut self, end: Option<u32>) -> Result<(), GivenUp> {
        let frame = self.frames.pop().ok_or(GivenUp)?;
        let mut nodes = self.stack.drain(frame.base.min(self.stack.len())..);
        let node = match frame.collection {
            Collection::Sequence => Node::sequence(nodes.collect()),
            Collection::Mapping => {
                let mut entries = Vec::with_capacity(nodes.len() / 2);
                while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
                    entries.push(Entry { key, value });
                }
                drop(nodes);
                if self.dialect == Dialect::Helm {
                    merge::keep_last(&mut entries);
                } else if duplicates::has_duplicates(&entries) {
                    return Err(GivenUp);
                }
                Node::mapping(entries)
            }
        };
        let span = Span::new(frame.start, end.unwrap_or(frame.end));
        self.add(node.with_style(frame.style).with_span(span));
        Ok(())
    }
}
