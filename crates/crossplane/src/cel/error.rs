//! Why an evaluation gave no value.

/// A failure, in upstream's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: String,
    /// Whether the whole evaluation ends, whatever else an operator such as `||` has.
    pub(crate) is_final: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), is_final: false }
    }

    pub(crate) fn no_such_overload() -> Failure {
        Failure::new("no such overload")
    }

    pub(crate) fn out_of_budget() -> Failure {
        Failure { message: "operation cancelled: actual cost limit exceeded".to_owned(), is_final: true }
    }
}
