//! Groups that are being read, and what the limits need to know of their parts.

use regex_syntax::hir::Hir;

/// What a pattern has switched on.
#[derive(Clone, Copy)]
pub(super) struct Flags {
    pub(super) fold_case: bool,
    pub(super) dot_matches_newline: bool,
    pub(super) one_line: bool,
    pub(super) lazy: bool,
}

/// A part of a concatenation with what the limits need to know about it.
pub(super) struct Piece {
    pub(super) hir: Hir,
    pub(super) repeats: u64,
    pub(super) size: u64,
    pub(super) height: u32,
}

impl Piece {
    pub(super) fn atom(hir: Hir) -> Self {
        Self { hir, repeats: 1, size: 1, height: 1 }
    }
}

/// An open group, or the whole pattern: finished alternatives and the one being read.
pub(super) struct Frame {
    pub(super) alternatives: Vec<Piece>,
    pub(super) concatenation: Vec<Piece>,
    pub(super) outer_flags: Flags,
    pub(super) group: Option<u32>,
}

impl Frame {
    pub(super) fn new(outer_flags: Flags, group: Option<u32>) -> Self {
        Self { alternatives: Vec::new(), concatenation: Vec::new(), outer_flags, group }
    }

    pub(super) fn finish_alternative(&mut self) {
        let pieces = std::mem::take(&mut self.concatenation);
        let size = pieces.iter().map(|piece| piece.size).sum::<u64>().max(1);
        let repeats = pieces.iter().map(|piece| piece.repeats).max().unwrap_or(1);
        let children = pieces.iter().map(|piece| piece.height).max().unwrap_or(0);
        let height = if pieces.len() == 1 { children } else { children + 1 };
        let hir = Hir::concat(pieces.into_iter().map(|piece| piece.hir).collect());
        self.alternatives.push(Piece { hir, repeats, size, height });
    }

    pub(super) fn finish(mut self) -> Piece {
        self.finish_alternative();
        let count = self.alternatives.len() as u64;
        let size = self.alternatives.iter().map(|piece| piece.size).sum::<u64>() + count - 1;
        let repeats = self.alternatives.iter().map(|piece| piece.repeats).max().unwrap_or(1);
        let children = self.alternatives.iter().map(|piece| piece.height).max().unwrap_or(0);
        let height = if count == 1 { children } else { children + 1 };
        let hir = Hir::alternation(self.alternatives.into_iter().map(|piece| piece.hir).collect());
        Piece { hir, repeats, size, height }
    }
}
