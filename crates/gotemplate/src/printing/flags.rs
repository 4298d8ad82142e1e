//! Flags, width and padding of verbs.

use super::Printer;
use crate::unicode;

/// What stands between the percent sign and the verb.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`
    pub(super) names_fields: bool,
    /// `%#v`
    pub(super) is_syntax: bool,
}

impl Printer {
    /// Writes `text` padded to the width.
    pub(super) fn pad(&mut self, text: &[u8]) {
        let width = self.flags.width.unwrap_or(0);
        if width == 0 {
            return self.push(text);
        }
        let missing = width.saturating_sub(unicode::characters(text).count());
        if self.flags.minus {
            self.push(text);
            self.push_padding(missing);
        } else {
            self.push_padding(missing);
            self.push(text);
        }
    }

    /// Writes `text` padded with spaces, whatever the zero flag says.
    pub(super) fn pad_with_spaces(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(text);
        self.flags.zero = zero;
    }

    /// Writes `count` bytes of padding; zeros only go to the left.
    pub(super) fn push_padding(&mut self, count: usize) {
        let byte = if self.flags.zero && !self.flags.minus { b'0' } else { b' ' };
        let length = self.output.len() + count;
        self.output.resize(length, byte);
    }
}
