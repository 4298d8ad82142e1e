//! `plimsoll check` end to end, on a real kube-apiserver and on what one said.

mod argo_cd;
mod cases;
mod clusters;
mod composing;
mod development;
mod flux;
mod gitops;
pub(crate) mod lab;
mod nested;
mod played;
mod process;
mod recorded_cluster;
mod shards;
mod soak;
mod trees;
