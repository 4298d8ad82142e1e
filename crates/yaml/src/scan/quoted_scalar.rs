//! Scalars in single or double quotes, with escapes and folded lines.

use std::borrow::Cow;

use super::plain_scalar::Gap;
use super::{Mark, Scanned, Scanner, TokenKind};
use crate::node::Style;

impl Scanner<'_> {
    pub(super) fn scan_quoted_scalar(&mut self) -> Scanned {
        let start = self.cursor.mark();
        let quote = self.cursor.byte();
        let style = if quote == b'\'' { Style::SingleQuoted } else { Style::DoubleQuoted };
        self.cursor.advance();
        if let Some(length) = self.simple_quoted_length(quote) {
            let from = self.cursor.offset();
            let text = Cow::Borrowed(self.cursor.slice(from, from + length));
            self.cursor.advance_to(from + length);
            self.cursor.advance();
            self.push(TokenKind::Scalar { text, style }, start.place(), self.cursor.place());
            return Ok(());
        }
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.cursor.column() == 0 && self.document_indicator().is_some() {
                return Err(self.problem("found unexpected document indicator", Some(start)));
            }
            if self.cursor.at_end() {
                return Err(self.problem("found unexpected end of stream", Some(start)));
            }
            let mut after_break = self.scan_quoted_piece(quote, start, &mut text)?;
            if self.cursor.byte() == quote {
                break;
            }
            let blanks_start = self.cursor.offset();
            let mut blanks_end = blanks_start;
            let escaped_break = after_break;
            loop {
                if self.cursor.is_blank() {
                    self.cursor.advance_spaces(1);
                    if !after_break {
                        blanks_end = self.cursor.offset();
                    }
                    continue;
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
            if !after_break {
                text.push_str(self.cursor.slice(blanks_start, blanks_end));
            } else if escaped_break {
                text.push_str(&gap.more_breaks);
                gap.more_breaks.clear();
            } else {
                gap.fold_into(&mut text);
            }
        }
        self.cursor.advance();
        self.push(TokenKind::Scalar { text: Cow::Owned(text), style }, start.place(), self.cursor.place());
        Ok(())
    }

    /// The length of a scalar on one line without escapes, or `None` if it is none.
    fn simple_quoted_length(&self, quote: u8) -> Option<usize> {
        let rest = self.cursor.rest();
        let mut length = 0;
        loop {
            let byte = *rest.get(length)?;
            if byte == quote {
                let doubled = quote == b'\'' && rest.get(length + 1) == Some(&b'\'');
                return (!doubled).then_some(length);
            }
            match byte {
                b'\n' | b'\r' => return None,
                b'\\' if quote == b'"' => return None,
                0xC2 | 0xE2 if self.cursor.break_width_at(length) > 0 => return None,
                _ => length += 1,
            }
        }
    }

    /// Reads up to a blank, a break, the end or the closing quote; says whether it ended in an escaped line break.
    fn scan_quoted_piece(&mut self, quote: u8, start: Mark, text: &mut String) -> Scanned<bool> {
        loop {
            let from = self.cursor.offset();
            let rest = self.cursor.rest();
            let mut length = 0;
            while let Some(&byte) = rest.get(length) {
                let special = match byte {
                    b' ' | b'\t' | b'\n' | b'\r' => true,
                    b'\\' => quote == b'"',
                    0xC2 | 0xE2 => self.cursor.break_width_at(length) > 0,
                    _ => byte == quote,
                };
                if special {
                    break;
                }
                length += 1;
            }
            text.push_str(self.cursor.slice(from, from + length));
            self.cursor.advance_to(from + length);
            if self.cursor.is_blank_or_end() {
                return Ok(false);
            }
            if self.cursor.byte() == quote {
                if quote == b'"' || self.cursor.peek(1) != b'\'' {
                    return Ok(false);
                }
                text.push('\'');
                self.cursor.advance_ascii(2);
            } else if self.cursor.break_width_at(1) > 0 {
                self.cursor.advance();
                self.cursor.take_break();
                return Ok(true);
            } else {
                self.scan_escape(start, text)?;
            }
        }
    }

    fn scan_escape(&mut self, start: Mark, text: &mut String) -> Scanned {
        let digits = match self.cursor.peek(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            letter => {
                let Some(character) = simple_escape(letter).filter(|_| letter != b'/' || self.options.yaml12)
                else {
                    return Err(self.problem("found unknown escape character", Some(start)));
                };
                text.push(character);
                self.cursor.advance_ascii(2);
                return Ok(());
            }
        };
        self.cursor.advance_ascii(2);
        let mut value: u32 = 0;
        for place in 0..digits {
            let Some(digit) = char::from(self.cursor.peek(place)).to_digit(16) else {
                return Err(self.problem("did not find expected hexdecimal number", Some(start)));
            };
            value = value.wrapping_shl(4) | digit;
        }
        let Some(character) = char::from_u32(value) else {
            return Err(self.problem("found invalid Unicode character escape code", Some(start)));
        };
        text.push(character);
        self.cursor.advance_ascii(digits);
        Ok(())
    }
}

fn simple_escape(letter: u8) -> Option<char> {
    Some(match letter {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0B',
        b'f' => '\x0C',
        b'r' => '\r',
        b'e' => '\x1B',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'/' => '/',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{A0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}
