//! `plimsoll check` end to end, on a real kube-apiserver and on what one said.

mod cases;
mod clusters;
mod composing;
mod development;
mod flux;
pub(crate) mod lab;
mod nested;
mod recorded_cluster;
mod shards;
mod soak;
mod trees;
