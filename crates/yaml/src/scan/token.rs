//! What the scanner makes of a text: tokens with their places.

use std::borrow::Cow;

use crate::node::Style;

/// A place in the text. Lines and columns are from 0, the index counts characters, the offset bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    pub(crate) offset: u32,
    pub(crate) index: u32,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A place without line and column, which are looked up where an error needs them. One word, since every token and event
/// carries two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) offset: u32,
    pub(crate) index: u32,
}

impl Mark {
    #[inline]
    pub(crate) fn place(self) -> Place {
        Place { offset: self.offset, index: self.index }
    }
}

/// A token and where it stands.
#[derive(Debug)]
pub(crate) struct Token<'s> {
    pub(crate) kind: TokenKind<'s>,
    pub(crate) start: Place,
    pub(crate) end: Place,
}

/// The tokens of YAML's grammar as libyaml has them.
#[derive(Debug)]
pub(crate) enum TokenKind<'s> {
    StreamStart,
    StreamEnd,
    Version { major: u8, minor: u8 },
    TagDirective(Box<TagParts<'s>>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'s str),
    Anchor(&'s str),
    Tag(Box<TagParts<'s>>),
    Scalar { text: Cow<'s, str>, style: Style },
}

/// A tag before its handle is looked up; of a `%TAG` directive the handle and its prefix.
#[derive(Debug, Clone)]
pub(crate) struct TagParts<'s> {
    pub(crate) handle: &'s str,
    pub(crate) suffix: Cow<'s, str>,
}
