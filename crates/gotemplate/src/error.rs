//! What can go wrong, as values whose `Display` is Go's text byte for byte.
//!
//! The structure keeps what Go loses in its texts (template, line, column, node, the chain of calls), so that callers can
//! lay the same error out differently.

use std::fmt;
use std::sync::Arc;

use crate::syntax::on_enough_stack;
use crate::{GoString, quote};

/// A place in a template's text.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Location {
    /// The name under which the text was parsed.
    pub template: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// Bytes before the place in its line.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.template, self.line, self.column)
    }
}

/// An error of parsing, executing or a function.
#[derive(Clone, Debug)]
pub enum Error {
    /// A function's own message, or Go's about a value; bytes as Go has them.
    Message(GoString),
    /// The message of `fail` or `required`, which Helm shows without the chain; Helm's marks are around it in the text.
    Refused(GoString),
    /// Another error with words before it.
    Context {
        /// The words, with everything up to the inner error's text.
        text: GoString,
        /// The inner error.
        cause: Box<Error>,
    },
    /// An error while executing a template.
    Execution(Box<ExecutionError>),
    /// An error in a template's text.
    Parse(Box<ParseError>),
    /// A budget of ours is used up.
    Limit(Limit),
}

impl Error {
    /// Wraps a message.
    #[must_use]
    pub fn message(text: impl Into<GoString>) -> Self {
        Self::Message(text.into())
    }

    /// Puts words before an error, as `fmt.Errorf("text%w")` does.
    #[must_use]
    pub fn context(text: impl Into<GoString>, cause: Self) -> Self {
        Self::Context { text: text.into(), cause: Box::new(cause) }
    }

    /// Returns the error that this one wraps.
    #[must_use]
    pub fn cause(&self) -> Option<&Self> {
        match self {
            Self::Context { cause, .. } => Some(cause),
            Self::Execution(error) => error.cause.as_ref(),
            _ => None,
        }
    }

    /// Reports whether a budget of ours was used up, with or without its place.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        match self {
            Self::Limit(_) => true,
            Self::Execution(error) => matches!(error.cause, Some(Self::Limit(_))),
            _ => false,
        }
    }

    /// Returns the innermost error.
    #[must_use]
    pub fn root_cause(&self) -> &Self {
        let mut error = self;
        while let Some(cause) = error.cause() {
            error = cause;
        }
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(text) => formatter.write_str(&text.to_text()),
            Self::Refused(text) => write!(formatter, "HELM_ERR_START{}HELM_ERR_END", text.to_text()),
            Self::Context { text, cause } => write!(formatter, "{}{cause}", text.to_text()),
            Self::Execution(error) => error.fmt(formatter),
            Self::Parse(error) => error.fmt(formatter),
            Self::Limit(limit) => limit.fmt(formatter),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause().map(|cause| cause as _)
    }
}

/// An error at a node of a template that was being executed (Go's `ExecError`).
#[derive(Clone, Debug)]
pub struct ExecutionError {
    /// The name of the template that was being executed.
    pub template: Arc<str>,
    /// The node's place.
    pub location: Option<Location>,
    /// The node as Go prints it.
    pub node: String,
    /// The message, up to the cause's text.
    pub message: GoString,
    /// The error of the function that was called there.
    pub cause: Option<Error>,
}

impl Drop for ExecutionError {
    fn drop(&mut self) {
        // A chain of includes may be thousands long.
        let cause = self.cause.take();
        on_enough_stack(|| drop(cause));
    }
}

impl fmt::Display for ExecutionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.template;
        match &self.location {
            Some(location) => {
                let quoted = quote::quote(name.as_bytes());
                write!(formatter, "template: {location}: executing {quoted} at <{}>: ", self.node)?;
            }
            None => write!(formatter, "template: {name}: ")?,
        }
        formatter.write_str(&self.message.to_text())?;
        on_enough_stack(|| self.cause.as_ref().map_or(Ok(()), |cause| cause.fmt(formatter)))
    }
}

/// An error in a template's text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParseError {
    /// The name under which the text was parsed.
    pub template: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// Go's message.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "template: {}:{}: {}", self.template, self.line, self.message)
    }
}

/// A budget that was used up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// Steps of execution.
    Steps(u64),
    /// Bytes of output, also of texts in between.
    OutputBytes(u64),
    /// Nested templates, parentheses or values.
    Depth(u32),
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(limit) => write!(formatter, "the template takes more than {limit} steps"),
            Self::OutputBytes(limit) => write!(formatter, "the template makes more than {limit} bytes"),
            Self::Depth(limit) => write!(formatter, "the template is nested more than {limit} deep"),
        }
    }
}
