//! Drift: what a repository declares and what lives, as two values, into what differs and how bad that is.
//!
//! Knows nothing of clusters, accounts or reports: it compares values that others have read. It deliberately does no IO, has
//! no clock, and never decides that something unreadable is absent.

mod finding;

pub use finding::{Change, FieldChange, Finding, Severity, State, Writer};
