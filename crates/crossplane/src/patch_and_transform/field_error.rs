//! Validation errors in the words of Kubernetes' `field.Error`.

use std::fmt;

use plimsoll_gotemplate::quote::quote;

/// What is wrong with a field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    field: String,
    problem: String,
}

impl FieldError {
    /// A field that must be there and is not.
    pub(super) fn required(field: &str, detail: &str) -> FieldError {
        FieldError { field: field.to_owned(), problem: format!("Required value: {detail}") }
    }

    /// A field whose value is not one of those that are known.
    pub(super) fn invalid(field: &str, value: &str, detail: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            problem: format!("Invalid value: {}: {detail}", quote(value.as_bytes())),
        }
    }

    /// The same error below a field.
    #[must_use]
    pub(super) fn below(mut self, parent: &str) -> FieldError {
        self.field = format!("{parent}.{}", self.field);
        self
    }

    /// The same error below an item of a list.
    #[must_use]
    pub(super) fn below_item(self, list: &str, index: usize) -> FieldError {
        self.below(&format!("{list}[{index}]"))
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.problem)
    }
}
