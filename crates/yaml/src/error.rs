//! What went wrong with a text, said in go-yaml's words and placed where it really is.
//!
//! go-yaml's own line numbers are often one off and miss on the first line. [`Error`]'s `Display` repeats them, since the
//! programs that we stand in for print them; [`Error::position`] is the true place.

use std::fmt;

use crate::span::Position;

/// Why a text is no YAML, or no JSON can be made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    printed_line: Option<u32>,
    offset: Option<usize>,
    position: Option<Position>,
}

/// The sort of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Bytes that are no text, or characters that YAML forbids.
    Encoding,
    /// The text breaks the grammar.
    Syntax,
    /// A key stands twice in a mapping.
    DuplicateKey,
    /// An alias without anchor, or an anchor that holds itself.
    Alias,
    /// A merge of something that is no mapping.
    Merge,
    /// A tag that its text contradicts.
    Tag,
    /// A limit of the budget.
    Budget,
    /// A value that JSON has no form for.
    Value,
}

impl Error {
    /// An error without a place.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let inner = Inner { kind, message: message.into(), printed_line: None, offset: None, position: None };
        Error { inner: Box::new(inner) }
    }

    /// The same error at a place.
    pub(crate) fn at(mut self, offset: usize, position: Position) -> Error {
        self.inner.offset = Some(offset);
        self.inner.position = Some(position);
        self
    }

    /// The same error with the line number that go-yaml would print.
    pub(crate) fn printing_line(mut self, line: Option<u32>) -> Error {
        self.inner.printed_line = line;
        self
    }

    /// The sort of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The message alone, without `yaml:` and line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The line that go-yaml prints, which may be one off.
    #[must_use]
    pub fn printed_line(&self) -> Option<u32> {
        self.inner.printed_line
    }

    /// Where the problem was found: line and column from 1.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.inner.position
    }

    /// Where the problem was found, in bytes.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.inner.offset
    }
}

impl fmt::Display for Error {
    /// The message as go-yaml gives it: `yaml: line 3: mapping values are not allowed in this context`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind() == ErrorKind::Value {
            return out.write_str(self.message());
        }
        match self.printed_line() {
            Some(line) => write!(out, "yaml: line {line}: {}", self.message()),
            None => write!(out, "yaml: {}", self.message()),
        }
    }
}

impl std::error::Error for Error {}
