//! Drift: what a repository declares and what lives, as two values, into what differs and how bad that is.
//!
//! Knows nothing of clusters, accounts or reports: it compares values that others have read. It deliberately does no IO, has
//! no clock, and never decides that something unreadable is absent.

mod compare;
mod finding;
mod fingerprint;
mod ignore;
mod rules;
mod schema;
mod sides;

pub use compare::{Comparison, compare};
pub use finding::{Change, FieldChange, Finding, Severity, State, Writer};
pub use fingerprint::fingerprint;
pub use ignore::{Identity, IgnoreRule, Outcome, glob, ignore};
pub use rules::{Rules, is_somebodys, judge_extra, judge_missing};
pub use schema::Schema;
pub use sides::{Desired, Live};
