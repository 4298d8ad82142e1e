//! What the parser makes of tokens: events that nest.

use std::borrow::Cow;

use crate::node::Style;
use crate::scan::Place;

/// An event, where it stands, and the comments that are its own.
#[derive(Debug)]
pub(crate) struct Event<'s> {
    pub(crate) kind: EventKind<'s>,
    pub(crate) start: Place,
    pub(crate) end: Place,
    pub(crate) comments: Option<Box<Comments>>,
}

/// Comments of one event or node.
#[derive(Debug, Default)]
pub(crate) struct Comments {
    pub(crate) head: String,
    pub(crate) line: String,
    pub(crate) foot: String,
}

impl Comments {
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty() && self.line.is_empty() && self.foot.is_empty()
    }
}

/// What may stand before a node.
#[derive(Debug, Default)]
pub(crate) struct Properties<'s> {
    pub(crate) anchor: Option<&'s str>,
    pub(crate) tag: Option<Box<str>>,
}

#[derive(Debug)]
pub(crate) enum EventKind<'s> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'s str),
    Scalar { properties: Option<Box<Properties<'s>>>, text: Cow<'s, str>, style: Style },
    SequenceStart { properties: Option<Box<Properties<'s>>>, flow: bool },
    SequenceEnd,
    MappingStart { properties: Option<Box<Properties<'s>>>, flow: bool },
    MappingEnd,
}
