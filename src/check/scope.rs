//! Which of the declared resources a check looks at: layers and a shard.

use std::collections::BTreeSet;

use super::shard::Shard;

/// Which resources are looked at.
#[derive(Debug, Clone, Default)]
pub struct CheckScope {
    /// The layers; all where none is named.
    pub layers: BTreeSet<String>,
    /// The part; all where none is named.
    pub shard: Option<Shard>,
}

impl CheckScope {
    /// Whether a layer is looked at.
    #[must_use]
    pub fn has_layer(&self, layer: &str) -> bool {
        self.layers.is_empty() || self.layers.contains(layer)
    }

    /// Whether what is named so is looked at, whatever its layer.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.shard.is_none_or(|shard| shard.holds(name))
    }
}
