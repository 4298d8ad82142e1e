//! GitHub: comments on pull requests and issues, kept exactly once however often and however badly a run goes.
//!
//! [`GitHub`] is calls with patience over an [`Exchange`], which [`Client`] is for the real API; time comes from a [`Clock`],
//! so that tests live through hours of rate limits in no time. Above it: [`comments`] and [`issues`], found by a hidden
//! marker and their author, and [`pulls`]. What the texts say is not decided here but in [`crate::report`]. Invariants: this
//! folder is the only user of octocrab; writes are a second apart; nothing is created again before it was looked for; the
//! token appears in no message.

mod client;
mod clock;
pub mod comments;
mod error;
mod exchange;
mod github;
mod identity;
pub mod issues;
mod pages;
mod patience;
pub mod pulls;
mod repository_name;
pub mod webhook;

pub use client::Client;
pub use clock::{Clock, SystemClock};
pub use error::ForgeError;
pub use exchange::{Exchange, Method, Request, Response, Unanswered};
pub use github::GitHub;
pub use identity::Identity;
pub use repository_name::RepositoryName;
