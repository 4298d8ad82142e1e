//! How much a document may cost before it is refused.

/// The most nesting that any budget allows: trees are dropped, cloned and compared by recursion.
pub const DEEPEST: usize = 1000;

/// Limits on what one source may hold. Whatever passes one is refused with an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of the source.
    pub bytes: usize,
    /// Collections within collections; more than [`DEEPEST`] counts as that.
    pub depth: usize,
    /// Nodes of all documents together, those that aliases repeat included.
    pub nodes: usize,
    /// Nodes that aliases repeat, in all documents together.
    pub aliases: usize,
}

impl Budget {
    /// Limits that no sane file meets: 256 MB, depth 1000, 20 million nodes, 2 million of them by aliases.
    pub const DEFAULT: Budget =
        Budget { bytes: 256 << 20, depth: DEEPEST, nodes: 20_000_000, aliases: 2_000_000 };
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::DEFAULT
    }
}
