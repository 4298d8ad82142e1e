//! Searching, replacing and splitting with a compiled pattern, with Go's rules for empty matches.

use std::borrow::Cow;
use std::sync::Arc;

use regex_automata::{Input, meta, util::captures::Captures};

use super::error::{SyntaxError, SyntaxErrorKind};
use super::expand::{Part, parts};
use super::parse::{Parsed, parse};
use super::program::Program;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Regex {
    program: Arc<Program>,
    group_names: Vec<String>,
    pattern_is_empty: bool,
}

impl Regex {
    /// Compiles a pattern, or says in Go's words why it is refused.
    pub fn new(pattern: &[u8]) -> Result<Self, SyntaxError> {
        let Parsed { expression, group_names } = parse(pattern)?;
        let program = Program::new(pattern, expression)
            .ok_or_else(|| SyntaxError { kind: SyntaxErrorKind::TooLarge, expression: pattern.to_vec() })?;
        let program = Arc::new(program);
        Ok(Self { program, group_names, pattern_is_empty: pattern.is_empty() })
    }

    /// Whether the pattern matches anywhere.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let haystack = Haystack::new(text);
        self.program.for_text(&haystack.text).is_match(haystack.text.as_ref())
    }

    /// The leftmost match.
    pub fn find<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let haystack = Haystack::new(text);
        let found = self.program.for_text(&haystack.text).find(haystack.text.as_ref())?;
        Some(haystack.original(text, found.start(), found.end()))
    }

    /// The matches one after another, at most `limit` of them.
    pub fn find_all<'t>(&self, text: &'t [u8], limit: Option<usize>) -> Vec<&'t [u8]> {
        let haystack = Haystack::new(text);
        match_ranges(self.program.for_text(&haystack.text), &haystack, limit)
            .into_iter()
            .map(|(start, end)| haystack.original(text, start, end))
            .collect()
    }

    /// The groups of the leftmost match, the whole match first.
    pub fn captures<'t>(&self, text: &'t [u8]) -> Option<Vec<Option<&'t [u8]>>> {
        let haystack = Haystack::new(text);
        captures_from(self.program.for_text(&haystack.text), text, &haystack, 0)
    }

    /// The groups of the matches one after another.
    pub fn captures_all<'t>(&self, text: &'t [u8]) -> Vec<Vec<Option<&'t [u8]>>> {
        let haystack = Haystack::new(text);
        let program = self.program.for_text(&haystack.text);
        match_ranges(program, &haystack, None)
            .into_iter()
            .filter_map(|(start, _)| captures_from(program, text, &haystack, start))
            .collect()
    }

    /// Every match replaced by a template in which `$1` and `${name}` stand for groups.
    pub fn replace_all(&self, text: &[u8], template: &[u8]) -> Vec<u8> {
        if !template.contains(&b'$') {
            return self.replace_all_literal(text, template);
        }
        let parts = parts(template);
        let haystack = Haystack::new(text);
        let program = self.program.for_text(&haystack.text);
        let mut captures = program.create_captures();
        replace_with(program, text, &haystack, |output, start| {
            program.search_captures(&Input::new(haystack.text.as_ref()).range(start..), &mut captures);
            self.expand(&parts, text, &haystack, &captures, output);
        })
    }

    /// Every match replaced by a text as it stands.
    pub fn replace_all_literal(&self, text: &[u8], replacement: &[u8]) -> Vec<u8> {
        let haystack = Haystack::new(text);
        let program = self.program.for_text(&haystack.text);
        replace_with(program, text, &haystack, |output, _| output.extend_from_slice(replacement))
    }

    fn expand(
        &self,
        parts: &[Part<'_>],
        text: &[u8],
        haystack: &Haystack,
        captures: &Captures,
        output: &mut Vec<u8>,
    ) {
        for part in parts {
            let span = match part {
                Part::Text(text) => {
                    output.extend_from_slice(text);
                    continue;
                }
                Part::Group(number) => captures.get_group(*number),
                Part::Named(name) => self
                    .group_names
                    .iter()
                    .enumerate()
                    .filter(|(_, known)| known.as_bytes() == *name)
                    .find_map(|(number, _)| captures.get_group(number)),
            };
            if let Some(span) = span {
                output.extend_from_slice(haystack.original(text, span.start, span.end));
            }
        }
    }

    /// The texts between the matches: all of them, or at most `limit` with the rest in the last one. A limit of
    /// zero gives nothing at all, which differs from an empty list.
    pub fn split<'t>(&self, text: &'t [u8], limit: Option<usize>) -> Option<Vec<&'t [u8]>> {
        if limit == Some(0) {
            return None;
        }
        if !self.pattern_is_empty && text.is_empty() {
            return Some(vec![text]);
        }
        let haystack = Haystack::new(text);
        let program = self.program.for_text(&haystack.text);
        let mut pieces = Vec::new();
        let mut begin = 0;
        let mut end = 0;
        for (start, stop) in match_ranges(program, &haystack, limit) {
            if limit.is_some_and(|limit| pieces.len() + 1 >= limit) {
                break;
            }
            end = start;
            if stop != 0 {
                pieces.push(haystack.original(text, begin, end));
            }
            begin = stop;
        }
        if end != haystack.text.len() {
            pieces.push(haystack.original(text, begin, haystack.text.len()));
        }
        Some(pieces)
    }
}

/// The groups of the leftmost match from a position on.
fn captures_from<'t>(
    program: &meta::Regex,
    text: &'t [u8],
    haystack: &Haystack<'_>,
    start: usize,
) -> Option<Vec<Option<&'t [u8]>>> {
    let mut captures = program.create_captures();
    program.search_captures(&Input::new(haystack.text.as_ref()).range(start..), &mut captures);
    captures.is_match().then(|| {
        captures.iter().map(|span| span.map(|span| haystack.original(text, span.start, span.end))).collect()
    })
}

/// Ranges within the haystack. An empty match right behind a match does not count.
fn match_ranges(program: &meta::Regex, haystack: &Haystack<'_>, limit: Option<usize>) -> Vec<(usize, usize)> {
    let searched = haystack.text.as_ref();
    let mut ranges = Vec::new();
    let mut position = 0;
    let mut previous_end = None;
    while position <= searched.len() && limit.is_none_or(|limit| ranges.len() < limit) {
        let Some(found) = program.find(Input::new(searched).range(position..)) else { break };
        let (start, end) = (found.start(), found.end());
        let mut accepted = true;
        if end == position {
            accepted = previous_end != Some(start);
            position += character_width(searched, position);
        } else {
            position = end;
        }
        previous_end = Some(end);
        if accepted {
            ranges.push((start, end));
        }
    }
    ranges
}

/// Puts what `replace` writes for a match that begins at a position in the place of every match.
fn replace_with(
    program: &meta::Regex,
    text: &[u8],
    haystack: &Haystack<'_>,
    mut replace: impl FnMut(&mut Vec<u8>, usize),
) -> Vec<u8> {
    let searched = haystack.text.as_ref();
    let mut output = Vec::with_capacity(text.len());
    let mut last_end = 0;
    let mut position = 0;
    while position <= searched.len() {
        let Some(found) = program.find(Input::new(searched).range(position..)) else { break };
        let (start, end) = (found.start(), found.end());
        output.extend_from_slice(haystack.original(text, last_end, start));
        if end > last_end || start == 0 {
            replace(&mut output, position);
        }
        last_end = end;
        position = (position + character_width(searched, position)).max(end);
    }
    output.extend_from_slice(haystack.original(text, last_end, searched.len()));
    output
}

/// The width of the character at a position; one at the end, so that a loop gets past it.
fn character_width(text: &[u8], position: usize) -> usize {
    match text.get(position) {
        Some(0xC0..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..) => 4,
        _ => 1,
    }
}

/// What is searched: the text itself if it is UTF-8, otherwise a copy with U+FFFD for every invalid byte and the
/// way back from its positions.
struct Haystack<'t> {
    text: Cow<'t, [u8]>,
    /// Positions in the copy behind an invalid byte, with the position in the original.
    corrections: Vec<(usize, usize)>,
}

impl<'t> Haystack<'t> {
    fn new(text: &'t [u8]) -> Self {
        if std::str::from_utf8(text).is_ok() {
            return Self { text: Cow::Borrowed(text), corrections: Vec::new() };
        }
        let mut copy = Vec::with_capacity(text.len() + 16);
        let mut corrections = Vec::new();
        let mut original = 0;
        for chunk in text.utf8_chunks() {
            copy.extend_from_slice(chunk.valid().as_bytes());
            original += chunk.valid().len();
            for _ in chunk.invalid() {
                copy.extend_from_slice("\u{FFFD}".as_bytes());
                original += 1;
                corrections.push((copy.len(), original));
            }
        }
        Self { text: Cow::Owned(copy), corrections }
    }

    fn original_position(&self, position: usize) -> usize {
        let index = self.corrections.partition_point(|(copy, _)| *copy <= position);
        match index.checked_sub(1).and_then(|index| self.corrections.get(index)) {
            Some((copy, original)) => original + (position - copy),
            None => position,
        }
    }

    fn original<'o>(&self, text: &'o [u8], start: usize, end: usize) -> &'o [u8] {
        text.get(self.original_position(start)..self.original_position(end)).unwrap_or_default()
    }
}
