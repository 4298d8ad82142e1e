//! Diagnostics: what is wrong, where, why, and what to do about it, as values.
//!
//! A [`Diagnostic`] is data; [`text`] and [`json`] print it, [`explain`] tells what its code means. Invariants: a code is
//! stable and explained; a message is one line, lower case, without a final period, with values in backticks, and never
//! holds a secret; every problem of a run is reported, not only the first.

pub mod explain;
pub mod json;
mod place;
mod suggestion;
mod syntax;
pub mod text;

pub use place::{Excerpt, Place};
pub use suggestion::{did_you_mean, nearest};
pub use syntax::yaml_message;

use crate::exit::ExitStatus;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Suspicious; nothing is stopped.
    Warning,
    /// What was asked for cannot be done.
    Error,
}

impl Severity {
    /// The word that printers use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// The stable name of a kind of problem: `area::what`, explained by `plimsoll explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// A code; a test holds that each has an explanation.
    #[must_use]
    pub const fn new(name: &'static str) -> Code {
        Code(name)
    }

    /// The code as it is printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }

    /// The part before `::`.
    #[must_use]
    pub fn area(self) -> &'static str {
        self.0.split("::").next().unwrap_or(self.0)
    }
}

/// One line that leads from the place of a problem to what the user wrote: `included from`, `also at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How the place is related.
    pub relation: String,
    /// The place itself, without an excerpt.
    pub place: Place,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of problem it is.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where the text at fault stands.
    pub place: Option<Place>,
    /// The field at fault, where data and not text is at fault.
    pub field: Option<String>,
    /// How the place came to matter.
    pub chain: Vec<Link>,
    /// What lies below the problem, outermost first.
    pub causes: Vec<String>,
    /// The environment that was worked on.
    pub environment: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem that stops what was asked for.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message.into())
    }

    /// A problem that stops nothing.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message.into())
    }

    /// Something worth knowing.
    #[must_use]
    pub fn note(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, code, message.into())
    }

    fn new(severity: Severity, code: Code, message: String) -> Diagnostic {
        Diagnostic {
            severity,
            code,
            message,
            place: None,
            field: None,
            chain: Vec::new(),
            causes: Vec::new(),
            environment: None,
            help: None,
        }
    }

    /// With the place of the text at fault.
    #[must_use]
    pub fn at(mut self, place: Place) -> Diagnostic {
        self.place = Some(place);
        self
    }

    /// With the field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Diagnostic {
        self.field = Some(field.into());
        self
    }

    /// With one more related place.
    #[must_use]
    pub fn with_link(mut self, relation: impl Into<String>, place: Place) -> Diagnostic {
        self.chain.push(Link { relation: relation.into(), place });
        self
    }

    /// With one more cause, below those it has.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<String>) -> Diagnostic {
        self.causes.push(cause.into());
        self
    }

    /// With the environment that was worked on.
    #[must_use]
    pub fn in_environment(mut self, environment: impl Into<String>) -> Diagnostic {
        self.environment = Some(environment.into());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// With what to do, where that is known.
    #[must_use]
    pub fn with_optional_help(mut self, help: Option<String>) -> Diagnostic {
        self.help = help;
        self
    }
}

/// Problems in the order in which they are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No problem.
    #[must_use]
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds the problems of another list.
    pub fn extend(&mut self, others: Diagnostics) {
        self.0.extend(others.0);
    }

    /// The problems.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Whether there is no problem at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether one of them stops what was asked for.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Says for which environment all of them are that do not say it yet.
    #[must_use]
    pub fn in_environment(mut self, environment: &str) -> Diagnostics {
        for diagnostic in &mut self.0 {
            diagnostic.environment.get_or_insert_with(|| environment.to_owned());
        }
        self
    }

    /// `Err` with all of them where one stops what was asked for, else the value and the rest.
    pub fn unless_errors<T>(self, value: T) -> Result<(T, Diagnostics), Diagnostics> {
        if self.has_errors() { Err(self) } else { Ok((value, self)) }
    }

    /// The status that these problems come to: a policy that refuses is told apart from a failure.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        self.0
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .map(|diagnostic| match diagnostic.code.area() {
                "secrets" | "random" => ExitStatus::Refused,
                _ => ExitStatus::Failed,
            })
            .fold(ExitStatus::Clean, ExitStatus::or)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Diagnostics {
        Diagnostics(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
