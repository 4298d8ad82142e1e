//! Keys that stand twice in a mapping, reported all at once as go-yaml v3 reports them.
//!
//! Two keys are equal when both are scalars with the same text, whatever their types, or both collections of one kind. A
//! mapping inside one with doubled keys is not looked at.

use std::collections::HashMap;
use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::go_syntax;
use crate::node::Entry;
use crate::span::{Position, Span};

/// The doubled keys of one document.
#[derive(Default)]
pub(crate) struct Duplicates {
    found: Vec<Found>,
}

struct Found {
    mapping: Range<u32>,
    lines: Vec<String>,
    first: u32,
}

/// What makes two keys equal.
#[derive(PartialEq, Eq, Hash)]
enum Identity<'k> {
    Scalar(&'k str),
    Sequence,
    Mapping,
}

fn identity(entry: &Entry) -> Identity<'_> {
    match entry.key.scalar_text() {
        Some(text) => Identity::Scalar(text),
        None if entry.key.is_sequence() => Identity::Sequence,
        None => Identity::Mapping,
    }
}

impl Duplicates {
    pub(crate) fn clear(&mut self) {
        self.found.clear();
    }

    /// Whether the offset lies in a mapping with doubled keys.
    pub(crate) fn cover(&self, offset: usize) -> bool {
        self.found
            .iter()
            .any(|found| (found.mapping.start as usize..found.mapping.end as usize).contains(&offset))
    }

    /// Looks at the lines and places of a mapping's merge keys, of which there may be one.
    pub(crate) fn check_merges(&mut self, keys: &[(u32, Span)], mapping: Range<u32>) {
        let [(first_line, _), (_, second), ..] = keys else { return };
        let again = keys.iter().skip(1).take(LISTED_PAIRS);
        let lines = again
            .map(|(line, _)| format!("line {line}: mapping key \"<<\" already defined at line {first_line}"))
            .collect();
        self.found.push(Found { mapping, lines, first: second.start });
    }

    /// Looks for doubled keys in a mapping that stands at `mapping` in the text.
    pub(crate) fn check(&mut self, entries: &[Entry], lines: &[u32], mapping: Range<u32>) {
        if !has_duplicates(entries) {
            return;
        }
        let mut places: HashMap<Identity<'_>, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            places.entry(identity(entry)).or_default().push(index);
        }
        let line = |index: usize| lines.get(index).copied().unwrap_or_default();
        let mut messages = Vec::new();
        let mut first = None;
        for (index, entry) in entries.iter().enumerate() {
            let same = places.get(&identity(entry)).map(Vec::as_slice).unwrap_or_default();
            // Of a key that stands very often, the first pairs tell enough.
            for &later in same.iter().filter(|&&later| later > index).take(LISTED_PAIRS) {
                if messages.len() < LISTED_PAIRS {
                    let mut name = String::new();
                    go_syntax::quote(&mut name, entry.key.scalar_text().unwrap_or_default());
                    let (later_line, line) = (line(later), line(index));
                    messages.push(format!(
                        "line {later_line}: mapping key {name} already defined at line {line}"
                    ));
                }
                first = first.or_else(|| entries.get(later).map(|entry| entry.key.span().start));
            }
        }
        self.found.push(Found { mapping, lines: messages, first: first.unwrap_or_default() });
    }

    /// The error for all that was found, which is then forgotten.
    pub(crate) fn take_error(&mut self, text: &str, skipped: usize) -> Option<Error> {
        if self.found.is_empty() {
            return None;
        }
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|found| found.mapping.start);
        let (mut covered, mut last_start) = (0, None);
        let mut lines = Vec::new();
        for one in &found {
            if one.mapping.start >= covered || last_start == Some(one.mapping.start) {
                covered = one.mapping.end;
                last_start = Some(one.mapping.start);
                lines.extend(one.lines.iter().map(String::as_str));
            }
        }
        let offset = found.first().map_or(0, |found| found.first as usize);
        let message = format!("unmarshal errors:\n  {}", lines.join("\n  "));
        let position = Position::of_offset(text, offset.saturating_sub(skipped));
        Some(Error::new(ErrorKind::DuplicateKey, message).at(offset, position))
    }
}

/// The most pairs of equal keys that are listed for one mapping.
const LISTED_PAIRS: usize = 1000;

/// Up to this many entries are compared pair by pair.
const SMALL: usize = 12;

fn has_duplicates(entries: &[Entry]) -> bool {
    if entries.len() <= SMALL {
        return entries.iter().enumerate().any(|(index, entry)| {
            let mine = identity(entry);
            entries.iter().skip(index + 1).any(|later| identity(later) == mine)
        });
    }
    let mut seen = std::collections::HashSet::with_capacity(entries.len());
    !entries.iter().all(|entry| seen.insert(identity(entry)))
}
