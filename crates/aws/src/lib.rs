//! AWS as values: requests and answers of its protocols, and Crossplane managed resources compared with what AWS holds.
//!
//! [`request`] turns an operation and its parameters into a request, [`read`] an answer's bytes into a value; [`Plan`] says which
//! operations to ask for a set of managed resources, takes the answers, and ends in [`AwsResult`]s. Nothing is signed, sent,
//! retried or logged here, there is no clock, and no operation is known that writes or returns a secret value.
//!
//! What the services and kinds are is data: `data/services` (made by `cargo xtask aws-tables`) and `data/kinds`.

pub mod kind;
pub mod plan;
pub mod protocol;
pub mod service;
mod value;

pub use kind::{Severity, kind_names};
pub use plan::{
    Account, AwsResult, Call, CallFailure, Change, Difference, ManagedResource, Plan, Rights, State,
    least_policy, least_right,
};
pub use protocol::{AnswerError, Request, RequestError, Response, read, request};
