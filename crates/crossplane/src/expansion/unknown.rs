//! Values that only the live systems can give: texts that stand for them, and what came of them.
//!
//! An unknown is a word of letters and digits, so that it passes through formats, templates and paths unharmed. Two runs use two
//! words for each unknown; a value that is the same in both depends on none, one that shows its unknowns is told with them, and
//! one that differs otherwise was calculated from unknowns and cannot be told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::UnknownField;

const PREFIX: &str = "unknownvalue";
/// The letter of the run, the number of the claim, the place of the label, and a letter that ends the word.
const AFTER_PREFIX: usize = 1 + 2 * DIGITS + 1;
/// How long each of the two numbers is, to the base 36.
const DIGITS: usize = 4;

/// What a text becomes whose unknowns cannot be told.
const UNTOLD: &str = "<not known yet>";

/// The labels of all claims, by the numbers of the claims and their places.
pub(super) type Labels = Arc<[Arc<Vec<String>>]>;

/// The unknowns of one claim in one run.
#[derive(Debug, Clone)]
pub(super) struct Unknowns {
    letter: char,
    /// The number of the claim.
    claim: usize,
    labels: Arc<Vec<String>>,
    by_label: BTreeMap<String, usize>,
    /// The labels of all claims as they last were.
    others: Labels,
}

impl Unknowns {
    pub(super) fn new(letter: char, claim: usize) -> Unknowns {
        Unknowns { letter, claim, labels: Arc::default(), by_label: BTreeMap::new(), others: Arc::default() }
    }

    /// The labels by their places.
    pub(super) fn labels(&self) -> Arc<Vec<String>> {
        Arc::clone(&self.labels)
    }

    /// Takes the labels of all claims, whose words may come from where claims see each other.
    pub(super) fn see(&mut self, labels: &Labels) {
        self.others = Arc::clone(labels);
    }

    /// The word for what a label says. A label that holds words itself is that of what they stand for, which is the same in
    /// every run.
    pub(super) fn word(&mut self, label: &str) -> String {
        let label = self.shown(label).0;
        let index = match self.by_label.get(&label) {
            Some(index) => *index,
            None => {
                Arc::make_mut(&mut self.labels).push(label.clone());
                self.by_label.insert(label, self.labels.len() - 1);
                self.labels.len() - 1
            }
        };
        let mut word = format!("{PREFIX}{}", self.letter);
        for number in [self.claim, index] {
            let digits = (0..DIGITS as u32).rev().filter_map(|place| {
                char::from_digit(u32::try_from(number / 36_usize.pow(place) % 36).ok()?, 36)
            });
            word.extend(digits);
        }
        word.push('x');
        word
    }

    /// The label of the word that a text goes on with behind the prefix.
    fn label_of(&self, word: &str) -> Option<&String> {
        let digits = word.get(..AFTER_PREFIX)?.strip_prefix(self.letter)?.strip_suffix('x')?;
        let number = |digits: &str| usize::from_str_radix(digits, 36).ok();
        let (claim, index) = digits.split_at_checked(DIGITS)?;
        let labels = match number(claim)? {
            own if own == self.claim => &self.labels,
            other => self.others.get(other)?,
        };
        labels.get(number(index)?)
    }

    /// Whether no unknown was needed.
    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Whether a text holds an unknown.
    pub(super) fn are_in(text: &str) -> bool {
        text.contains(PREFIX)
    }

    /// The text with the labels of its unknowns in angle brackets, and the labels.
    pub(super) fn shown(&self, text: &str) -> (String, Vec<String>) {
        let mut shown = String::with_capacity(text.len());
        let mut labels = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(PREFIX) {
            let (before, word) = rest.split_at(start);
            let behind = word.get(PREFIX.len()..).unwrap_or_default();
            shown.push_str(before);
            rest = match self.label_of(behind) {
                Some(label) => {
                    // Writing to a text does not fail.
                    let _ = write!(shown, "<{label}>");
                    labels.push(label.clone());
                    behind.get(AFTER_PREFIX..).unwrap_or_default()
                }
                None => {
                    shown.push_str(PREFIX);
                    behind
                }
            };
        }
        shown.push_str(rest);
        labels.sort();
        labels.dedup();
        (shown, labels)
    }

    /// The labels of all unknowns in a value.
    pub(super) fn labels_in(&self, value: &Value) -> Vec<String> {
        let mut labels = BTreeSet::new();
        self.collect_labels(value, &mut labels);
        labels.into_iter().collect()
    }

    fn collect_labels(&self, value: &Value, labels: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => labels.extend(self.shown(text).1),
            Value::Array(items) => items.iter().for_each(|item| self.collect_labels(item, labels)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    labels.extend(self.shown(key).1);
                    self.collect_labels(value, labels);
                }
            }
            _ => {}
        }
    }
}

/// A value in one run, with the unknowns of that run.
#[derive(Clone, Copy)]
pub(super) struct Run<'r> {
    pub(super) value: &'r Value,
    pub(super) unknowns: &'r Unknowns,
}

impl<'r> Run<'r> {
    pub(super) fn at(self, value: &'r Value) -> Run<'r> {
        Run { value, ..self }
    }
}

/// The way to a value. It is written down only where a value is unknown, which few are.
#[derive(Clone, Copy)]
pub(super) enum Trail<'t> {
    Root,
    Key(&'t Trail<'t>, &'t str),
    Index(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    fn path(&self) -> String {
        match self {
            Trail::Root => String::new(),
            Trail::Key(above, key) => child_path(&above.path(), key),
            Trail::Index(above, index) => format!("{}[{index}]", above.path()),
        }
    }
}

/// One value out of the two of both runs, with the fields that are not known.
pub(super) fn settle(
    first: Run<'_>,
    second: Run<'_>,
    trail: &Trail<'_>,
    fields: &mut Vec<UnknownField>,
) -> Value {
    match (first.value, second.value) {
        (Value::Object(one), Value::Object(other)) => {
            let renamed = has_unknown_keys(one) || has_unknown_keys(other);
            let renamed: Option<BTreeMap<String, &Value>> = renamed
                .then(|| other.iter().map(|(key, value)| (second.unknowns.shown(key).0, value)).collect());
            let settled: Map<String, Value> = one
                .iter()
                .map(|(key, value)| {
                    let key = if renamed.is_some() { first.unknowns.shown(key).0 } else { key.clone() };
                    let trail = Trail::Key(trail, &key);
                    let other = match &renamed {
                        Some(renamed) => renamed.get(&key).copied(),
                        None => other.get(&key),
                    };
                    let value = match other {
                        Some(other) => settle(first.at(value), second.at(other), &trail, fields),
                        None => untold(&trail, fields),
                    };
                    (key, value)
                })
                .collect();
            Value::Object(settled)
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let items = one.iter().zip(other).enumerate();
            let settled = items.map(|(index, (one, other))| {
                settle(first.at(one), second.at(other), &Trail::Index(trail, index), fields)
            });
            Value::Array(settled.collect())
        }
        (Value::String(one), Value::String(other)) => {
            if one == other && !Unknowns::are_in(one) {
                return Value::String(one.clone());
            }
            let (shown, sources) = first.unknowns.shown(one);
            if shown != second.unknowns.shown(other).0 {
                return untold(trail, fields);
            }
            if !sources.is_empty() {
                fields.push(UnknownField { path: trail.path(), sources });
            }
            Value::String(shown)
        }
        (one, other) if one == other => one.clone(),
        _ => untold(trail, fields),
    }
}

fn has_unknown_keys(fields: &Map<String, Value>) -> bool {
    fields.keys().any(|key| Unknowns::are_in(key))
}

fn untold(trail: &Trail<'_>, fields: &mut Vec<UnknownField>) -> Value {
    fields.push(UnknownField { path: trail.path(), sources: Vec::new() });
    Value::String(UNTOLD.to_owned())
}

fn child_path(path: &str, key: &str) -> String {
    if key.contains(['.', '[', ']', '<']) {
        format!("{path}[{key}]")
    } else if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_shows_its_unknowns_is_told_and_what_hides_them_is_not() {
        let mut first = Unknowns::new('a', 0);
        let mut second = Unknowns::new('b', 0);
        let (one, other) = (first.word("VPC web status.id"), second.word("VPC web status.id"));
        let value = |word: &str, hash: &str| json!({"id": format!("arn:{word}/x"), "hash": hash, "n": 1});
        let mut fields = Vec::new();
        let (one, other) = (value(&one, "12"), value(&other, "34"));
        let settled = settle(
            Run { value: &one, unknowns: &first },
            Run { value: &other, unknowns: &second },
            &Trail::Root,
            &mut fields,
        );
        assert_eq!(settled, json!({"id": "arn:<VPC web status.id>/x", "hash": "<not known yet>", "n": 1}));
        assert_eq!(
            fields,
            [
                UnknownField { path: "hash".to_owned(), sources: vec![] },
                UnknownField { path: "id".to_owned(), sources: vec!["VPC web status.id".to_owned()] },
            ]
        );
    }
}
