//! The lines of a simple document: indentation, entries of sequences and mappings, comments.

use std::borrow::Cow;

use super::{Collection, GivenUp, Listener, key};
use crate::dialect::Dialect;
use crate::node::Style;
use crate::span::Span;

/// How deep collections may be nested here; what is deeper is seldom.
const DEEPEST: usize = 100;

/// Walks over the lines of a text.
pub(super) struct Reader<'s, 'l, L> {
    pub(super) text: &'s str,
    pub(super) bytes: &'s [u8],
    /// The start of the line at hand.
    line_start: usize,
    /// The end of the line at hand, without its line break.
    pub(super) line_end: usize,
    open: Vec<Open>,
    depth: usize,
    expected: Option<Expected>,
    /// Whether comments belong to nodes, which is not known here.
    keeps_comments: bool,
    pub(super) listener: &'l mut L,
}

/// A block collection that may go on.
#[derive(Clone, Copy)]
struct Open {
    collection: Collection,
    indent: usize,
}

/// A key or a `-` with nothing behind it on its line.
#[derive(Clone, Copy)]
struct Expected {
    collection: Collection,
    indent: usize,
    /// Where the value is if it is nothing.
    offset: usize,
}

impl<'s, 'l, L: Listener<'s>> Reader<'s, 'l, L> {
    pub(super) fn new(text: &'s str, dialect: Dialect, depth: usize, listener: &'l mut L) -> Self {
        Reader {
            text,
            bytes: text.as_bytes(),
            line_start: 0,
            line_end: 0,
            open: Vec::new(),
            depth: depth.min(DEEPEST),
            expected: None,
            keeps_comments: dialect != Dialect::Helm,
            listener,
        }
    }

    /// Reads the whole text.
    pub(super) fn read(mut self) -> Result<(), GivenUp> {
        let mut next = 0;
        let mut may_begin = true;
        while next < self.bytes.len() {
            self.enter_line(next);
            let start = self.skip_spaces(self.line_start);
            let column = start - self.line_start;
            match self.byte(start) {
                None => {}
                Some(b'#') => self.comment()?,
                Some(b'-') if column == 0 && self.rest(start) == b"---" && may_begin => may_begin = false,
                Some(b'-' | b'.' | b'%') if column == 0 && self.is_marker(start) => return Err(GivenUp),
                Some(b'\t') => return Err(GivenUp),
                Some(b'[' | b'{') if self.expected.is_some_and(|expected| expected.fits(column, false)) => {
                    self.expected = None;
                    self.flow_line(start)?;
                }
                Some(_) => {
                    may_begin = false;
                    let is_item = self.is_dash(start);
                    self.settle(column, is_item, start)?;
                    if is_item { self.item(start)? } else { self.entry(start, column)? }
                }
            }
            // A scalar may have moved on to its last line.
            next = self.line_end + 1;
        }
        self.end_expected()?;
        if self.open.is_empty() {
            return Err(GivenUp);
        }
        while !self.open.is_empty() {
            self.close()?;
        }
        Ok(())
    }

    /// Makes the line that begins at an offset the one at hand.
    pub(super) fn enter_line(&mut self, start: usize) {
        self.line_start = start;
        self.line_end = self.end_of_line(start);
    }

    pub(super) fn end_of_line(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |length| start + length)
    }

    /// The byte at an offset of the line at hand.
    pub(super) fn byte(&self, offset: usize) -> Option<u8> {
        if offset < self.line_end { self.bytes.get(offset).copied() } else { None }
    }

    /// What is left of the line at hand.
    pub(super) fn rest(&self, from: usize) -> &'s [u8] {
        self.bytes.get(from..self.line_end).unwrap_or_default()
    }

    pub(super) fn skip_spaces(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..self.line_end).unwrap_or_default();
        from + rest.iter().position(|byte| *byte != b' ').unwrap_or(rest.len())
    }

    pub(super) fn comment(&self) -> Result<(), GivenUp> {
        if self.keeps_comments { Err(GivenUp) } else { Ok(()) }
    }

    /// Whether nothing but spaces and a comment follows on the line.
    pub(super) fn ends_line(&self, from: usize) -> Result<bool, GivenUp> {
        let start = self.skip_spaces(from);
        match self.byte(start) {
            None => Ok(true),
            Some(b'#') if start > from => self.comment().map(|()| true),
            Some(b'\t') => Err(GivenUp),
            Some(_) => Ok(false),
        }
    }

    /// Whether a `-` with a space or nothing behind it stands there.
    fn is_dash(&self, at: usize) -> bool {
        self.byte(at) == Some(b'-') && matches!(self.byte(at + 1), None | Some(b' ' | b'\t'))
    }

    fn is_marker(&self, start: usize) -> bool {
        let rest = self.rest(start);
        rest.starts_with(b"---") || rest.starts_with(b"...") || rest.starts_with(b"%")
    }

    /// Closes what the line is not part of, and opens what begins with it.
    fn settle(&mut self, column: usize, is_item: bool, start: usize) -> Result<(), GivenUp> {
        let collection = if is_item { Collection::Sequence } else { Collection::Mapping };
        match self.expected.take() {
            Some(expected) if expected.fits(column, is_item) => return self.open(collection, column, start),
            Some(expected) => self.nothing(expected)?,
            None if self.open.is_empty() => return self.open(collection, column, start),
            None => {}
        }
        while self.open.last().is_some_and(|open| open.is_left_by(column, is_item)) {
            self.close()?;
        }
        match self.open.last() {
            Some(open) if open.indent == column && open.collection == collection => Ok(()),
            _ => Err(GivenUp),
        }
    }

    fn open(&mut self, collection: Collection, indent: usize, start: usize) -> Result<(), GivenUp> {
        // One level is left for a flow collection.
        if self.open.len() + 1 >= self.depth {
            return Err(GivenUp);
        }
        self.open.push(Open { collection, indent });
        self.listener.open(collection, Style::Plain, start as u32)
    }

    fn close(&mut self) -> Result<(), GivenUp> {
        self.open.pop();
        self.listener.close(None)
    }

    fn nothing(&mut self, expected: Expected) -> Result<(), GivenUp> {
        let offset = expected.offset as u32;
        self.listener.scalar(Cow::Borrowed(""), Style::Plain, Span::new(offset, offset))
    }

    fn end_expected(&mut self) -> Result<(), GivenUp> {
        match self.expected.take() {
            Some(expected) => self.nothing(expected),
            None => Ok(()),
        }
    }

    /// An item of a sequence, from its `-` on.
    fn item(&mut self, dash: usize) -> Result<(), GivenUp> {
        let mut dash = dash;
        loop {
            let indent = dash - self.line_start;
            if self.ends_line(dash + 1)? {
                let collection = Collection::Sequence;
                self.expected = Some(Expected { collection, indent, offset: dash + 1 });
                return Ok(());
            }
            let start = self.skip_spaces(dash + 1);
            let column = start - self.line_start;
            if self.is_dash(start) {
                self.open(Collection::Sequence, column, start)?;
                dash = start;
                continue;
            }
            if key::find(self.rest(start)).is_some() {
                self.open(Collection::Mapping, column, start)?;
                return self.entry(start, column);
            }
            return self.scalar(start, indent);
        }
    }

    /// An entry of a mapping, from its key on.
    fn entry(&mut self, start: usize, indent: usize) -> Result<(), GivenUp> {
        let key = key::find(self.rest(start)).ok_or(GivenUp)?;
        let inside = (start + key.text.start, start + key.text.end);
        let span = Span::new(start as u32, (start + key.length) as u32);
        let text = self.text.get(inside.0..inside.1).ok_or(GivenUp)?;
        self.listener.scalar(Cow::Borrowed(text), key.style, span)?;
        let colon = start + key.length;
        if self.ends_line(colon + 1)? {
            let collection = Collection::Mapping;
            self.expected = Some(Expected { collection, indent, offset: colon + 1 });
            return Ok(());
        }
        let start = self.skip_spaces(colon + 1);
        if self.is_dash(start) {
            return Err(GivenUp);
        }
        self.scalar(start, indent)
    }
}

impl Expected {
    /// Whether a line is the value, which a sequence in a mapping need not be indented to be.
    fn fits(self, column: usize, is_item: bool) -> bool {
        column > self.indent || (column == self.indent && is_item && self.collection == Collection::Mapping)
    }
}

impl Open {
    /// Whether a line ends the collection.
    fn is_left_by(self, column: usize, is_item: bool) -> bool {
        self.indent > column || (self.indent == column && self.collection == Collection::Sequence && !is_item)
    }
}
