//! Live systems, read and never written: what `check` and `snapshot` compare a repository with.

pub mod aws;
pub mod encoding;
pub mod kube;
