//! Where a node stands in its source text.

/// A half-open range of byte offsets in the source that a tree was parsed from.
///
/// Nodes that were made by a program, not read, have [`Span::NONE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span of what was never in a source.
    pub const NONE: Span = Span { start: u32::MAX, end: u32::MAX };

    /// A span from `start` up to, and without, `end`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// Whether the node was read from a source.
    #[must_use]
    pub fn is_known(self) -> bool {
        self != Span::NONE
    }

    /// Line and column of the start, or `None` for what was never in a source.
    #[must_use]
    pub fn position_in(self, source: &str) -> Option<Position> {
        self.is_known().then(|| Position::of_offset(source, self.start as usize))
    }
}

/// A place in a text as people count it: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
}

impl Position {
    /// The position of the byte at `offset`; past the end it is the end.
    #[must_use]
    pub fn of_offset(source: &str, offset: usize) -> Position {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &source[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Position { line: saturate(line), column: saturate(column) }
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
