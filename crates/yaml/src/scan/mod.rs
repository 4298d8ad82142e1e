//! Text into tokens.
//!
//! Follows libyaml's scanner in what it accepts, in what it refuses and in which of two problems it finds first; the
//! grammar of tokens into events is the parser's. Indentation is turned into block tokens here. Time is linear in the
//! text: which pending simple key is the oldest is known without a search.
//!
//! Upstream: go-yaml v2.4 and v3.0, which differ only in how far they look ahead and in that v3 keeps comments.

mod block_scalar;
mod comments;
mod cursor;
mod plain_scalar;
mod quoted_scalar;
mod tag;
mod token;

use std::collections::VecDeque;

use crate::error::ErrorKind;

pub(crate) use comments::{Comment, CommentKind};
pub(crate) use cursor::is_word;
pub(crate) use token::{Mark, Place, TagParts, Token, TokenKind};

use cursor::Cursor;

/// What the scanner or the parser has against a text, with the two places that decide which line go-yaml prints.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) mark: Mark,
    pub(crate) context: Option<Mark>,
    pub(crate) found_by_scanner: bool,
}

/// How the scanner is to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanOptions {
    /// Keep comments, and look ahead as far as go-yaml v3 needs to for that.
    pub(crate) comments: bool,
    /// Allow what YAML 1.2 has over 1.1: the escape `\/`.
    pub(crate) yaml12: bool,
    /// The deepest nesting.
    pub(crate) depth: usize,
}

/// A token that may turn out to be a key when a `:` follows it.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token_number: usize,
    mark: Mark,
}

/// The longest simple key, in characters.
const SIMPLE_KEY_LENGTH: u32 = 1024;

pub(crate) struct Scanner<'s> {
    cursor: Cursor<'s>,
    options: ScanOptions,
    tokens: VecDeque<Token<'s>>,
    tokens_taken: usize,
    token_ready: bool,
    stream_started: bool,
    flow_level: usize,
    indent: i64,
    indents: Vec<i64>,
    simple_key_allowed: bool,
    /// One for the block context and one for each open flow collection.
    simple_keys: Vec<SimpleKey>,
    /// The indexes into `simple_keys` of those that are possible, in order.
    possible_keys: VecDeque<usize>,
    pub(crate) comments: VecDeque<Comment>,
}

type Scanned<T = ()> = Result<T, Box<Problem>>;

impl<'s> Scanner<'s> {
    pub(crate) fn new(text: &'s str, options: ScanOptions) -> Scanner<'s> {
        Scanner {
            cursor: Cursor::new(text),
            options,
            tokens: VecDeque::new(),
            tokens_taken: 0,
            token_ready: false,
            stream_started: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            possible_keys: VecDeque::new(),
            comments: VecDeque::new(),
        }
    }

    /// Scans until the first token of the queue is certain.
    #[inline]
    pub(crate) fn prepare(&mut self) -> Scanned {
        if self.token_ready { Ok(()) } else { self.fetch_more() }
    }

    /// The next token, once it is certain.
    #[inline]
    pub(crate) fn front(&self) -> Option<&Token<'s>> {
        self.tokens.front()
    }

    /// Takes the token that was peeked at.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Token<'s>> {
        self.token_ready = false;
        self.tokens_taken += 1;
        self.tokens.pop_front()
    }

    /// Line and column of a place.
    pub(crate) fn locate(&self, place: Place) -> Mark {
        self.cursor.locate(place)
    }

    fn problem(&self, message: &str, context: Option<Mark>) -> Box<Problem> {
        Box::new(Problem {
            kind: ErrorKind::Syntax,
            message: message.to_owned(),
            mark: self.cursor.mark(),
            context,
            found_by_scanner: true,
        })
    }

    fn fetch_more(&mut self) -> Scanned {
        let enough = if self.options.comments { 3 } else { 1 };
        loop {
            if self.tokens.len() >= enough && !self.first_token_may_be_key()? {
                break;
            }
            self.fetch_next()?;
        }
        self.token_ready = true;
        Ok(())
    }

    #[inline]
    fn first_token_may_be_key(&mut self) -> Scanned<bool> {
        let Some(&level) = self.possible_keys.front() else { return Ok(false) };
        if self.simple_keys.get(level).is_none_or(|key| key.token_number != self.tokens_taken) {
            return Ok(false);
        }
        self.simple_key_is_valid(level)
    }

    fn simple_key_is_valid(&mut self, level: usize) -> Scanned<bool> {
        let Some(key) = self.simple_keys.get(level).copied().filter(|key| key.possible) else {
            return Ok(false);
        };
        let stale =
            key.mark.line < self.cursor.line() || key.mark.index + SIMPLE_KEY_LENGTH < self.cursor.index();
        if !stale {
            return Ok(true);
        }
        if key.required {
            return Err(self.problem("could not find expected ':'", Some(key.mark)));
        }
        self.forget_simple_key(level);
        Ok(false)
    }

    fn forget_simple_key(&mut self, level: usize) {
        if let Some(key) = self.simple_keys.get_mut(level) {
            key.possible = false;
        }
        if self.possible_keys.back() == Some(&level) {
            self.possible_keys.pop_back();
        } else if self.possible_keys.front() == Some(&level) {
            self.possible_keys.pop_front();
        }
    }

    fn save_simple_key(&mut self) -> Scanned {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let key = SimpleKey {
            possible: true,
            required: self.flow_level == 0 && self.indent == i64::from(self.cursor.column()),
            token_number: self.tokens_taken + self.tokens.len(),
            mark: self.cursor.mark(),
        };
        self.remove_simple_key()?;
        let level = self.simple_keys.len() - 1;
        if let Some(place) = self.simple_keys.last_mut() {
            *place = key;
            self.possible_keys.push_back(level);
        }
        Ok(())
    }

    /// Gives up the possible key of the innermost level.
    fn remove_simple_key(&mut self) -> Scanned {
        let level = self.simple_keys.len() - 1;
        let Some(key) = self.simple_keys.last().copied().filter(|key| key.possible) else { return Ok(()) };
        if key.required {
            return Err(self.problem("could not find expected ':'", Some(key.mark)));
        }
        self.forget_simple_key(level);
        Ok(())
    }

    #[inline]
    fn push(&mut self, kind: TokenKind<'s>, start: Place, end: Place) {
        self.tokens.push_back(Token { kind, start, end });
    }

    /// Scans one token, or one and those that it implies.
    fn fetch_next(&mut self) -> Scanned {
        if !self.stream_started {
            self.stream_started = true;
            let place = self.cursor.place();
            self.push(TokenKind::StreamStart, place, place);
            return Ok(());
        }
        let scan_start = self.cursor.mark();
        self.skip_to_token(scan_start)?;
        self.unroll_indent(i64::from(self.cursor.column()), scan_start);
        if self.cursor.at_end() {
            return self.fetch_stream_end();
        }
        let byte = self.cursor.byte();
        if self.cursor.column() == 0 {
            if byte == b'%' {
                return self.fetch_directive();
            }
            if let Some(kind) = self.document_indicator() {
                return self.fetch_document_indicator(kind);
            }
        }
        if !self.options.comments {
            return self.fetch_content(byte);
        }
        let owner = match self.tokens.back() {
            Some(last) if byte == if self.flow_level == 0 { b':' } else { b',' } => last.start,
            _ => self.cursor.place(),
        };
        self.fetch_content(byte)?;
        if !matches!(self.tokens.back(), Some(Token { kind: TokenKind::BlockEntry, .. })) {
            self.scan_line_comment(owner);
        }
        Ok(())
    }

    fn fetch_content(&mut self, byte: u8) -> Scanned {
        let in_flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.cursor.is_blank_or_end_at(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.cursor.is_blank_or_end_at(1) => self.fetch_key(),
            b':' if in_flow || self.cursor.is_blank_or_end_at(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_anchor()
            }
            b'!' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_tag()
            }
            b'|' | b'>' if !in_flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.scan_block_scalar()
            }
            b'\'' | b'"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_quoted_scalar()
            }
            b'%' | b'@' | b'`' | b'|' | b'>' | b'#' | b' ' | b'\t' => self.refuse_character(),
            b'?' | b':' | b'-' => self.fetch_plain_scalar(),
            _ if self.cursor.is_break() => self.refuse_character(),
            _ => self.fetch_plain_scalar(),
        }
    }

    fn refuse_character(&mut self) -> Scanned {
        Err(self.problem("found character that cannot start any token", Some(self.cursor.mark())))
    }

    fn fetch_plain_scalar(&mut self) -> Scanned {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_plain_scalar()
    }

    /// `---` or `...` at the start of a line, before a blank, a break or the end.
    fn document_indicator(&self) -> Option<TokenKind<'s>> {
        let byte = self.cursor.byte();
        let kind = match byte {
            b'-' => TokenKind::DocumentStart,
            b'.' => TokenKind::DocumentEnd,
            _ => return None,
        };
        let stands =
            self.cursor.peek(1) == byte && self.cursor.peek(2) == byte && self.cursor.is_blank_or_end_at(3);
        stands.then_some(kind)
    }

    fn skip_to_token(&mut self, scan_start: Mark) -> Scanned {
        loop {
            self.cursor.skip_spaces();
            if self.cursor.byte() == b'\t' && (self.flow_level > 0 || !self.simple_key_allowed) {
                while self.cursor.is_blank() {
                    self.cursor.advance_spaces(1);
                }
            }
            if !self.comments.is_empty() {
                self.lift_entry_comment();
            }
            if self.cursor.byte() == b'#' {
                if self.options.comments {
                    self.scan_comments(scan_start);
                } else {
                    self.skip_line_rest();
                }
            }
            if self.cursor.take_break().is_empty() {
                return Ok(());
            }
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn skip_line_rest(&mut self) {
        while !self.cursor.is_break_or_end() {
            self.cursor.advance();
        }
    }

    /// Opens a block collection where the column is deeper than the indentation. Its token goes to the given place in the
    /// queue, or last.
    fn roll_indent(&mut self, mark: Mark, place: Option<usize>, kind: TokenKind<'s>) -> Scanned {
        let column = i64::from(mark.column);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        self.check_depth(mark)?;
        let token = Token { kind, start: mark.place(), end: mark.place() };
        self.tokens.insert(place.unwrap_or(self.tokens.len()).min(self.tokens.len()), token);
        Ok(())
    }

    fn check_depth(&self, mark: Mark) -> Scanned {
        let deepest = self.options.depth;
        if self.indents.len() + self.flow_level <= deepest {
            return Ok(());
        }
        let mut problem = self.problem(&format!("exceeded max depth of {deepest}"), Some(mark));
        problem.kind = ErrorKind::Budget;
        Err(problem)
    }

    /// Closes the block collections that are deeper than the column.
    fn unroll_indent(&mut self, column: i64, scan_start: Mark) {
        if self.flow_level > 0 {
            return;
        }
        let mut end = scan_start;
        end.index = end.index.wrapping_sub(1);
        while self.indent > column {
            let mark = if self.options.comments { self.block_end_mark(&mut end) } else { self.cursor.mark() };
            self.push(TokenKind::BlockEnd, mark.place(), mark.place());
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Scanned {
        self.cursor.end_line();
        self.reset_context()?;
        let place = self.cursor.place();
        self.push(TokenKind::StreamEnd, place, place);
        Ok(())
    }

    fn reset_context(&mut self) -> Scanned {
        self.unroll_indent(-1, self.cursor.mark());
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind<'s>) -> Scanned {
        self.reset_context()?;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn push_indicator(&mut self, kind: TokenKind<'s>, width: usize) {
        let start = self.cursor.place();
        self.cursor.advance_ascii(width);
        let end = self.cursor.place();
        self.push(kind, start, end);
    }

    fn fetch_flow_start(&mut self, kind: TokenKind<'s>) -> Scanned {
        self.save_simple_key()?;
        let mark = self.cursor.mark();
        let token_number = self.tokens_taken + self.tokens.len();
        self.simple_keys.push(SimpleKey { mark, token_number, ..SimpleKey::default() });
        self.flow_level += 1;
        self.check_depth(mark)?;
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'s>) -> Scanned {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let inner = self.simple_keys.pop().unwrap_or_default();
            // Of an empty collection go-yaml forgets that it may be a key, and so does not wait for a `:` behind it.
            if self.simple_keys.last().is_some_and(|outer| outer.token_number == inner.token_number)
                && self.possible_keys.back() == Some(&(self.simple_keys.len() - 1))
            {
                self.possible_keys.pop_back();
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scanned {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scanned {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.refuse("block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.cursor.mark(), None, TokenKind::BlockSequenceStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn refuse(&mut self, message: &str) -> Scanned {
        Err(self.problem(message, Some(self.cursor.mark())))
    }

    fn fetch_key(&mut self) -> Scanned {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.refuse("mapping keys are not allowed in this context");
            }
            self.roll_indent(self.cursor.mark(), None, TokenKind::BlockMappingStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scanned {
        let level = self.simple_keys.len() - 1;
        if self.simple_key_is_valid(level)? {
            let key = self.simple_keys.last().copied().unwrap_or_default();
            let place = key.token_number.checked_sub(self.tokens_taken);
            let place_of_key = key.mark.place();
            let token = Token { kind: TokenKind::Key, start: place_of_key, end: place_of_key };
            self.tokens.insert(place.unwrap_or(self.tokens.len()).min(self.tokens.len()), token);
            self.roll_indent(key.mark, place, TokenKind::BlockMappingStart)?;
            self.forget_simple_key(level);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.refuse("mapping values are not allowed in this context");
                }
                self.roll_indent(self.cursor.mark(), None, TokenKind::BlockMappingStart)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }
}
