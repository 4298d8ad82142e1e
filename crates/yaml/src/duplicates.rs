//! Keys that stand twice in a mapping, reported all at once as go-yaml v3 reports them.
//!
//! Two keys are equal when both are scalars with the same text, whatever their types, or both collections of one kind. A
//! mapping inside one with doubled keys is not looked at.

use std::collections::HashMap;
use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::go_syntax;
use crate::node::Entry;
use crate::span::Position;

/// The doubled keys of one document.
#[derive(Default)]
pub(crate) struct Duplicates {
    found: Vec<Found>,
}

struct Found {
    mapping: Range<u32>,
    pairs: Vec<Pair>,
}

/// Two equal keys, by where they begin.
struct Pair {
    name: String,
    first: u32,
    again: u32,
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

    /// Looks at the places of a mapping's merge keys, of which there may be one.
    pub(crate) fn check_merges(&mut self, keys: &[u32], mapping: Range<u32>) {
        let [first, rest @ ..] = keys else { return };
        let pair = |again: &u32| Pair { name: "<<".to_owned(), first: *first, again: *again };
        if !rest.is_empty() {
            let pairs = rest.iter().take(LISTED_PAIRS).map(pair).collect();
            self.found.push(Found { mapping, pairs });
        }
    }

    /// Looks for doubled keys in a mapping that stands at `mapping` in the text.
    pub(crate) fn check(&mut self, entries: &[Entry], mapping: Range<u32>) {
        if !has_duplicates(entries) {
            return;
        }
        let mut places: HashMap<Identity<'_>, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            places.entry(identity(entry)).or_default().push(index);
        }
        let mut pairs = Vec::new();
        'entries: for (index, entry) in entries.iter().enumerate() {
            let same = places.get(&identity(entry)).map(Vec::as_slice).unwrap_or_default();
            let from = same.partition_point(|&place| place <= index);
            for again in same.iter().skip(from).filter_map(|&place| entries.get(place)) {
                if pairs.len() == LISTED_PAIRS {
                    break 'entries;
                }
                pairs.push(Pair {
                    name: entry.key.scalar_text().unwrap_or_default().to_owned(),
                    first: entry.key.span().start,
                    again: again.key.span().start,
                });
            }
        }
        self.found.push(Found { mapping, pairs });
    }

    /// The error for all that was found, which is then forgotten.
    pub(crate) fn take_error(&mut self, text: &str, skipped: usize) -> Option<Error> {
        if self.found.is_empty() {
            return None;
        }
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|found| found.mapping.start);
        let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + skipped).collect();
        let line = |offset: u32| breaks.partition_point(|&at| at < offset as usize) + 1;
        let (mut covered, mut last_start) = (0, None);
        let mut lines = Vec::new();
        let mut first = None;
        for one in &found {
            if one.mapping.start < covered && last_start != Some(one.mapping.start) {
                continue;
            }
            covered = one.mapping.end;
            last_start = Some(one.mapping.start);
            for pair in one.pairs.iter().take(LISTED_PAIRS.saturating_sub(lines.len())) {
                first = first.or(Some(pair.again));
                let mut message = format!("line {}: mapping key ", line(pair.again));
                go_syntax::quote(&mut message, &pair.name);
                message.push_str(&format!(" already defined at line {}", line(pair.first)));
                lines.push(message);
            }
        }
        let offset = first.unwrap_or_default() as usize;
        let message = format!("unmarshal errors:\n  {}", lines.join("\n  "));
        let position = Position::of_offset(text, offset.saturating_sub(skipped));
        Some(Error::new(ErrorKind::DuplicateKey, message).at(offset, position))
    }
}

/// The most pairs of equal keys that are listed.
const LISTED_PAIRS: usize = 1000;

/// Up to this many entries are compared pair by pair.
const SMALL: usize = 12;

/// Whether two keys of a mapping are equal.
pub(crate) fn has_duplicates(entries: &[Entry]) -> bool {
    if entries.len() <= SMALL {
        return entries.iter().enumerate().any(|(index, entry)| {
            let mine = identity(entry);
            entries.iter().skip(index + 1).any(|later| identity(later) == mine)
        });
    }
    let mut seen = std::collections::HashSet::with_capacity(entries.len());
    !entries.iter().all(|entry| seen.insert(identity(entry)))
}
