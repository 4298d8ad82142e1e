//! What stops a chart from being rendered, with Helm's words for the drop-in command and the structure for diagnostics.

use std::fmt;

use plimsoll_gotemplate::Location;

/// Why a chart could not be rendered. `Display` is Helm's text.
#[derive(Debug, Clone)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    detail: Option<Box<Detail>>,
}

/// What went wrong, as far as a caller may want to tell cases apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The chart cannot be loaded.
    Chart,
    /// Values given by the user cannot be read.
    Values,
    /// Dependencies are missing or cannot be processed.
    Dependencies,
    /// Values do not fit a `values.schema.json`.
    Schema,
    /// The chart is for other versions of Kubernetes.
    KubeVersion,
    /// A template is malformed.
    Parse,
    /// A template failed.
    Execution,
    /// What a template made is no manifest.
    Manifest,
    /// A budget is used up.
    Limit,
}

/// What templates know of their failure.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// Where templates failed, outermost first: each entry was called by the one before it.
    pub chain: Vec<Frame>,
    /// The reason alone, without places.
    pub reason: String,
    /// What of the values does not fit a schema.
    pub violations: Vec<Violation>,
}

/// One place in the chain of templates that led to a failure.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The place.
    pub location: Location,
    /// The name of the template that was executed there.
    pub template: String,
    /// The expression as Go prints it.
    pub expression: String,
}

/// A value that does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The chart whose schema it is.
    pub chart: String,
    /// The value's JSON pointer within that chart's values.
    pub pointer: String,
    /// The keys that lead to it from the root of the user's values; an item of a list is its number.
    pub path: Vec<String>,
    /// What is wrong with it.
    pub message: String,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, message: message.into(), detail: None }
    }

    pub(crate) fn chart(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Chart, message)
    }

    pub(crate) fn limit(message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Limit, message)
    }

    pub(crate) fn with_detail(mut self, detail: Detail) -> Error {
        self.detail = Some(Box::new(detail));
        self
    }

    /// Puts words and a colon before the message.
    pub(crate) fn context(mut self, words: impl fmt::Display) -> Error {
        self.message = format!("{words}: {}", self.message);
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The structure behind the message, where there is one.
    #[must_use]
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Something that Helm logs and goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file and line of Helm 3 that logs it, which Helm 3 prints before it.
    pub origin: &'static str,
    /// The text.
    pub text: String,
}
