//! Scalars behind a key or a `-`: plain, in quotes, literal blocks, and flow collections on one line.

use std::borrow::Cow;

use super::lines::Reader;
use super::{GivenUp, Listener, text};
use crate::node::Style;
use crate::span::Span;

impl<'s, L: Listener<'s>> Reader<'s, '_, L> {
    /// Reads a value that begins at an offset of the line at hand; `indent` is that of the collection around it.
    pub(super) fn scalar(&mut self, start: usize, indent: usize) -> Result<(), GivenUp> {
        match self.byte(start) {
            Some(quote @ (b'"' | b'\'')) => {
                let end = self.quoted(start, quote)?;
                self.must_end_line(end)
            }
            Some(b'|') => self.literal(start, indent),
            Some(b'[' | b'{') => {
                let end = self.flow(start)?;
                self.must_end_line(end)
            }
            Some(_) if text::begins_plain(self.rest(start)) => {
                let plain = text::plain(self.rest(start)).ok_or(GivenUp)?;
                if plain.comment.is_some() {
                    self.comment()?;
                }
                self.say(start, start + plain.length, Style::Plain)
            }
            _ => Err(GivenUp),
        }
    }

    fn must_end_line(&self, end: usize) -> Result<(), GivenUp> {
        if self.ends_line(end)? { Ok(()) } else { Err(GivenUp) }
    }

    /// Says a scalar whose text is as written.
    pub(super) fn say(&mut self, start: usize, end: usize, style: Style) -> Result<(), GivenUp> {
        let text = self.text.get(start..end).ok_or(GivenUp)?;
        self.listener.scalar(Cow::Borrowed(text), style, Span::new(start as u32, end as u32))
    }

    /// Says a scalar in quotes and gives the offset behind it.
    pub(super) fn quoted(&mut self, start: usize, quote: u8) -> Result<usize, GivenUp> {
        let length = text::quoted_length(self.rest(start), quote).ok_or(GivenUp)?;
        let end = start + length;
        let inside = self.text.get(start + 1..end - 1).ok_or(GivenUp)?;
        let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
        self.listener.scalar(Cow::Borrowed(inside), style, Span::new(start as u32, end as u32))?;
        Ok(end)
    }

    /// A literal block, which ends with the last line break of its lines.
    fn literal(&mut self, start: usize, indent: usize) -> Result<(), GivenUp> {
        let chomping = match self.rest(start + 1) {
            b"" => None,
            [sign @ (b'-' | b'+')] => Some(*sign),
            _ => return Err(GivenUp),
        };
        let mut text = String::new();
        // Line breaks that are part of the text only where more text follows.
        let mut breaks = 0;
        let mut inside = None;
        let mut next = self.line_end + 1;
        let mut end = next;
        while next < self.bytes.len() {
            let line_end = self.end_of_line(next);
            let line = self.bytes.get(next..line_end).unwrap_or_default();
            let spaces = line.iter().position(|byte| *byte != b' ').unwrap_or(line.len());
            let wanted = inside.unwrap_or(spaces);
            let is_blank = spaces == line.len() && (inside.is_none() || spaces <= wanted);
            if is_blank {
                // Where the first line is not found yet, spaces on empty lines count for its indentation.
                if inside.is_none() && spaces > 0 {
                    return Err(GivenUp);
                }
            } else {
                if spaces < wanted || (inside.is_none() && spaces <= indent) {
                    break;
                }
                if inside.is_none() && line.get(spaces) == Some(&b'\t') {
                    return Err(GivenUp);
                }
                for _ in 0..breaks {
                    text.push('\n');
                }
                breaks = 0;
                inside = Some(wanted);
                text.push_str(self.text.get(next + wanted..line_end).ok_or(GivenUp)?);
            }
            self.enter_line(next);
            if line_end >= self.bytes.len() {
                if is_blank {
                    return Err(GivenUp);
                }
                end = line_end;
                break;
            }
            breaks += 1;
            next = line_end + 1;
            end = next;
        }
        if inside.is_none() {
            return Err(GivenUp);
        }
        let kept = match chomping {
            None => breaks.min(1),
            Some(b'+') => breaks,
            Some(_) => 0,
        };
        for _ in 0..kept {
            text.push('\n');
        }
        self.listener.scalar(Cow::Owned(text), Style::Literal, Span::new(start as u32, end as u32))
    }
}
