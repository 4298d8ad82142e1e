//! Documents that need no scanner: block collections whose scalars each stand on one line or in a literal block, as nearly
//! every manifest and values file is written.
//!
//! Turns text into calls of a [`Listener`], in one pass over its lines and without memory of its own for what it reads. It
//! deliberately knows only what means the same to every reader of YAML: anchors, aliases, tags, directives, several documents,
//! escapes, tabs before text, folded and broken lines make it give up, and so does everything that could be an error. Who
//! calls it then reads the text again with the whole grammar, so errors are told there and only there.
//!
//! Invariant: what is heard is what the scanner and the parser would have said of the same text, spans included;
//! `tests/simple.rs` compares the two.

mod flow;
mod key;
mod lines;
mod scalar;
mod text;
mod tree;
mod value;

use std::borrow::Cow;

use crate::budget::Budget;
use crate::dialect::Dialect;
use crate::input;
use crate::node::Style;
use crate::span::Span;

pub(crate) use tree::read_tree;
pub use value::ValueBuilder;
pub(crate) use value::read_value;

/// What kind of collection opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// A sequence.
    Sequence,
    /// A mapping, in which keys and values are heard in turn.
    Mapping,
}

/// Hears a document from its start to its end.
pub trait Listener<'s> {
    /// A scalar, a key or a value; nothing after a key or a `-` is an empty plain one.
    ///
    /// # Errors
    /// [`GivenUp`] where the listener cannot use it.
    fn scalar(&mut self, text: Cow<'s, str>, style: Style, span: Span) -> Result<(), GivenUp>;

    /// A collection begins at an offset; its style is plain or flow.
    ///
    /// # Errors
    /// [`GivenUp`] where the listener cannot use it.
    fn open(&mut self, collection: Collection, style: Style, start: u32) -> Result<(), GivenUp>;

    /// The innermost open collection ends; of a flow collection the offset behind it is known.
    ///
    /// # Errors
    /// [`GivenUp`] where the listener cannot use it.
    fn close(&mut self, end: Option<u32>) -> Result<(), GivenUp>;
}

/// The text is not so simple; what was heard of it is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenUp;

/// Reads a text that is one simple document to a listener.
///
/// # Errors
/// [`GivenUp`] where the text must be read with the whole grammar, which may well find nothing wrong with it.
pub fn listen<'s>(
    source: &'s [u8],
    dialect: Dialect,
    budget: &Budget,
    listener: &mut impl Listener<'s>,
) -> Result<(), GivenUp> {
    if source.len() > budget.bytes.min(budget.nodes) || source.len() > u32::MAX as usize / 2 {
        return Err(GivenUp);
    }
    let text = input::plain(source).ok_or(GivenUp)?;
    lines::Reader::new(text, dialect, budget.depth, listener).read()
}
