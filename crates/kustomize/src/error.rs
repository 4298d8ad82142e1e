//! Why something could not be built: kustomize's own words, with the place in the files that caused it.
//!
//! The text is what `kustomize build` 5.8.1 prints after `Error: `. The chain of kustomizations is inside that text, as
//! kustomize puts it there, and beside it as data for callers that print diagnostics of their own.

use plimsoll_yaml::Span;

/// A build that failed, in kustomize's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
    place: Option<Place>,
    chain: Vec<Place>,
    earlier: Option<Box<Place>>,
    item: Option<usize>,
}

/// The file that caused an error, and where in it, if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path as the caller's files know it.
    pub file: String,
    /// The part of the file at fault.
    pub span: Span,
}

/// What an operation of this crate gives.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with kustomize's text.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Error {
        Error { message: message.into(), place: None, chain: Vec::new(), earlier: None, item: None }
    }

    /// The same error behind `prefix: `.
    #[must_use]
    pub fn wrap(mut self, prefix: impl AsRef<str>) -> Error {
        self.message = format!("{}: {}", prefix.as_ref(), self.message);
        self
    }

    /// The same error with another text, keeping place and chain.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Error {
        self.message = message.into();
        self
    }

    /// The same error with the part of a text that caused it; [`Error::in_file`] says later which text that is.
    #[must_use]
    pub fn at(mut self, span: Span) -> Error {
        if self.place.is_none() {
            self.place = Some(Place { file: String::new(), span });
        }
        self
    }

    /// The same error in a text that is part of a larger one, from an offset on.
    #[must_use]
    pub(crate) fn within(mut self, offset: usize) -> Error {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        if let Some(place) = self.place.as_mut().filter(|place| place.file.is_empty()) {
            place.span = shifted(place.span, offset);
        }
        self
    }

    /// The same error with the file that caused it, unless a more precise place is known.
    #[must_use]
    pub fn in_file(mut self, file: &str, span: Span) -> Error {
        match &mut self.place {
            Some(place) if place.file.is_empty() => file.clone_into(&mut place.file),
            Some(_) => {}
            None => self.place = Some(Place { file: file.to_owned(), span }),
        }
        self
    }

    /// The same error, seen from the entry of a kustomization that led to it: its place where no file is known yet,
    /// a link of the chain otherwise.
    #[must_use]
    pub(crate) fn asked_for_at(mut self, entry: Place) -> Error {
        if self.place().is_none() {
            self.place = Some(entry);
        } else {
            self.chain.push(entry);
        }
        self.item = None;
        self
    }

    /// The same error with the place that had said first what must not be said twice.
    #[must_use]
    pub(crate) fn with_earlier(mut self, earlier: Option<Place>) -> Error {
        self.earlier = earlier.map(Box::new);
        self
    }

    /// The same error of one of several things that are done together.
    #[must_use]
    pub(crate) fn of_item(mut self, index: usize) -> Error {
        self.item = Some(index);
        self
    }

    /// Which of several things that are done together failed.
    pub(crate) fn item(&self) -> Option<usize> {
        self.item
    }

    /// The text, as kustomize prints it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file at fault.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref().filter(|place| !place.file.is_empty())
    }

    /// The entries of kustomizations that led to the failure, innermost first.
    #[must_use]
    pub fn chain(&self) -> &[Place] {
        &self.chain
    }

    /// Where what must not be said twice was said first.
    #[must_use]
    pub fn earlier(&self) -> Option<&Place> {
        self.earlier.as_deref()
    }
}

/// A part of a text, seen from the text around it.
pub(crate) fn shifted(span: Span, offset: u32) -> Span {
    Span::new(span.start.saturating_add(offset), span.end.saturating_add(offset))
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
