//! Reading along the text: the current place, what stands there, and YAML's classes of characters.
//!
//! Columns and indexes count characters, so the cursor keeps how many bytes of the text so far were continuation bytes.
//! Beyond the end of the text a zero byte is read, which the input never holds.

use super::token::{Mark, Place};

pub(crate) struct Cursor<'s> {
    text: &'s str,
    bytes: &'s [u8],
    position: usize,
    continuation_bytes: u32,
    line: u32,
    line_start_index: u32,
    /// Line breaks since the last character that was no blank, which decides whose a comment is.
    pub(crate) breaks_passed: u32,
}

impl<'s> Cursor<'s> {
    pub(crate) fn new(text: &'s str) -> Cursor<'s> {
        Cursor {
            text,
            bytes: text.as_bytes(),
            position: 0,
            continuation_bytes: 0,
            line: 0,
            line_start_index: 0,
            breaks_passed: 0,
        }
    }

    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.position
    }

    /// The text between two offsets that lie at characters' borders.
    #[inline]
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'s str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn index(&self) -> u32 {
        self.position as u32 - self.continuation_bytes
    }

    #[inline]
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    #[inline]
    pub(crate) fn column(&self) -> u32 {
        self.index() - self.line_start_index
    }

    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark { offset: self.position as u32, index: self.index(), line: self.line, column: self.column() }
    }

    #[inline]
    pub(crate) fn place(&self) -> Place {
        Place { offset: self.position as u32, index: self.index() }
    }

    /// Line and column of a place that has been passed. The end counts as the start of a line.
    pub(crate) fn locate(&self, place: Place) -> Mark {
        let mut walker = Cursor::new(self.text);
        while walker.position < place.offset as usize && !walker.at_end() {
            if walker.take_break().is_empty() {
                walker.advance();
            }
        }
        if walker.at_end() {
            walker.end_line();
        }
        Mark { offset: place.offset, index: place.index, line: walker.line, column: walker.column() }
    }

    /// At the end of the stream libyaml takes the line as ended.
    pub(crate) fn end_line(&mut self) {
        if self.column() != 0 {
            self.line_start_index = self.index();
            self.line += 1;
        }
    }

    #[inline]
    pub(crate) fn byte(&self) -> u8 {
        self.peek(0)
    }

    /// The byte so far ahead, zero beyond the end.
    #[inline]
    pub(crate) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.position + ahead).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    #[inline]
    pub(crate) fn rest(&self) -> &'s [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self.byte(), b' ' | b'\t')
    }

    #[inline]
    pub(crate) fn is_break(&self) -> bool {
        self.break_width_at(0) > 0
    }

    #[inline]
    pub(crate) fn is_break_or_end(&self) -> bool {
        self.at_end() || self.is_break()
    }

    #[inline]
    pub(crate) fn is_blank_or_end(&self) -> bool {
        self.is_blank_or_end_at(0)
    }

    /// Whether a blank, a break or the end stands so far ahead.
    #[inline]
    pub(crate) fn is_blank_or_end_at(&self, ahead: usize) -> bool {
        matches!(self.peek(ahead), b' ' | b'\t' | 0) || self.break_width_at(ahead) > 0
    }

    /// The bytes of the line break so far ahead, 0 where there is none; CR and LF count apart.
    #[inline]
    pub(crate) fn break_width_at(&self, ahead: usize) -> usize {
        match self.peek(ahead) {
            b'\n' | b'\r' => 1,
            0xC2 if self.peek(ahead + 1) == 0x85 => 2,
            0xE2 if self.peek(ahead + 1) == 0x80 && matches!(self.peek(ahead + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    /// Passes one character that is no break.
    #[inline]
    pub(crate) fn advance(&mut self) {
        let byte = self.byte();
        if !matches!(byte, b' ' | b'\t') {
            self.breaks_passed = 0;
        }
        let width = match byte {
            0..=0x7F => 1,
            0x80..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0.. => 4,
        };
        self.position += width;
        self.continuation_bytes += width as u32 - 1;
    }

    /// Passes so many bytes that are ASCII, at least one of them no blank.
    #[inline]
    pub(crate) fn advance_ascii(&mut self, count: usize) {
        self.breaks_passed = 0;
        self.position += count;
    }

    /// Passes all spaces that stand here, eight at a time where there are as many.
    #[inline]
    pub(crate) fn skip_spaces(&mut self) {
        let rest = self.rest();
        let words = rest.chunks_exact(8).take_while(|word| **word == *b"        ").count();
        let from = words * 8;
        let tail = rest.get(from..).unwrap_or_default();
        self.position += from + tail.iter().take_while(|&&byte| byte == b' ').count();
    }

    /// Passes so many spaces.
    #[inline]
    pub(crate) fn advance_spaces(&mut self, count: usize) {
        self.position += count;
    }

    /// Passes text on one line that begins with no blank, up to the offset.
    #[inline]
    pub(crate) fn advance_to(&mut self, offset: usize) {
        let passed = self.bytes.get(self.position..offset).unwrap_or_default();
        if !passed.is_empty() {
            self.breaks_passed = 0;
        }
        if !passed.is_ascii() {
            self.continuation_bytes += passed.iter().filter(|&&byte| byte & 0xC0 == 0x80).count() as u32;
        }
        self.position = offset;
    }

    /// Passes a line break and says what it is worth in a scalar: CR, LF, CRLF and NEL are a newline, the Unicode
    /// separators themselves. Passes nothing and is empty where no break stands.
    #[inline]
    pub(crate) fn take_break(&mut self) -> &'static str {
        let (width, characters, meaning) = match self.byte() {
            b'\n' => (1, 1, "\n"),
            b'\r' if self.peek(1) == b'\n' => (2, 2, "\n"),
            b'\r' => (1, 1, "\n"),
            0xC2 if self.peek(1) == 0x85 => (2, 1, "\n"),
            0xE2 if self.peek(1) == 0x80 && self.peek(2) == 0xA8 => (3, 1, "\u{2028}"),
            0xE2 if self.peek(1) == 0x80 && self.peek(2) == 0xA9 => (3, 1, "\u{2029}"),
            _ => return "",
        };
        self.position += width;
        self.continuation_bytes += width as u32 - characters;
        self.line += 1;
        self.line_start_index = self.index();
        self.breaks_passed += 1;
        meaning
    }
}

/// Whether the byte may stand in an anchor or a tag handle.
#[inline]
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
