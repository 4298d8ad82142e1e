//! `plimsoll check` end to end, on a real kube-apiserver.

mod cases;
mod lab;
