//! Why a call gave no answer that can be used: the words of a report's `cause`, and whether another try may help.
//!
//! A service's own refusal of a call is not decided here to be an absence: what an error code means is known to the tables of
//! `plimsoll-aws`.

use std::fmt;

use aws_sdk_sts::error::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;

/// The kind of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The service said so, by this code.
    Service(String),
    /// Nobody answered at the address, or the connection broke.
    Unreachable,
    /// No answer came in time.
    Timeout,
    /// The answer is not what the service would say.
    Malformed,
    /// No credentials could be had.
    NoCredentials,
}

/// A call that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// Its kind.
    pub cause: Cause,
    /// More words for people; never a secret.
    pub message: String,
}

impl CallFailure {
    /// A failure with its words.
    #[must_use]
    pub fn new(cause: Cause, message: impl Into<String>) -> CallFailure {
        CallFailure { cause, message: message.into() }
    }

    /// What a typed client of the SDK said.
    pub(super) fn of_sdk<E, R>(
        error: &SdkError<E, R>,
        code: Option<&str>,
        message: Option<&str>,
    ) -> CallFailure
    where
        E: std::error::Error + 'static,
        R: fmt::Debug,
    {
        let words = || DisplayErrorContext(error).to_string();
        match (error, code) {
            (SdkError::ServiceError(_), Some(code)) => {
                CallFailure::new(Cause::Service(code.to_owned()), message.unwrap_or_default())
            }
            (SdkError::TimeoutError(_), _) => CallFailure::new(Cause::Timeout, "no answer in time"),
            (SdkError::DispatchFailure(failure), _) if failure.is_timeout() => {
                CallFailure::new(Cause::Timeout, "no answer in time")
            }
            (SdkError::DispatchFailure(_), _) => CallFailure::new(Cause::Unreachable, words()),
            _ => CallFailure::new(Cause::Malformed, words()),
        }
    }

    /// The failure in one word, as a report's `cause` has it: the service's own code where it gave one.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.cause {
            Cause::Service(code) => code,
            Cause::Unreachable => "ConnectionFailed",
            Cause::Timeout => "Timeout",
            Cause::Malformed => "MalformedAnswer",
            Cause::NoCredentials => "NoCredentials",
        }
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())?;
        if self.message.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.message) }
    }
}

impl std::error::Error for CallFailure {}
