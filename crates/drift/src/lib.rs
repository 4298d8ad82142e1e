//! Drift: what a repository declares and what lives, as two values, into what differs and how bad that is.
//!
//! Knows nothing of clusters, accounts or reports: it compares values that others have read. It deliberately does no IO, has
//! no clock, and never decides that something unreadable is absent.

mod canonical;
mod compare;
mod defaults;
mod finding;
mod fingerprint;
mod ignore;
mod lists;
mod mask;
mod neighbours;
mod place;
mod quantity;
mod rules;
mod scalar;
mod schema;
mod severity;
mod sides;
mod walk;
mod writers;

pub use compare::{Comparison, compare, judge_extra, judge_missing};
pub use finding::{Change, FieldChange, Finding, Severity, State, Writer};
pub use fingerprint::fingerprint;
pub use ignore::{Identity, IgnoreRule, Outcome, glob, ignore};
pub use neighbours::Neighbours;
pub use rules::{Rules, is_somebodys};
pub use schema::Schema;
pub use sides::{Desired, Live};
