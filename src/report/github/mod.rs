//! What GitHub shows of reports: comments, issues, job summaries, annotations, step outputs. Text only; nothing is sent here.
//!
//! Everything foreign (names, values, messages) goes through [`inert`], so that no mention, link, image, HTML or fence comes
//! of it. Texts are [`document`]s of whole blocks, so that none is ever cut in the middle.

pub mod diff_comment;
pub mod document;
pub mod drift_issue;
pub mod inert;
pub mod issue_state;
pub mod workflow;

/// The most bytes of a comment or of an issue's text. GitHub's limit is 65,536 characters; bytes are never fewer.
pub const TEXT_LIMIT: usize = 65_000;

/// The most bytes of a job summary. GitHub's limit is 1 MiB a step.
pub const SUMMARY_LIMIT: usize = 1_000_000;
