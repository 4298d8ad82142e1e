//! Why something could not be read from a cluster: a stable word for the report, and a sentence for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kept something from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// The kubeconfig is missing, or does not say what is needed.
    NoAccess,
    /// The kubeconfig names a program to run for credentials, and that was not allowed.
    ExecPluginRefused,
    /// The server does not accept the credentials.
    Unauthorized,
    /// The credentials have no right to this.
    Forbidden,
    /// There is no such thing on the server.
    NotFound,
    /// The server was asked too often, for as long as we could wait.
    TooManyRequests,
    /// The server failed.
    ServerError,
    /// The list moved on faster than it could be read.
    Expired,
    /// Nobody answered, or the connection broke.
    ConnectionFailed,
    /// The server's certificate does not come from the authority that is trusted.
    CertificateNotTrusted,
    /// The time was over.
    Timeout,
    /// The answer is not what the API answers: cut off, another format, a login page.
    InvalidAnswer,
    /// The answer is larger than what is read.
    TooLarge,
    /// The server cannot tell what this group has: an extension server does not answer.
    GroupUnavailable,
    /// The server knows the kind, and not in this version.
    VersionNotServed,
    /// The snapshot that is read instead of the cluster does not hold it.
    NotInSnapshot,
}

impl Cause {
    /// The word for reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Cause::NoAccess => "NoAccess",
            Cause::ExecPluginRefused => "ExecPluginRefused",
            Cause::Unauthorized => "Unauthorized",
            Cause::Forbidden => "Forbidden",
            Cause::NotFound => "NotFound",
            Cause::TooManyRequests => "TooManyRequests",
            Cause::ServerError => "ServerError",
            Cause::Expired => "Expired",
            Cause::ConnectionFailed => "ConnectionFailed",
            Cause::CertificateNotTrusted => "CertificateNotTrusted",
            Cause::Timeout => "Timeout",
            Cause::InvalidAnswer => "InvalidAnswer",
            Cause::TooLarge => "TooLarge",
            Cause::GroupUnavailable => "GroupUnavailable",
            Cause::VersionNotServed => "VersionNotServed",
            Cause::NotInSnapshot => "NotInSnapshot",
        }
    }
}

/// A cause with what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The cause.
    pub cause: Cause,
    /// What more there is to say, made of our own words, paths and status numbers alone.
    pub detail: String,
}

impl Failure {
    /// A failure.
    #[must_use]
    pub fn new(cause: Cause, detail: impl Into<String>) -> Failure {
        Failure { cause, detail: detail.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.cause.word())?;
        if self.detail.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.detail) }
    }
}

impl std::error::Error for Failure {}
