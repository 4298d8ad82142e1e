//! Plain scalars: text without quotes, which may go on over deeper lines.

use std::borrow::Cow;

use super::{Scanned, Scanner, TokenKind};
use crate::node::Style;

/// What stands between two pieces of a scalar's text: blanks, or line breaks that fold.
#[derive(Default)]
pub(super) struct Gap {
    pub(super) first_break: &'static str,
    pub(super) more_breaks: String,
}

impl Gap {
    /// Adds the gap to the text as folding wants it: one newline is a space, of more the first goes.
    pub(super) fn fold_into(&mut self, text: &mut String) {
        if self.first_break != "\n" {
            text.push_str(self.first_break);
            text.push_str(&self.more_breaks);
        } else if self.more_breaks.is_empty() {
            text.push(' ');
        } else {
            text.push_str(&self.more_breaks);
        }
        self.first_break = "";
        self.more_breaks.clear();
    }
}

/// The bytes at which a plain scalar may end.
const MAY_END: ByteSet = ByteSet::of(b" \t\n\r:,?[]{}\xC2\xE2");

/// A set of bytes that is asked without branches.
struct ByteSet([bool; 256]);

impl ByteSet {
    const fn of(members: &[u8]) -> ByteSet {
        let mut set = [false; 256];
        let mut at = 0;
        while at < members.len() {
            set[members[at] as usize] = true;
            at += 1;
        }
        ByteSet(set)
    }

    #[inline]
    fn contains(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }
}

impl<'s> Scanner<'s> {
    pub(super) fn scan_plain_scalar(&mut self) -> Scanned {
        let start = self.cursor.mark();
        let mut end = start.place();
        // As long as all is on one line the text is borrowed.
        let mut text: Cow<'s, str> = Cow::Borrowed("");
        let mut gap = Gap::default();
        let mut blanks = (0, 0);
        let mut after_break = false;
        let indent = self.indent + 1;
        loop {
            if self.cursor.byte() == b'#'
                || (self.cursor.column() == 0 && self.document_indicator().is_some())
            {
                break;
            }
            let piece_start = self.cursor.offset();
            let piece_end = piece_start + self.plain_piece_length();
            if piece_end > piece_start {
                let borrowed_so_far = matches!(text, Cow::Borrowed(_));
                if after_break {
                    gap.fold_into(text.to_mut());
                    after_break = false;
                    text.to_mut().push_str(self.cursor.slice(piece_start, piece_end));
                } else if borrowed_so_far {
                    text = Cow::Borrowed(self.cursor.slice(start.offset as usize, piece_end));
                } else {
                    let text = text.to_mut();
                    text.push_str(self.cursor.slice(blanks.0, blanks.1));
                    text.push_str(self.cursor.slice(piece_start, piece_end));
                }
                self.cursor.advance_to(piece_end);
                end = self.cursor.place();
            }
            if !self.cursor.is_blank() && !self.cursor.is_break() {
                break;
            }
            let blanks_start = self.cursor.offset();
            loop {
                if self.cursor.is_blank() {
                    if after_break && self.cursor.byte() == b'\t' && i64::from(self.cursor.column()) < indent
                    {
                        return Err(
                            self.problem("found a tab character that violates indentation", Some(start))
                        );
                    }
                    self.cursor.advance_spaces(1);
                    continue;
                }
                if !after_break {
                    blanks = (blanks_start, self.cursor.offset());
                }
                let line_break = self.cursor.take_break();
                if line_break.is_empty() {
                    break;
                }
                if after_break {
                    gap.more_breaks.push_str(line_break);
                } else {
                    gap.first_break = line_break;
                    after_break = true;
                }
            }
            if self.flow_level == 0 && i64::from(self.cursor.column()) < indent {
                break;
            }
        }
        self.push(TokenKind::Scalar { text, style: Style::Plain }, start.place(), end);
        if after_break {
            self.simple_key_allowed = true;
        }
        Ok(())
    }

    /// Bytes up to the next blank, break, end or indicator that ends a plain scalar.
    fn plain_piece_length(&self) -> usize {
        let in_flow = self.flow_level > 0;
        let rest = self.cursor.rest();
        let mut length = 0;
        loop {
            let skipped = rest.get(length..).unwrap_or_default().iter();
            length += skipped.take_while(|&&byte| !MAY_END.contains(byte)).count();
            let ends = match rest.get(length) {
                None | Some(b' ' | b'\t' | b'\n' | b'\r') => true,
                Some(b':') => self.cursor.is_blank_or_end_at(length + 1),
                Some(0xC2 | 0xE2) => self.cursor.break_width_at(length) > 0,
                Some(_) => in_flow,
            };
            if ends {
                break;
            }
            length += 1;
        }
        length
    }
}
