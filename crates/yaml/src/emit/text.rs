//! Writing: indentation, indicators, tags and the five styles of scalars.

use super::analysis::{break_width, is_printable};
use super::machine::Machine;

impl Machine {
    fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    pub(super) fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.indention = true;
    }

    /// Writes text without line breaks.
    fn put_text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += if text.is_ascii() { text.len() } else { text.chars().count() };
    }

    /// Writes the line break that stands at the place, and gives back the place behind it.
    fn put_break_of(&mut self, text: &str, at: usize) -> usize {
        let width = break_width(text.as_bytes(), at);
        if text.as_bytes().get(at) == Some(&b'\n') {
            self.put_break();
        } else {
            self.out.push_str(text.get(at..at + width).unwrap_or_default());
            self.column = 0;
            self.indention = true;
        }
        at + width
    }

    /// Goes to the indentation, on a new line where needed.
    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.max(0);
        let target = indent as usize;
        if !self.indention || self.column > target || (self.column == target && !self.whitespace) {
            self.put_break();
        }
        if self.foot_indent == indent {
            self.put_break();
        }
        while self.column < target {
            let missing = target - self.column;
            let spaces = SPACES.get(..missing.min(SPACES.len())).unwrap_or(SPACES);
            self.out.push_str(spaces);
            self.column += spaces.len();
        }
        self.whitespace = true;
        self.indention = true;
        self.foot_indent = -1;
    }

    pub(super) fn write_indicator(&mut self, text: &str, spaced: bool, is_space: bool, is_indention: bool) {
        if spaced && !self.whitespace {
            self.put(' ');
        }
        self.put_text(text);
        self.whitespace = is_space;
        self.indention = self.indention && is_indention;
    }

    /// Writes a tag that is in its short form.
    pub(super) fn write_tag(&mut self, tag: &str) {
        if tag.is_empty() {
            return;
        }
        if !self.whitespace {
            self.put(' ');
        }
        let (handle, suffix, end) = match (tag.strip_prefix("!!"), tag.strip_prefix('!')) {
            (Some(suffix), _) => ("!!", suffix, ""),
            (None, Some(suffix)) => ("!", suffix, ""),
            (None, None) => ("!<", tag, ">"),
        };
        self.put_text(handle);
        for byte in suffix.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_;/?:@&=+$,.~*'()[]".contains(&byte) {
                self.put(char::from(byte));
            } else {
                self.put_text(&format!("%{byte:02X}"));
            }
        }
        self.put_text(end);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes a plain scalar. go-yaml v2 puts a space even before an empty one.
    pub(super) fn write_plain(&mut self, text: &str, may_fold: bool, space_before_empty: bool) {
        if !self.whitespace && (space_before_empty || !text.is_empty()) {
            self.put(' ');
        }
        self.write_folding(text, may_fold, Folding::Plain);
        if space_before_empty || !text.is_empty() {
            self.whitespace = false;
        }
        self.indention = false;
    }

    pub(super) fn write_single_quoted(&mut self, text: &str, may_fold: bool) {
        self.write_indicator("'", true, false, false);
        self.write_folding(text, may_fold, Folding::SingleQuoted);
        self.write_indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes text that is folded at spaces where the line gets too long, with its line breaks doubled.
    fn write_folding(&mut self, text: &str, may_fold: bool, folding: Folding) {
        let bytes = text.as_bytes();
        let quotes = folding == Folding::SingleQuoted;
        let has_breaks = bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2));
        let fits = !may_fold || self.column.saturating_add(text.len()) <= self.best_width;
        if !has_breaks && fits && !(quotes && text.contains('\'')) {
            self.put_text(text);
            if !text.is_empty() {
                self.indention = false;
            }
            return;
        }
        let mut spaces = false;
        let mut breaks = false;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1);
            if byte == b' ' {
                let inner = folding == Folding::Plain || (at > 0 && next.is_some());
                if may_fold && !spaces && self.column > self.best_width && inner && next != Some(&b' ') {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                at += 1;
                spaces = true;
            } else if break_width(bytes, at) > 0 {
                if !breaks && byte == b'\n' {
                    self.put_break();
                }
                at = self.put_break_of(text, at);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                let end = word_end(bytes, at);
                let word = text.get(at..end).unwrap_or_default();
                if quotes && word.contains('\'') {
                    self.put_text(&word.replace('\'', "''"));
                } else {
                    self.put_text(word);
                }
                at = end;
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
    }

    pub(super) fn write_double_quoted(&mut self, text: &str, may_fold: bool) {
        self.write_indicator("\"", true, false, false);
        // go-yaml looks for the byte order mark at the start of the text, whichever character it is at.
        let escapes_all = text.starts_with('\u{FEFF}');
        let mut spaces = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let is_break = matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
            if escapes_all || is_break || !is_printable(character) || matches!(character, '"' | '\\') {
                self.put_escaped(character);
                spaces = false;
            } else if character == ' ' {
                let next = characters.peek().map(|&(_, next)| next);
                if may_fold && !spaces && self.column > self.best_width && at > 0 && next.is_some() {
                    self.write_indent();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(character);
                spaces = false;
            }
        }
        self.write_indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn put_escaped(&mut self, character: char) {
        let letter = match character {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0B' => 'v',
            '\x0C' => 'f',
            '\r' => 'r',
            '\x1B' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{A0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = character as u32;
                let escape = match code {
                    0..=0xFF => format!("\\x{code:02X}"),
                    0x100..=0xFFFF => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                return self.put_text(&escape);
            }
        };
        self.put('\\');
        self.put(letter);
    }

    fn write_block_hints(&mut self, text: &str) {
        let bytes = text.as_bytes();
        if bytes.first() == Some(&b' ') || break_width(bytes, 0) > 0 {
            let hint = self.best_indent.to_string();
            self.write_indicator(&hint, false, false, false);
        }
        let is_break =
            |character: char| matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let mut backwards = text.chars().rev();
        let chomping = match (backwards.next().is_some_and(is_break), backwards.next()) {
            (false, _) => "-",
            (true, None) => "+",
            (true, Some(before)) if is_break(before) => "+",
            (true, Some(_)) => return,
        };
        self.write_indicator(chomping, false, false, false);
    }

    pub(super) fn write_literal(&mut self, text: &str) {
        self.write_indicator("|", true, false, false);
        self.write_block_hints(text);
        self.end_block_header();
        let bytes = text.as_bytes();
        let mut breaks = true;
        let mut at = 0;
        while at < bytes.len() {
            if break_width(bytes, at) > 0 {
                at = self.put_break_of(text, at);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                let end = line_end(bytes, at);
                self.put_text(text.get(at..end).unwrap_or_default());
                at = end;
                self.indention = false;
                breaks = false;
            }
        }
    }

    pub(super) fn write_folded(&mut self, text: &str) {
        self.write_indicator(">", true, false, false);
        self.write_block_hints(text);
        self.end_block_header();
        let bytes = text.as_bytes();
        // go-yaml looks at the start of the whole text, not behind the break.
        let starts_with_breaks = {
            let mut at = 0;
            while break_width(bytes, at) > 0 {
                at += break_width(bytes, at);
            }
            matches!(bytes.get(at), None | Some(b' ' | b'\t' | 0))
        };
        let mut breaks = true;
        let mut leading_spaces = true;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if break_width(bytes, at) > 0 {
                if !breaks && !leading_spaces && byte == b'\n' && !starts_with_breaks {
                    self.put_break();
                }
                at = self.put_break_of(text, at);
                breaks = true;
                continue;
            }
            if breaks {
                self.write_indent();
                leading_spaces = matches!(byte, b' ' | b'\t');
            }
            let folds = byte == b' ' && bytes.get(at + 1) != Some(&b' ') && self.column > self.best_width;
            if byte == b' ' {
                if !breaks && folds {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                at += 1;
            } else {
                let end = word_end(bytes, at);
                self.put_text(text.get(at..end).unwrap_or_default());
                at = end;
            }
            self.indention = false;
            breaks = false;
        }
    }

    /// Ends the line of `|` or `>`, with the comment that belongs there.
    fn end_block_header(&mut self) {
        if self.waiting.line.is_empty() {
            self.put_break();
        } else {
            self.write_line_comment();
        }
        self.whitespace = true;
    }
}

/// What [`Machine::write_folding`] writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folding {
    Plain,
    SingleQuoted,
}

const SPACES: &str = "                                                                ";

/// The place of the next space or line break.
fn word_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|&byte| byte != b' ') && break_width(bytes, at) == 0 {
        at += 1;
    }
    at
}

/// The place of the next line break.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() && break_width(bytes, at) == 0 {
        at += 1;
    }
    at
}
