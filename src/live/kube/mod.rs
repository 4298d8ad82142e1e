//! Kubernetes clusters, read and never written: access, calls with patience, discovery and lists.
//!
//! The only folder that uses the `kube` client. It asks with GET alone, so that the verbs `get` and `list` are all the rights
//! it needs; it starts no plugin unless it is told to. Every failure is a [`Failure`] with a word for its cause, and no text
//! of an answer or of a kubeconfig is ever part of one, since either may hold a secret.

mod access;
mod connection;
mod discovery;
mod failure;
mod item_stream;
mod list;

pub use access::{Access, ExecPlugins, Token};
pub use connection::{Accept, Connection};
pub use discovery::{Served, ServedKind};
pub use failure::{Cause, Failure};
pub use list::{Content, ListRequest};
