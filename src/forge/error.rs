//! Why something could not be done on a forge, and the diagnostic that tells it.

use std::fmt;
use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic};

/// Why something could not be done on a forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForgeError {
    /// The address cannot be used.
    Address {
        /// The address, without credentials.
        address: String,
        /// Why.
        reason: String,
    },
    /// No answer came, as often as it was tried.
    Unanswered {
        /// What was to be done.
        action: String,
        /// The last reason.
        reason: String,
    },
    /// The forge wants to be left alone for longer than there is time.
    Limited {
        /// What was to be done.
        action: String,
        /// For how long.
        wait: Duration,
    },
    /// The forge says no.
    Refused {
        /// What was to be done.
        action: String,
        /// The HTTP status.
        status: u16,
        /// What the forge says.
        message: String,
    },
    /// A webhook did not take its message.
    Webhook {
        /// Why: the status, or what became of the connection.
        reason: String,
    },
    /// The answer is not what the API promises.
    Unexpected {
        /// What was to be done.
        action: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

impl ForgeError {
    /// The error as users are told it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let (code, help) = match self {
            ForgeError::Address { .. } => {
                ("forge::address", Some("give the API's address with `--github-api`"))
            }
            ForgeError::Unanswered { .. } => {
                ("forge::unanswered", Some("run the command again: it doubles nothing"))
            }
            ForgeError::Limited { .. } => {
                ("forge::limited", Some("run the command again later: it doubles nothing"))
            }
            ForgeError::Refused { status: 401, .. } => {
                ("forge::refused", Some("`GITHUB_TOKEN` is not valid here"))
            }
            ForgeError::Refused { status: 403, .. } => (
                "forge::refused",
                Some("the token needs `pull-requests: write` for comments and `issues: write` for issues"),
            ),
            ForgeError::Refused { status: 404, .. } => {
                ("forge::refused", Some("it is not there, or the token may not see it"))
            }
            ForgeError::Refused { .. } => ("forge::refused", None),
            ForgeError::Webhook { .. } => (
                "webhook::failed",
                Some(
                    "the issues are written all the same; run the command again when the server takes messages",
                ),
            ),
            ForgeError::Unexpected { .. } => ("forge::unexpected", None),
        };
        Diagnostic::error(Code::new(code), self.to_string()).with_optional_help(help.map(str::to_owned))
    }
}

impl fmt::Display for ForgeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForgeError::Address { address, reason } => {
                write!(formatter, "the API's address `{address}` cannot be used: {reason}")
            }
            ForgeError::Unanswered { action, reason } => {
                write!(formatter, "could not {action}: no answer, {reason}")
            }
            ForgeError::Limited { action, wait } => {
                write!(
                    formatter,
                    "could not {action}: the API wants to be left alone for {} s",
                    wait.as_secs()
                )
            }
            ForgeError::Refused { action, status, message } if message.is_empty() => {
                write!(formatter, "could not {action}: status {status}")
            }
            ForgeError::Refused { action, status, message } => {
                write!(formatter, "could not {action}: status {status}, `{message}`")
            }
            ForgeError::Webhook { reason } => {
                write!(formatter, "the webhook did not take the message: {reason}")
            }
            ForgeError::Unexpected { action, reason } => write!(formatter, "could not {action}: {reason}"),
        }
    }
}

impl std::error::Error for ForgeError {}
