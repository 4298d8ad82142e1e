//! What gives the contents that do not lie in the repository: the pins when rendering, the network when fetching.

use std::sync::Arc;

use plimsoll_kustomize::RemoteContent;

use super::ChartAddress;
use crate::diagnostic::Diagnostic;

/// Where contents come from that do not lie in the repository.
pub trait Elsewhere {
    /// A packaged chart.
    fn chart(&self, address: &ChartAddress) -> Result<Arc<[u8]>, Diagnostic>;

    /// What stands at an address that a kustomization names.
    fn remote(&self, address: &str) -> Result<RemoteContent, Diagnostic>;
}
