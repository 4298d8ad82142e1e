//! Values that only the live systems can give: texts that stand for them, and what came of them.
//!
//! An unknown is a word of letters and digits, so that it passes through formats, templates and paths unharmed. Two runs use two
//! words for each unknown; a value that is the same in both depends on none, one that shows its unknowns is told with them, and
//! one that differs otherwise was calculated from unknowns and cannot be told.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::UnknownField;

const PREFIX: &str = "unknownvalue";
/// Letter of the run, five digits, and a letter that ends the word.
const AFTER_PREFIX: usize = 7;

/// What a text becomes whose unknowns cannot be told.
const UNTOLD: &str = "<not known yet>";

/// The unknowns of one run.
#[derive(Debug, Clone)]
pub(super) struct Unknowns {
    letter: char,
    labels: Vec<String>,
    by_label: BTreeMap<String, usize>,
}

impl Unknowns {
    pub(super) fn new(letter: char) -> Unknowns {
        Unknowns { letter, labels: Vec::new(), by_label: BTreeMap::new() }
    }

    /// The word for what a label says. A label that holds words itself is that of what they stand for, which is the same in
    /// every run.
    pub(super) fn word(&mut self, label: &str) -> String {
        let label = self.shown(label).0;
        let index = match self.by_label.get(&label) {
            Some(index) => *index,
            None => {
                self.labels.push(label.clone());
                self.by_label.insert(label, self.labels.len() - 1);
                self.labels.len() - 1
            }
        };
        format!("{PREFIX}{}{index:05}x", self.letter)
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
            shown.push_str(before);
            let label = word
                .get(PREFIX.len()..PREFIX.len() + AFTER_PREFIX)
                .and_then(|tail| tail.strip_prefix(self.letter)?.strip_suffix('x')?.parse::<usize>().ok())
                .and_then(|index| self.labels.get(index));
            match label {
                Some(label) => {
                    shown.push_str(&format!("<{label}>"));
                    labels.push(label.clone());
                    rest = word.get(PREFIX.len() + AFTER_PREFIX..).unwrap_or_default();
                }
                None => {
                    shown.push_str(PREFIX);
                    rest = word.get(PREFIX.len()..).unwrap_or_default();
                }
            }
        }
        shown.push_str(rest);
        labels.sort();
        labels.dedup();
        (shown, labels)
    }

    /// The labels of all unknowns in a value.
    pub(super) fn labels_in(&self, value: &Value) -> Vec<String> {
        let mut labels = match value {
            Value::String(text) => self.shown(text).1,
            Value::Array(items) => items.iter().flat_map(|item| self.labels_in(item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .flat_map(|(key, value)| {
                    let mut labels = self.shown(key).1;
                    labels.extend(self.labels_in(value));
                    labels
                })
                .collect(),
            _ => Vec::new(),
        };
        labels.sort();
        labels.dedup();
        labels
    }
}

/// One value out of the two of both runs, with the fields that are not known.
pub(super) fn settle(
    first: (&Value, &Unknowns),
    second: (&Value, &Unknowns),
    path: &str,
    fields: &mut Vec<UnknownField>,
) -> Value {
    match (first.0, second.0) {
        (Value::Object(one), Value::Object(other)) => {
            let other: BTreeMap<String, &Value> =
                other.iter().map(|(key, value)| (second.1.shown(key).0, value)).collect();
            let settled: Map<String, Value> = one
                .iter()
                .map(|(key, value)| {
                    let key = first.1.shown(key).0;
                    let path = child_path(path, &key);
                    let value = match other.get(&key) {
                        Some(other) => settle((value, first.1), (other, second.1), &path, fields),
                        None => untold(&path, fields),
                    };
                    (key, value)
                })
                .collect();
            Value::Object(settled)
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let items = one.iter().zip(other).enumerate().map(|(index, (one, other))| {
                settle((one, first.1), (other, second.1), &format!("{path}[{index}]"), fields)
            });
            Value::Array(items.collect())
        }
        (Value::String(one), Value::String(other)) => {
            let (shown, sources) = first.1.shown(one);
            if shown != second.1.shown(other).0 {
                return untold(path, fields);
            }
            if !sources.is_empty() {
                fields.push(UnknownField { path: path.to_owned(), sources });
            }
            Value::String(shown)
        }
        (one, other) if one == other => one.clone(),
        _ => untold(path, fields),
    }
}

fn untold(path: &str, fields: &mut Vec<UnknownField>) -> Value {
    fields.push(UnknownField { path: path.to_owned(), sources: Vec::new() });
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
        let mut first = Unknowns::new('a');
        let mut second = Unknowns::new('b');
        let (one, other) = (first.word("VPC web status.id"), second.word("VPC web status.id"));
        let value = |word: &str, hash: &str| json!({"id": format!("arn:{word}/x"), "hash": hash, "n": 1});
        let mut fields = Vec::new();
        let settled = settle((&value(&one, "12"), &first), (&value(&other, "34"), &second), "", &mut fields);
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
