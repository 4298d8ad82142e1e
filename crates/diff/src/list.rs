//! Which items of two lists are the same item.
//!
//! By the keys that the kind's schema gives (those of a strategic merge); where the schema says nothing, by the first keys of
//! `data/list_keys.tsv` that tell all items of both lists apart; else by content: items in a longest common run stay, and
//! what lies between is taken in order. Order alone is a difference of its own.

use std::collections::{HashMap, HashSet};

use plimsoll_kustomize::SchemaRef;
use plimsoll_yaml::Step;
use serde_json::Value;

const KEYS: &str = include_str!("../data/list_keys.tsv");

/// Lists whose lengths multiply to more are not aligned; their items are told apart by content alone.
const ALIGNMENT_BUDGET: usize = 1 << 20;

/// Two items that are the same, or one that only one list has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// How the item is named in a path.
    pub(crate) step: Step,
    /// Its place in the older list.
    pub(crate) before: Option<usize>,
    /// Its place in the newer list.
    pub(crate) after: Option<usize>,
}

/// The items of two lists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pairing {
    pub(crate) pairs: Vec<Pair>,
    /// Whether items that both lists have stand in another order.
    pub(crate) is_reordered: bool,
}

/// Pairs the items of two lists.
pub(crate) fn pair(old: &[Value], new: &[Value], schema: Option<&SchemaRef>) -> Pairing {
    let declared = schema.and_then(SchemaRef::merge_keys).filter(|keys| !keys.is_empty());
    let declared = declared.map(|keys| keys.iter().map(String::as_str).collect::<Vec<&str>>());
    declared
        .and_then(|keys| by_keys(&keys, old, new))
        .or_else(|| known_keys().find_map(|keys| by_keys(&keys, old, new)))
        .unwrap_or_else(|| by_content(old, new))
}

fn by_keys(keys: &[&str], old: &[Value], new: &[Value]) -> Option<Pairing> {
    Some(by_name(keys, &names(old, keys)?, &names(new, keys)?))
}

/// The keys to try, as columns of the table.
fn known_keys() -> impl Iterator<Item = Vec<&'static str>> {
    let rows = KEYS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|row| row.split('\t').map(|column| column.split('=').next().unwrap_or(column)).collect())
}

/// What a key means where an item leaves it out.
fn default_of(key: &str) -> Option<&'static str> {
    let columns = KEYS.lines().filter(|line| !line.starts_with('#')).flat_map(|row| row.split('\t'));
    columns.filter_map(|column| column.split_once('=')).find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// The values of the keys for each item; none where they do not tell all items apart.
fn names(items: &[Value], keys: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut seen = HashSet::with_capacity(items.len());
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        let map = item.as_object()?;
        let name: Option<Vec<String>> = keys
            .iter()
            .map(|key| match map.get(*key) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
                Some(_) => None,
                None => default_of(key).map(str::to_owned),
            })
            .collect();
        let name = name?;
        if !seen.insert(name.clone()) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

fn by_name(keys: &[&str], old: &[Vec<String>], new: &[Vec<String>]) -> Pairing {
    let step = |name: &[String]| {
        Step::Item(keys.iter().map(|key| (*key).to_owned()).zip(name.iter().cloned()).collect())
    };
    let places: HashMap<&[String], usize> =
        old.iter().enumerate().map(|(index, name)| (name.as_slice(), index)).collect();
    let mut kept = HashSet::new();
    let mut pairs = Vec::with_capacity(new.len());
    for (index, name) in new.iter().enumerate() {
        let before = places.get(name.as_slice()).copied();
        kept.extend(before);
        pairs.push(Pair { step: step(name), before, after: Some(index) });
    }
    let is_reordered = !pairs.iter().filter_map(|pair| pair.before).is_sorted();
    let gone = old.iter().enumerate().filter(|(index, _)| !kept.contains(index));
    pairs.extend(gone.map(|(index, name)| Pair { step: step(name), before: Some(index), after: None }));
    Pairing { pairs, is_reordered }
}

fn by_content(old: &[Value], new: &[Value]) -> Pairing {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut number = |item: &Value| {
        let next = numbers.len();
        *numbers.entry(item.to_string()).or_insert(next)
    };
    let old: Vec<usize> = old.iter().map(&mut number).collect();
    let new: Vec<usize> = new.iter().map(&mut number).collect();
    let sorted = |items: &[usize]| {
        let mut items = items.to_vec();
        items.sort_unstable();
        items
    };
    if old.len() == new.len() && sorted(&old) == sorted(&new) {
        return Pairing { pairs: Vec::new(), is_reordered: old != new };
    }
    let anchors = if old.len().saturating_mul(new.len()) <= ALIGNMENT_BUDGET {
        longest_common_run(&old, &new)
    } else {
        let start = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
        (0..start).map(|index| (index, index)).collect()
    };
    Pairing { pairs: between(&anchors, old.len(), new.len()), is_reordered: false }
}

/// The items between those that stay: one with one in their order, what is left over alone.
fn between(anchors: &[(usize, usize)], old: usize, new: usize) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let (mut before, mut after) = (0, 0);
    for &(old_end, new_end) in anchors.iter().chain([&(old, new)]) {
        while before < old_end || after < new_end {
            let pair = match (before < old_end, after < new_end) {
                (true, true) => Pair { step: Step::Index(after), before: Some(before), after: Some(after) },
                (true, false) => Pair { step: Step::Index(before), before: Some(before), after: None },
                _ => Pair { step: Step::Index(after), before: None, after: Some(after) },
            };
            before += usize::from(pair.before.is_some());
            after += usize::from(pair.after.is_some());
            pairs.push(pair);
        }
        before = old_end.saturating_add(1);
        after = new_end.saturating_add(1);
    }
    pairs
}

/// The places of a longest common subsequence.
fn longest_common_run(old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    let at = |lengths: &[u32], row: usize, column: usize| {
        lengths.get(row * width + column).copied().unwrap_or_default()
    };
    for (row, one) in old.iter().enumerate().rev() {
        for (column, other) in new.iter().enumerate().rev() {
            let length = if one == other {
                at(&lengths, row + 1, column + 1) + 1
            } else {
                at(&lengths, row + 1, column).max(at(&lengths, row, column + 1))
            };
            if let Some(slot) = lengths.get_mut(row * width + column) {
                *slot = length;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut run = Vec::new();
    while let (Some(one), Some(other)) = (old.get(row), new.get(column)) {
        if one == other {
            run.push((row, column));
            (row, column) = (row + 1, column + 1);
        } else if at(&lengths, row + 1, column) >= at(&lengths, row, column + 1) {
            row += 1;
        } else {
            column += 1;
        }
    }
    run
}
