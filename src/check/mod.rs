//! `plimsoll check`: what Git declares beside what lives, resource by resource.
//!
//! Readers of live systems fill an [`outcome::Outcome`]; [`crate::report::drift`] makes the report of it. What could not be
//! read is unknown and never clean.

pub mod access;
pub mod aws;
pub mod composed;
pub mod desired;
pub mod ignoring;
pub mod kubernetes;
pub mod outcome;
pub mod policy;
pub mod run;
pub mod scope;
pub mod shard;
pub mod snapshot;
pub mod template;
