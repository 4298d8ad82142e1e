//! What the tests share: running the program in temporary repositories, and comparing everything that came out at once.

pub(crate) mod expected;
pub(crate) mod object_cluster;
mod peer;
mod repository;
mod run;
pub(crate) mod server;

pub(crate) use peer::peer;
pub(crate) use repository::{TemporaryRepository, copy, files_below};
pub(crate) use run::{Run, plimsoll};
