//! Merge keys (`<<`), and which of two equal keys counts.
//!
//! Helm's go-yaml v2 fills a map in the order of the text: whatever comes later counts, a merge as well. go-yaml v3 lets
//! a mapping's own keys count, wherever the merge stands; kyaml puts the merged ones behind them.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use crate::node::{Entry, Node};
use crate::value::key_text;

/// Whether the value may be merged: a mapping or a sequence of mappings, and by an alias only a mapping.
pub(crate) fn is_mergeable(value: &Node, via_alias: bool) -> bool {
    value.is_mapping()
        || (!via_alias && value.items().is_some_and(|items| items.iter().all(Node::is_mapping)))
}

/// The mappings that a merge's value holds, the one that counts most first.
fn mappings(value: Node) -> Vec<Node> {
    if value.is_mapping() { vec![value] } else { value.into_items() }
}

/// The mappings of a merge's value in the order in which Helm merges them: the one that counts most last.
pub(crate) fn in_order(value: Node) -> Vec<Node> {
    let mut all = mappings(value);
    all.reverse();
    all
}

/// Of equal keys keeps the last value, in the place of the first.
pub(crate) fn keep_last(entries: &mut Vec<Entry>) {
    if !has_equal_keys(entries) {
        return;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        match places.entry(key_text(&entry.key).into_owned()) {
            Slot::Occupied(place) => {
                if let Some(known) = kept.get_mut(*place.get()) {
                    known.value = entry.value;
                }
            }
            Slot::Vacant(place) => {
                place.insert(kept.len());
                kept.push(entry);
            }
        }
    }
    *entries = kept;
}

/// Up to this many entries are compared pair by pair.
const SMALL: usize = 12;

fn has_equal_keys(entries: &[Entry]) -> bool {
    if entries.len() <= SMALL {
        return entries.iter().enumerate().any(|(index, entry)| {
            let text = key_text(&entry.key);
            entries.iter().skip(index + 1).any(|later| key_text(&later.key) == text)
        });
    }
    let mut seen = HashSet::with_capacity(entries.len());
    !entries.iter().all(|entry| seen.insert(key_text(&entry.key)))
}

/// Merges as kustomize does: behind the mapping's own keys, which count.
pub(crate) fn append_missing(entries: &mut Vec<Entry>, merged: Vec<Node>) {
    if merged.is_empty() {
        return;
    }
    let own = entries.len();
    let mut places: HashMap<String, usize> =
        entries.iter().enumerate().map(|(index, entry)| (key_text(&entry.key).into_owned(), index)).collect();
    for mapping in merged.into_iter().flat_map(|value| mappings(value).into_iter().rev()) {
        for entry in mapping.into_entries() {
            match places.entry(key_text(&entry.key).into_owned()) {
                Slot::Occupied(place) if *place.get() >= own => {
                    if let Some(known) = entries.get_mut(*place.get()) {
                        known.value = entry.value;
                    }
                }
                Slot::Occupied(_) => {}
                Slot::Vacant(place) => {
                    place.insert(entries.len());
                    entries.push(entry);
                }
            }
        }
    }
}
