//! What changes between two versions of a resource, as a function of two values: fields by their paths, and how risky that is.
//!
//! Both versions are what a repository declares, an older and a newer one; nothing lives here, so nothing is defaulted or
//! normalised away, and every difference of the data is told. [`compare`] finds the fields, [`judge`] their class and risks,
//! [`pair_renamed`] what was renamed. Which values are secret is decided by the caller: [`hide`] withholds them.
//!
//! Deliberately does no IO, and knows nothing of environments or reports. Linear but for lists without keys, whose alignment
//! has a budget.

mod change;
mod class;
mod compare;
mod embedded;
mod hide;
mod image;
mod list;
mod pattern;
mod rename;
mod risk;
mod widening;

pub use change::{FieldChange, FieldChangeKind, Location};
pub use class::Class;
pub use compare::{compare, parts};
pub use hide::{HIDDEN, Redact, hide};
pub use image::{ImageChange, images};
pub use rename::{RenameCandidate, pair_renamed};
pub use risk::{Judgement, ResourceChangeKind, Risk, Severity, Subject, judge};
