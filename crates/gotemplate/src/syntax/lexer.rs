//! Splits template text into tokens: text, delimiters with their trim markers, and what stands inside actions.

use super::token::{Token, TokenKind};
use crate::quote;
use crate::unicode::{decode_first, is_digit, is_letter};

/// The marks around actions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delimiters {
    /// `{{` unless set otherwise.
    pub left: String,
    /// `}}` unless set otherwise.
    pub right: String,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { left: "{{".to_owned(), right: "}}".to_owned() }
    }
}

const SPACES: &[u8] = b" \t\r\n";
/// A trim marker is a minus and the space beside it.
const TRIM_MARKER_LENGTH: usize = 2;

/// Reads tokens one after the other; after an error only the end of the text follows.
pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    left: &'t [u8],
    right: &'t [u8],
    position: usize,
    start: usize,
    line: u32,
    start_line: u32,
    parenthesis_depth: usize,
    is_inside_action: bool,
    /// What is wrong with the text, once a token said that something is.
    fault: String,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t [u8], delimiters: &'t Delimiters) -> Self {
        Self {
            text,
            left: delimiters.left.as_bytes(),
            right: delimiters.right.as_bytes(),
            position: 0,
            start: 0,
            line: 1,
            start_line: 1,
            parenthesis_depth: 0,
            is_inside_action: false,
            fault: String::new(),
        }
    }

    /// Returns what is wrong with the text; nothing as long as no token was an error.
    pub(crate) fn fault(&self) -> &str {
        &self.fault
    }

    /// Returns the next token.
    pub(crate) fn next_token(&mut self) -> Token<'t> {
        if self.is_inside_action { self.token_in_action() } else { self.token_outside() }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// Returns the next character without consuming it.
    fn peek(&self) -> Option<char> {
        decode_first(self.rest()).map(|(character, _)| character)
    }

    fn next(&mut self) -> Option<char> {
        let (character, width) = decode_first(self.rest())?;
        self.position += width;
        self.line += u32::from(character == '\n');
        Some(character)
    }

    fn accept(&mut self, valid: &[u8]) -> bool {
        let is_valid = self.rest().first().is_some_and(|byte| valid.contains(byte));
        self.position += usize::from(is_valid);
        is_valid
    }

    fn accept_run(&mut self, valid: &[u8]) {
        while self.accept(valid) {}
    }

    fn token(&mut self, kind: TokenKind) -> Token<'t> {
        let text = self.text.get(self.start..self.position).unwrap_or_default();
        let token = Token { kind, position: self.start, line: self.start_line, text };
        self.start = self.position;
        self.start_line = self.line;
        token
    }

    /// Skips what lies between the start and the position, counting its lines.
    fn ignore(&mut self) {
        self.count_lines();
        self.start = self.position;
        self.start_line = self.line;
    }

    fn count_lines(&mut self) {
        let skipped = self.text.get(self.start..self.position).unwrap_or_default();
        let lines = memchr::memchr_iter(b'\n', skipped).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }

    fn error(&mut self, message: impl Into<String>) -> Token<'t> {
        let token = Token { kind: TokenKind::Error, position: self.start, line: self.start_line, text: &[] };
        self.fault = message.into();
        self.text = &[];
        self.position = 0;
        self.start = 0;
        token
    }

    fn token_outside(&mut self) -> Token<'t> {
        loop {
            let Some(length) = find(self.rest(), self.left) else {
                self.position = self.text.len();
                if self.position == self.start {
                    return self.token(TokenKind::EndOfText);
                }
                self.count_lines();
                return self.token(TokenKind::Text);
            };
            if length > 0 {
                let text_end = self.position + length;
                let after = self.text.get(text_end + self.left.len()..).unwrap_or_default();
                let text = self.text.get(self.start..text_end).unwrap_or_default();
                let kept = if has_left_trim_marker(after) { trimmed_end(text) } else { text.len() };
                self.position = self.start + kept;
                self.count_lines();
                let token = self.token(TokenKind::Text);
                self.position = text_end;
                self.ignore();
                if !token.text.is_empty() {
                    return token;
                }
            }
            if let Some(token) = self.left_delimiter() {
                return token;
            }
        }
    }

    /// Reads a left delimiter, or skips a comment and returns nothing.
    fn left_delimiter(&mut self) -> Option<Token<'t>> {
        self.position += self.left.len();
        let marker = if has_left_trim_marker(self.rest()) { TRIM_MARKER_LENGTH } else { 0 };
        if self.rest().get(marker..).is_some_and(|rest| rest.starts_with(b"/*")) {
            self.position += marker;
            self.ignore();
            return self.skip_comment();
        }
        let token = self.token(TokenKind::LeftDelimiter);
        self.is_inside_action = true;
        self.position += marker;
        self.ignore();
        self.parenthesis_depth = 0;
        Some(token)
    }

    fn skip_comment(&mut self) -> Option<Token<'t>> {
        self.position += 2;
        let Some(length) = find(self.rest(), b"*/") else {
            return Some(self.error("unclosed comment"));
        };
        self.position += length + 2;
        let Some(trims) = self.at_right_delimiter() else {
            return Some(self.error("comment ends before closing delimiter"));
        };
        self.ignore();
        self.position += self.right.len();
        if trims {
            self.position += TRIM_MARKER_LENGTH;
            self.position += trimmed_start(self.rest());
        }
        self.ignore();
        None
    }

    /// Returns whether the right delimiter here trims the text after it; nothing if there is none.
    fn at_right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_trim_marker(rest)
            && rest.get(TRIM_MARKER_LENGTH..).is_some_and(|rest| rest.starts_with(self.right))
        {
            return Some(true);
        }
        rest.starts_with(self.right).then_some(false)
    }

    fn right_delimiter(&mut self, trims: bool) -> Token<'t> {
        if trims {
            self.position += TRIM_MARKER_LENGTH;
            self.ignore();
        }
        self.position += self.right.len();
        let token = self.token(TokenKind::RightDelimiter);
        if trims {
            self.position += trimmed_start(self.rest());
            self.ignore();
        }
        self.is_inside_action = false;
        token
    }

    fn token_in_action(&mut self) -> Token<'t> {
        if let Some(trims) = self.at_right_delimiter() {
            if self.parenthesis_depth > 0 {
                return self.error("unclosed left paren");
            }
            return self.right_delimiter(trims);
        }
        let Some(character) = self.peek() else {
            // The token at the end of a text that an error has cut is the end, not another error.
            return if self.text.is_empty() {
                self.token(TokenKind::EndOfText)
            } else {
                self.error("unclosed action")
            };
        };
        match character {
            ' ' | '\t' | '\r' | '\n' => self.space(),
            '+' | '-' | '0'..='9' => self.number(),
            '.' if self.rest().get(1).is_some_and(u8::is_ascii_digit) => self.number(),
            '.' if self.rest().len() == 1 => self.number(),
            _ if is_alphanumeric(character) => self.identifier(),
            _ => {
                self.next();
                self.token_after(character)
            }
        }
    }

    fn token_after(&mut self, character: char) -> Token<'t> {
        match character {
            '=' => self.token(TokenKind::Assign),
            ':' if self.next() == Some('=') => self.token(TokenKind::Declare),
            ':' => self.error("expected :="),
            '|' => self.token(TokenKind::Pipe),
            '"' => self.quoted(b'"', TokenKind::String, "unterminated quoted string"),
            '\'' => self.quoted(b'\'', TokenKind::CharacterConstant, "unterminated character constant"),
            '`' => self.raw_string(),
            '$' => self.field_or_variable(TokenKind::Variable, TokenKind::Variable),
            '.' => self.field_or_variable(TokenKind::Field, TokenKind::Dot),
            '(' => {
                self.parenthesis_depth += 1;
                self.token(TokenKind::LeftParenthesis)
            }
            ')' => match self.parenthesis_depth.checked_sub(1) {
                Some(depth) => {
                    self.parenthesis_depth = depth;
                    self.token(TokenKind::RightParenthesis)
                }
                None => self.error("unexpected right paren"),
            },
            ' '..='~' => self.token(TokenKind::Character),
            _ => self.error(format!("unrecognized character in action: {}", code_point(Some(character)))),
        }
    }

    /// Reads a run of spaces; the last one may belong to a trim marker.
    fn space(&mut self) -> Token<'t> {
        let spaces = trimmed_start(self.rest());
        self.position += spaces;
        self.count_lines();
        let from_last = self.text.get(self.position - 1..).unwrap_or_default();
        let after_marker = from_last.get(TRIM_MARKER_LENGTH..).unwrap_or_default();
        if has_right_trim_marker(from_last) && after_marker.starts_with(self.right) {
            self.position -= 1;
            self.line -= u32::from(from_last.first() == Some(&b'\n'));
            if spaces == 1 {
                return self.right_delimiter(true);
            }
        }
        self.token(TokenKind::Space)
    }

    fn identifier(&mut self) -> Token<'t> {
        self.skip_alphanumerics();
        if !self.at_terminator() {
            let message = format!("bad character {}", code_point(self.peek()));
            return self.error(message);
        }
        let word = self.text.get(self.start..self.position).unwrap_or_default();
        let kind = match word {
            b"true" | b"false" => TokenKind::Boolean,
            _ => TokenKind::of_keyword(word).unwrap_or(TokenKind::Identifier),
        };
        self.token(kind)
    }

    fn field_or_variable(&mut self, kind: TokenKind, alone: TokenKind) -> Token<'t> {
        if self.at_terminator() {
            return self.token(alone);
        }
        self.skip_alphanumerics();
        if !self.at_terminator() {
            let message = format!("bad character {}", code_point(self.peek()));
            return self.error(message);
        }
        self.token(kind)
    }

    /// Passes letters, digits and underscores.
    fn skip_alphanumerics(&mut self) {
        loop {
            let rest = self.rest();
            let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            let plain = rest.iter().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
            self.position += plain;
            let is_ascii = rest.get(plain).is_none_or(u8::is_ascii);
            if is_ascii || !self.peek().is_some_and(is_alphanumeric) {
                return;
            }
            self.next();
        }
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some(' ' | '\t' | '\r' | '\n' | '.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(_) => self.rest().starts_with(self.right),
        }
    }

    fn quoted(&mut self, mark: u8, kind: TokenKind, message: &str) -> Token<'t> {
        loop {
            let rest = self.rest();
            let Some(length) = memchr::memchr3(mark, b'\\', b'\n', rest) else {
                return self.error(message);
            };
            self.position += length + 1;
            match rest.get(length) {
                Some(b'\\') if self.peek().is_some_and(|escaped| escaped != '\n') => {
                    self.next();
                }
                Some(byte) if *byte == mark => return self.token(kind),
                _ => return self.error(message),
            }
        }
    }

    fn raw_string(&mut self) -> Token<'t> {
        let Some(length) = memchr::memchr(b'`', self.rest()) else {
            return self.error("unterminated raw quoted string");
        };
        self.position += length + 1;
        self.count_lines();
        self.token(TokenKind::RawString)
    }

    fn number(&mut self) -> Token<'t> {
        if !self.scan_number() {
            return self.bad_number();
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            return self.token(TokenKind::Number);
        }
        if !self.scan_number() || self.text.get(self.position.wrapping_sub(1)) != Some(&b'i') {
            return self.bad_number();
        }
        self.token(TokenKind::Complex)
    }

    fn bad_number(&mut self) -> Token<'t> {
        let text = self.text.get(self.start..self.position).unwrap_or_default();
        self.error(format!("bad number syntax: {}", quote::quote(text)))
    }

    fn scan_number(&mut self) -> bool {
        self.accept(b"+-");
        let (mut digits, mut exponent): (&[u8], &[u8]) = (b"0123456789_", b"eE");
        if self.accept(b"0") {
            if self.accept(b"xX") {
                (digits, exponent) = (b"0123456789abcdefABCDEF_", b"pP");
            } else if self.accept(b"oO") {
                (digits, exponent) = (b"01234567_", b"");
            } else if self.accept(b"bB") {
                (digits, exponent) = (b"01_", b"");
            }
        }
        self.accept_run(digits);
        if self.accept(b".") {
            self.accept_run(digits);
        }
        if self.accept(exponent) {
            self.accept(b"+-");
            self.accept_run(b"0123456789_");
        }
        self.accept(b"i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || is_letter(character) || is_digit(character)
}

fn has_left_trim_marker(text: &[u8]) -> bool {
    matches!(text, [b'-', space, ..] if SPACES.contains(space))
}

fn has_right_trim_marker(text: &[u8]) -> bool {
    matches!(text, [space, b'-', ..] if SPACES.contains(space))
}

/// Returns the length without the spaces at the end.
fn trimmed_end(text: &[u8]) -> usize {
    text.iter().rposition(|byte| !SPACES.contains(byte)).map_or(0, |last| last + 1)
}

/// Returns the number of spaces at the start.
fn trimmed_start(text: &[u8]) -> usize {
    text.iter().position(|byte| !SPACES.contains(byte)).unwrap_or(text.len())
}

/// Returns the place of the first occurrence.
pub(crate) fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    let first = *mark.first()?;
    let mut from = 0;
    loop {
        let offset = memchr::memchr(first, text.get(from..)?)?;
        if text.get(from + offset..)?.starts_with(mark) {
            return Some(from + offset);
        }
        from += offset + 1;
    }
}

/// Returns `U+0041 'A'`, Go's `%#U`; the end of the text is -1 there.
fn code_point(character: Option<char>) -> String {
    match character {
        None => "U+FFFFFFFFFFFFFFFF".to_owned(),
        Some(character) if crate::unicode::is_printable(character) => {
            format!("U+{:04X} '{character}'", u32::from(character))
        }
        Some(character) => format!("U+{:04X}", u32::from(character)),
    }
}
