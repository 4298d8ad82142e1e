//! Parses a pattern in Go's dialect into an expression tree that `regex-automata` compiles.
//!
//! The parser keeps Go's limits: counted repetitions multiply to at most 1000, expressions nest at most 1000 deep and
//! compile to at most some 3.3 million instructions. It never recurses, whatever the pattern.

use regex_syntax::hir::{Capture, ClassUnicode, Hir, Look, Repetition};

use super::error::{SyntaxError, SyntaxErrorKind};
use super::frame::{Flags, Frame, Piece};

use super::class::{class_expression, fold_case, perl_class, posix_class, range_class, unicode_class};

const MAXIMUM_REPEAT: u64 = 1000;
const MAXIMUM_HEIGHT: u32 = 1000;
const MAXIMUM_SIZE: u64 = (128 << 20) / 40;

/// A parsed pattern: its expression and the name of every group, the whole match being group 0.
pub(super) struct Parsed {
    pub(super) expression: Hir,
    pub(super) group_names: Vec<String>,
}

pub(super) struct Parser<'p> {
    pattern: &'p [u8],
    pub(super) position: usize,
    flags: Flags,
    open: Vec<Frame>,
    current: Frame,
    group_names: Vec<String>,
}

/// Parses a pattern with the flags that `regexp.Compile` uses.
pub(super) fn parse(pattern: &[u8]) -> Result<Parsed, SyntaxError> {
    let flags = Flags { fold_case: false, dot_matches_newline: false, one_line: true, lazy: false };
    let mut parser = Parser {
        pattern,
        position: 0,
        flags,
        open: Vec::new(),
        current: Frame::new(flags, None),
        group_names: vec![String::new()],
    };
    parser.parse_pattern()?;
    if !parser.open.is_empty() {
        return Err(error(SyntaxErrorKind::MissingParenthesis, pattern));
    }
    let Parser { current, group_names, .. } = parser;
    let whole = current.finish();
    check_limits(&whole, pattern)?;
    Ok(Parsed { expression: whole.hir, group_names })
}

pub(super) fn error(kind: SyntaxErrorKind, expression: &[u8]) -> SyntaxError {
    SyntaxError { kind, expression: expression.to_vec() }
}

fn check_limits(piece: &Piece, pattern: &[u8]) -> Result<(), SyntaxError> {
    if piece.size > MAXIMUM_SIZE {
        return Err(error(SyntaxErrorKind::TooLarge, pattern));
    }
    if piece.height > MAXIMUM_HEIGHT {
        return Err(error(SyntaxErrorKind::NestingDepth, pattern));
    }
    Ok(())
}

impl Parser<'_> {
    fn rest(&self) -> &[u8] {
        self.pattern.get(self.position..).unwrap_or_default()
    }

    fn slice(&self, start: usize, end: usize) -> &[u8] {
        self.pattern.get(start..end).unwrap_or_default()
    }

    pub(super) fn error_at(&self, kind: SyntaxErrorKind, start: usize, end: usize) -> SyntaxError {
        error(kind, self.slice(start, end))
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.pattern.get(self.position).copied()
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.pattern.get(self.position + offset).copied()
    }

    /// The next character, or nothing at the end.
    pub(super) fn next_character(&mut self) -> Result<Option<char>, SyntaxError> {
        let rest = self.rest();
        let Some(first) = rest.first() else { return Ok(None) };
        let length = match first {
            0..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        let character = rest
            .get(..length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|text| text.chars().next())
            .ok_or_else(|| error(SyntaxErrorKind::InvalidUtf8, rest))?;
        self.position += length;
        Ok(Some(character))
    }

    fn check_utf8(&self, start: usize, end: usize) -> Result<(), SyntaxError> {
        match std::str::from_utf8(self.slice(start, end)) {
            Ok(_) => Ok(()),
            Err(fault) => Err(self.error_at(SyntaxErrorKind::InvalidUtf8, start + fault.valid_up_to(), end)),
        }
    }

    fn push(&mut self, hir: Hir) {
        self.current.concatenation.push(Piece::atom(hir));
    }

    fn push_literal(&mut self, character: char) {
        let hir = if self.flags.fold_case {
            let mut class = range_class(character.into(), character.into());
            fold_case(&mut class);
            class_expression(class)
        } else {
            Hir::literal(character.to_string().into_bytes())
        };
        self.push(hir);
    }

    /// A code point that need not be a scalar value: a surrogate matches nothing.
    fn push_code_point(&mut self, code_point: u32) {
        match char::from_u32(code_point) {
            Some(character) => self.push_literal(character),
            None => self.push(Hir::fail()),
        }
    }

    fn parse_pattern(&mut self) -> Result<(), SyntaxError> {
        let mut last_repeat = None;
        while let Some(byte) = self.peek() {
            let mut repeat = None;
            match byte {
                b'(' if self.byte(1) == Some(b'?') => self.parse_group_flags()?,
                b'(' => {
                    self.position += 1;
                    self.open_group(Some(String::new()));
                }
                b'|' => {
                    self.position += 1;
                    self.current.finish_alternative();
                }
                b')' => self.close_group()?,
                b'^' | b'$' => {
                    self.position += 1;
                    self.push(Hir::look(match (byte, self.flags.one_line) {
                        (b'^', true) => Look::Start,
                        (b'^', false) => Look::StartLF,
                        (_, true) => Look::End,
                        (_, false) => Look::EndLF,
                    }));
                }
                b'.' => {
                    self.position += 1;
                    let mut class = range_class(0, 0x10_FFFF);
                    if !self.flags.dot_matches_newline {
                        class.difference(&range_class(10, 10));
                    }
                    self.push(class_expression(class));
                }
                b'[' => self.parse_class()?,
                b'*' | b'+' | b'?' => {
                    let start = self.position;
                    self.position += 1;
                    let (minimum, maximum) = match byte {
                        b'*' => (0, None),
                        b'+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(RepeatKind::Operator, minimum, maximum, start, last_repeat)?;
                    repeat = Some(start);
                }
                b'{' => {
                    let start = self.position;
                    match self.parse_repeat_count() {
                        None => {
                            self.position = start + 1;
                            self.push_literal('{');
                        }
                        Some((minimum, maximum)) => {
                            let bounded = maximum.is_none_or(|maximum| minimum <= maximum && maximum <= 1000);
                            if minimum > 1000 || !bounded {
                                return Err(self.error_at(
                                    SyntaxErrorKind::InvalidRepeatSize,
                                    start,
                                    self.position,
                                ));
                            }
                            self.repeat(RepeatKind::Counted, minimum, maximum, start, last_repeat)?;
                            repeat = Some(start);
                        }
                    }
                }
                b'\\' => self.parse_backslash()?,
                _ => {
                    if let Some(character) = self.next_character()? {
                        self.push_literal(character);
                    }
                }
            }
            last_repeat = repeat;
        }
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,5}`; counts too big to matter stop growing. Nothing if it is no repetition at all.
    fn parse_repeat_count(&mut self) -> Option<(u32, Option<u32>)> {
        self.position += 1;
        let minimum = self.parse_count()?;
        let maximum = if self.peek()? == b',' {
            self.position += 1;
            if self.peek()? == b'}' { None } else { Some(self.parse_count()?) }
        } else {
            Some(minimum)
        };
        if self.peek()? != b'}' {
            return None;
        }
        self.position += 1;
        Some((minimum, maximum))
    }

    fn parse_count(&mut self) -> Option<u32> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || (digits > 1 && rest.first() == Some(&b'0')) {
            return None;
        }
        let count = rest[..digits]
            .iter()
            .fold(0_u32, |count, byte| count.saturating_mul(10).saturating_add(u32::from(byte - b'0')));
        self.position += digits;
        Some(count)
    }

    fn repeat(
        &mut self,
        kind: RepeatKind,
        minimum: u32,
        maximum: Option<u32>,
        start: usize,
        last_repeat: Option<usize>,
    ) -> Result<(), SyntaxError> {
        let mut lazy = self.flags.lazy;
        if self.peek() == Some(b'?') {
            self.position += 1;
            lazy = !lazy;
        }
        if let Some(last) = last_repeat {
            return Err(self.error_at(SyntaxErrorKind::InvalidRepeatOperator, last, self.position));
        }
        let Some(piece) = self.current.concatenation.pop() else {
            return Err(self.error_at(SyntaxErrorKind::MissingRepeatArgument, start, self.position));
        };
        let (repeats, size) = match kind {
            RepeatKind::Operator => (piece.repeats, piece.size + if maximum.is_none() { 2 } else { 1 }),
            RepeatKind::Counted => {
                let count = u64::from(maximum.unwrap_or(minimum));
                let size = match maximum {
                    None if minimum == 0 => 2 + piece.size,
                    None => 1 + u64::from(minimum).saturating_mul(piece.size),
                    Some(maximum) => {
                        let optional = u64::from(maximum - minimum.min(maximum));
                        u64::from(maximum).saturating_mul(piece.size).saturating_add(optional)
                    }
                };
                (if count == 0 { 1 } else { count.saturating_mul(piece.repeats) }, size.max(1))
            }
        };
        let counted =
            kind == RepeatKind::Counted && (minimum >= 2 || maximum.is_some_and(|maximum| maximum >= 2));
        let repetition = Piece {
            hir: Hir::repetition(Repetition {
                min: minimum,
                max: maximum,
                greedy: !lazy,
                sub: Box::new(piece.hir),
            }),
            repeats,
            size,
            height: piece.height + 1,
        };
        check_limits(&repetition, self.pattern)?;
        if counted && repeats > MAXIMUM_REPEAT {
            return Err(self.error_at(SyntaxErrorKind::InvalidRepeatSize, start, self.position));
        }
        self.current.concatenation.push(repetition);
        Ok(())
    }

    /// Opens a group; a name, empty or not, makes it a capturing one.
    fn open_group(&mut self, name: Option<String>) {
        let group = name.map(|name| {
            self.group_names.push(name);
            u32::try_from(self.group_names.len() - 1).unwrap_or(u32::MAX)
        });
        let frame = Frame::new(self.flags, group);
        self.open.push(std::mem::replace(&mut self.current, frame));
    }

    fn close_group(&mut self) -> Result<(), SyntaxError> {
        let Some(outer) = self.open.pop() else {
            return Err(error(SyntaxErrorKind::UnexpectedParenthesis, self.pattern));
        };
        self.position += 1;
        let frame = std::mem::replace(&mut self.current, outer);
        self.flags = frame.outer_flags;
        let group = frame.group;
        let mut piece = frame.finish();
        if let Some(index) = group {
            piece.hir = Hir::capture(Capture { index, name: None, sub: Box::new(piece.hir) });
            piece.size += 2;
            piece.height += 1;
        }
        check_limits(&piece, self.pattern)?;
        self.current.concatenation.push(piece);
        Ok(())
    }

    /// `(?P<name>`, `(?<name>`, `(?flags:` or `(?flags)`.
    fn parse_group_flags(&mut self) -> Result<(), SyntaxError> {
        let start = self.position;
        let rest = self.rest();
        let name_offset = if rest.len() > 4 && rest.starts_with(b"(?P<") {
            Some(4)
        } else if rest.len() > 3 && rest.starts_with(b"(?<") {
            Some(3)
        } else {
            None
        };
        if let Some(offset) = name_offset {
            return self.parse_named_group(start, offset);
        }
        self.position += 2;
        let mut flags = self.flags;
        let mut negative = false;
        let mut saw_flag = false;
        while let Some(character) = self.next_character()? {
            match character {
                'i' => flags.fold_case = !negative,
                'm' => flags.one_line = negative,
                's' => flags.dot_matches_newline = !negative,
                'U' => flags.lazy = !negative,
                '-' if !negative => {
                    negative = true;
                    saw_flag = false;
                    continue;
                }
                ':' | ')' if !negative || saw_flag => {
                    if character == ':' {
                        self.open_group(None);
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err(self.error_at(SyntaxErrorKind::InvalidPerlSyntax, start, self.position))
    }

    fn parse_named_group(&mut self, start: usize, offset: usize) -> Result<(), SyntaxError> {
        let Some(length) = self.rest().iter().position(|&byte| byte == b'>') else {
            self.check_utf8(start, self.pattern.len())?;
            return Err(self.error_at(SyntaxErrorKind::InvalidNamedCapture, start, self.pattern.len()));
        };
        let end = start + length;
        self.check_utf8(start + offset, end)?;
        let name = self.slice(start + offset, end);
        if name.is_empty() || !name.iter().all(|&byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            return Err(self.error_at(SyntaxErrorKind::InvalidNamedCapture, start, end + 1));
        }
        let name = String::from_utf8_lossy(name).into_owned();
        self.position = end + 1;
        self.open_group(Some(name));
        Ok(())
    }

    fn parse_backslash(&mut self) -> Result<(), SyntaxError> {
        let look = match self.byte(1) {
            Some(b'A') => Look::Start,
            Some(b'z') => Look::End,
            Some(b'b') => Look::WordAscii,
            Some(b'B') => Look::WordAsciiNegate,
            Some(b'C') => {
                return Err(self.error_at(SyntaxErrorKind::InvalidEscape, self.position, self.position + 2));
            }
            Some(b'Q') => return self.parse_quoted(),
            _ => {
                if let Some(class) = self.parse_class_escape()? {
                    self.push(class_expression(class));
                } else {
                    let code_point = self.parse_escape()?;
                    self.push_code_point(code_point);
                }
                return Ok(());
            }
        };
        self.position += 2;
        self.push(Hir::look(look));
        Ok(())
    }

    /// `\Q...\E`, or up to the end of the pattern.
    fn parse_quoted(&mut self) -> Result<(), SyntaxError> {
        self.position += 2;
        let rest = self.rest();
        let length = rest.windows(2).position(|window| window == b"\\E");
        let end = self.position + length.unwrap_or(rest.len());
        // An invalid byte is reported with the quoted text only, as it is cut out before it is read.
        self.check_utf8(self.position, end)?;
        while self.position < end {
            if let Some(character) = self.next_character()? {
                self.push_literal(character);
            }
        }
        if length.is_some() {
            self.position = end + 2;
        }
        Ok(())
    }

    /// `\d`, `\pN`, `\p{Greek}` and their kin, or nothing if something else follows.
    fn parse_class_escape(&mut self) -> Result<Option<ClassUnicode>, SyntaxError> {
        if self.peek() != Some(b'\\') {
            return Ok(None);
        }
        let Some(letter) = self.byte(1) else { return Ok(None) };
        if letter == b'p' || letter == b'P' {
            return self.parse_unicode_class(letter == b'P').map(Some);
        }
        let Some(mut class) = perl_class(letter) else { return Ok(None) };
        self.position += 2;
        self.finish_class(&mut class, letter.is_ascii_uppercase());
        Ok(Some(class))
    }

    fn finish_class(&self, class: &mut ClassUnicode, negated: bool) {
        if self.flags.fold_case {
            fold_case(class);
        }
        if negated {
            class.negate();
        }
    }

    fn parse_unicode_class(&mut self, mut negated: bool) -> Result<ClassUnicode, SyntaxError> {
        let start = self.position;
        self.position += 2;
        let first = self.next_character()?;
        let name = if first == Some('{') {
            let Some(length) = self.slice(start, self.pattern.len()).iter().position(|&byte| byte == b'}')
            else {
                self.check_utf8(start, self.pattern.len())?;
                return Err(self.error_at(SyntaxErrorKind::InvalidClassRange, start, self.pattern.len()));
            };
            self.position = start + length + 1;
            self.check_utf8(start + 3, start + length)?;
            self.slice(start + 3, start + length)
        } else {
            self.slice(start + 2, self.position)
        };
        let name = name.strip_prefix(b"^").inspect(|_| negated = !negated).unwrap_or(name);
        let Some(mut class) = std::str::from_utf8(name).ok().and_then(unicode_class) else {
            return Err(self.error_at(SyntaxErrorKind::InvalidClassRange, start, self.position));
        };
        self.finish_class(&mut class, negated);
        Ok(class)
    }

    fn parse_class(&mut self) -> Result<(), SyntaxError> {
        let start = self.position;
        self.position += 1;
        let negated = self.peek() == Some(b'^');
        if negated {
            self.position += 1;
        }
        let mut class = ClassUnicode::empty();
        let mut first = true;
        while first || self.peek() != Some(b']') {
            first = false;
            if let Some(group) = self.parse_named_class()? {
                class.union(&group);
                continue;
            }
            if let Some(group) = self.parse_class_escape()? {
                class.union(&group);
                continue;
            }
            let range_start = self.position;
            let low = self.parse_class_character(start)?;
            let mut high = low;
            if self.peek() == Some(b'-') && self.byte(1).is_some_and(|byte| byte != b']') {
                self.position += 1;
                high = self.parse_class_character(start)?;
                if high < low {
                    return Err(self.error_at(
                        SyntaxErrorKind::InvalidClassRange,
                        range_start,
                        self.position,
                    ));
                }
            }
            let mut range = range_class(low, high);
            if self.flags.fold_case {
                fold_case(&mut range);
            }
            class.union(&range);
        }
        self.position += 1;
        if negated {
            class.negate();
        }
        self.push(class_expression(class));
        Ok(())
    }

    /// `[:alnum:]` inside a class.
    fn parse_named_class(&mut self) -> Result<Option<ClassUnicode>, SyntaxError> {
        let rest = self.rest();
        if rest.len() <= 2 || !rest.starts_with(b"[:") {
            return Ok(None);
        }
        let Some(length) = rest[2..].windows(2).position(|window| window == b":]") else {
            return Ok(None);
        };
        let (start, end) = (self.position, self.position + length + 4);
        let name = &rest[2..2 + length];
        let (name, negated) = match name.strip_prefix(b"^") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let Some(mut class) = posix_class(name) else {
            return Err(self.error_at(SyntaxErrorKind::InvalidClassRange, start, end));
        };
        self.position = end;
        self.finish_class(&mut class, negated);
        Ok(Some(class))
    }

    fn parse_class_character(&mut self, class_start: usize) -> Result<u32, SyntaxError> {
        if self.peek() == Some(b'\\') {
            return self.parse_escape();
        }
        match self.next_character()? {
            Some(character) => Ok(character.into()),
            None => Err(self.error_at(SyntaxErrorKind::MissingBracket, class_start, self.pattern.len())),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RepeatKind {
    Operator,
    Counted,
}
