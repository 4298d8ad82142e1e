//! Scalars behind a key or a `-`: plain, in quotes, literal blocks, and flow collections on one line.

use std::borrow::Cow;

use super::lines::Reader;
use super::{GivenUp, Listener, text};
use crate::node::Style;
use crate::span::Span;

/// A line that a scalar goes on on.
struct Continuation {
    /// The start of the line.
    line: usize,
    /// The start of its text.
    start: usize,
    /// The line breaks before it.
    breaks: usize,
}

impl Continuation {
    /// The text before with that of the line: a single line break is a space, of several one vanishes.
    fn folded(&self, mut text: String, piece: &str) -> String {
        match self.breaks {
            1 => text.push(' '),
            breaks => text.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        text.push_str(piece);
        text
    }
}

impl<'s, L: Listener<'s>> Reader<'s, '_, L> {
    /// Reads a value that begins at an offset of the line at hand; `indent` is that of the collection around it.
    pub(super) fn scalar(&mut self, start: usize, indent: usize) -> Result<(), GivenUp> {
        match self.byte(start) {
            Some(quote @ (b'"' | b'\'')) => {
                let end = match text::quoted_length(self.rest(start), quote) {
                    Some(_) => self.quoted(start, quote)?,
                    None => self.folded_quoted(start, quote, indent)?,
                };
                self.must_end_line(end)
            }
            Some(b'|') => self.literal(start, indent),
            Some(b'[' | b'{') => self.flow_line(start),
            Some(_) if text::begins_plain(self.rest(start)) => self.plain(start, indent),
            _ => Err(GivenUp),
        }
    }

    /// Reads a flow collection that ends with its line.
    pub(super) fn flow_line(&mut self, start: usize) -> Result<(), GivenUp> {
        let end = self.flow(start)?;
        self.must_end_line(end)
    }

    /// Says a plain scalar, which goes on over the lines below it that are indented deeper than the collection around it.
    fn plain(&mut self, start: usize, indent: usize) -> Result<(), GivenUp> {
        let mut piece = text::plain(self.rest(start)).ok_or(GivenUp)?;
        let mut end = start + piece.length;
        let mut folded = None;
        loop {
            if piece.comment.is_some() {
                // A comment ends the scalar; what is indented deeper behind it is for the whole grammar.
                self.comment()?;
                break;
            }
            let Some(next) = self.next_text()?.filter(|next| self.goes_on(next, indent)) else { break };
            let text = match folded.take() {
                Some(text) => text,
                None => self.text.get(start..end).ok_or(GivenUp)?.to_owned(),
            };
            self.enter_line(next.line);
            piece = text::plain(self.rest(next.start)).ok_or(GivenUp)?;
            end = next.start + piece.length;
            folded = Some(next.folded(text, self.text.get(next.start..end).ok_or(GivenUp)?));
        }
        match folded {
            None => self.say(start, end, Style::Plain),
            Some(text) => {
                self.listener.scalar(Cow::Owned(text), Style::Plain, Span::new(start as u32, end as u32))
            }
        }
    }

    /// Says a scalar in quotes that holds a doubled quote or an escape or goes on below, and gives the offset behind it.
    fn folded_quoted(&mut self, start: usize, quote: u8, indent: usize) -> Result<usize, GivenUp> {
        let (mut text, mut from) = (String::new(), start + 1);
        let mut next: Option<Continuation> = None;
        loop {
            let rest = self.rest(from);
            let (piece, length) = text::quoted_piece(rest, quote).ok_or(GivenUp)?;
            let is_end = length < rest.len();
            // How a line is folded that holds nothing but the quote is for the whole grammar.
            if piece.trim_matches(' ').is_empty() {
                return Err(GivenUp);
            }
            let piece = if is_end { &piece } else { piece.trim_end_matches(' ') };
            text = match &next {
                Some(next) => next.folded(text, piece),
                None => piece.to_owned(),
            };
            if is_end {
                let end = from + length + 1;
                let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
                self.listener.scalar(Cow::Owned(text), style, Span::new(start as u32, end as u32))?;
                return Ok(end);
            }
            let found = self.next_text()?.filter(|next| next.start - next.line > indent).ok_or(GivenUp)?;
            self.enter_line(found.line);
            from = found.start;
            next = Some(found);
        }
    }

    fn goes_on(&self, next: &Continuation, indent: usize) -> bool {
        next.start - next.line > indent && self.bytes.get(next.start) != Some(&b'#')
    }

    /// The next line that is not blank.
    fn next_text(&self) -> Result<Option<Continuation>, GivenUp> {
        let mut line = self.line_end + 1;
        let mut breaks = 1;
        while line < self.bytes.len() {
            let end = self.end_of_line(line);
            let bytes = self.bytes.get(line..end).unwrap_or_default();
            match bytes.iter().position(|byte| *byte != b' ') {
                None => breaks += 1,
                Some(spaces) if bytes.get(spaces) == Some(&b'\t') => return Err(GivenUp),
                Some(spaces) => return Ok(Some(Continuation { line, start: line + spaces, breaks })),
            }
            line = end + 1;
        }
        Ok(None)
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
        // Where it holds nothing, its line breaks are all behind it.
        if inside.is_none() && (chomping == Some(b'+') || next >= self.bytes.len()) {
            return Err(GivenUp);
        }
        let breaks = if inside.is_none() { 0 } else { breaks };
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
