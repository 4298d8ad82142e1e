//! Literal (`|`) and folded (`>`) scalars.
//!
//! A scalar that the end of the text cuts off has no newline at its end, as in libyaml and unlike YAML 1.2.

use std::borrow::Cow;

use super::{Mark, Scanned, Scanner, TokenKind};
use crate::node::Style;

/// What the indicator after `|` or `>` says of the newlines at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(super) fn scan_block_scalar(&mut self) -> Scanned {
        let start = self.cursor.mark();
        let literal = self.cursor.byte() == b'|';
        self.cursor.advance();
        let (chomping, increment) = self.scan_block_header(start)?;
        while self.cursor.is_blank() {
            self.cursor.advance_spaces(1);
        }
        if self.cursor.byte() == b'#' {
            if self.options.comments {
                self.scan_line_comment(start.place());
            }
            self.skip_line_rest();
        }
        if !self.cursor.is_break_or_end() {
            return Err(self.problem("did not find expected comment or line break", Some(start)));
        }
        self.cursor.take_break();
        let mut end = self.cursor.mark();
        let mut indent = increment.map(|increment| self.indent.max(0) + i64::from(increment));
        let mut breaks = String::new();
        let column = self.scan_block_breaks(&mut indent, &mut breaks, start, &mut end)?;

        let mut text = String::new();
        let mut leading_break = "";
        let mut leading_blank = false;
        while i64::from(self.cursor.column()) == column && !self.cursor.at_end() {
            let trailing_blank = self.cursor.is_blank();
            if !literal && !leading_blank && !trailing_blank && leading_break == "\n" {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(leading_break);
            }
            text.push_str(&breaks);
            breaks.clear();
            leading_blank = trailing_blank;
            let from = self.cursor.offset();
            let to = from + self.line_length();
            text.push_str(self.cursor.slice(from, to));
            self.cursor.advance_to(to);
            leading_break = self.cursor.take_break();
            self.scan_block_breaks(&mut indent, &mut breaks, start, &mut end)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(leading_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&breaks);
        }
        let style = if literal { Style::Literal } else { Style::Folded };
        self.push(TokenKind::Scalar { text: Cow::Owned(text), style }, start.place(), end.place());
        Ok(())
    }

    fn line_length(&self) -> usize {
        let rest = self.cursor.rest();
        let mut length = 0;
        while let Some(&byte) = rest.get(length) {
            if matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2) && self.cursor.break_width_at(length) > 0 {
                break;
            }
            length += 1;
        }
        length
    }

    fn scan_block_header(&mut self, start: Mark) -> Scanned<(Chomping, Option<u8>)> {
        let mut chomping = self.scan_chomping();
        let mut increment = None;
        let digit = self.cursor.byte();
        if digit.is_ascii_digit() {
            if digit == b'0' {
                return Err(self.problem("found an indentation indicator equal to 0", Some(start)));
            }
            increment = Some(digit - b'0');
            self.cursor.advance();
            if chomping.is_none() {
                chomping = self.scan_chomping();
            }
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.byte() {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.advance();
        Some(chomping)
    }

    /// Passes indentation and empty lines; the first call finds the indentation where the header does not say it.
    fn scan_block_breaks(
        &mut self,
        indent: &mut Option<i64>,
        breaks: &mut String,
        start: Mark,
        end: &mut Mark,
    ) -> Scanned<i64> {
        *end = self.cursor.mark();
        let mut deepest = 0;
        loop {
            let within =
                |column: u32, indent: Option<i64>| indent.is_none_or(|indent| i64::from(column) < indent);
            while within(self.cursor.column(), *indent) && self.cursor.byte() == b' ' {
                self.cursor.advance_spaces(1);
            }
            deepest = deepest.max(i64::from(self.cursor.column()));
            if within(self.cursor.column(), *indent) && self.cursor.byte() == b'\t' {
                let message = "found a tab character where an indentation space is expected";
                return Err(self.problem(message, Some(start)));
            }
            let line_break = self.cursor.take_break();
            if line_break.is_empty() {
                break;
            }
            breaks.push_str(line_break);
            *end = self.cursor.mark();
        }
        let found = indent.unwrap_or_else(|| deepest.max(self.indent + 1).max(1));
        *indent = Some(found);
        Ok(found)
    }
}
