//! How bad a difference is, by the facts of `data/severity.tsv` and `data/kinds_severity.tsv`.
//!
//! Of the fields on the way to a difference the nearest that a row names decides; what lies below the difference can only make it
//! worse. No row means medium.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::finding::{Change, Severity};
use crate::ignore::glob;
use crate::place::Place;
use crate::schema::{Shape, Types};
use crate::walk::DEEPEST;

/// A row of the table, without its type and field.
#[derive(Debug, Clone)]
pub(crate) struct SeverityRule {
    key: Option<Box<str>>,
    changes: Vec<Change>,
    value: Test,
    severity: Severity,
}

#[derive(Debug, Clone)]
enum Test {
    Any,
    IsOneOf(Vec<Box<str>>),
    Holds(Box<str>),
}

/// The rows for custom resources, by the name of the field.
pub(crate) type NamedSeverities = BTreeMap<Box<str>, Vec<SeverityRule>>;

/// What a difference is, for its severity.
#[derive(Clone, Copy)]
pub(crate) struct Difference<'v> {
    pub(crate) change: Change,
    /// The live value, or the declared one where nothing lives.
    pub(crate) value: &'v Value,
}

impl SeverityRule {
    /// A row of the table, from its second column on.
    pub(crate) fn parse(field: &str, change: &str, value: &str, severity: &str) -> Option<SeverityRule> {
        let changes = match change {
            "*" => Vec::new(),
            names => names.split('|').map(change_of).collect::<Option<_>>()?,
        };
        let value = match value.split_at_checked(1)? {
            ("*", "") => Test::Any,
            ("=", texts) => Test::IsOneOf(texts.split('|').map(Box::from).collect()),
            ("~", text) => Test::Holds(text.into()),
            _ => return None,
        };
        let key = field.split_once('/').map(|(_, key)| key.into());
        Some(SeverityRule { key, changes, value, severity: severity_of(severity)? })
    }

    fn fits(&self, below: Option<&str>, difference: Difference<'_>) -> bool {
        let is_key = self.key.as_deref().is_none_or(|key| below.is_some_and(|below| glob(key, below)));
        is_key
            && (self.changes.is_empty() || self.changes.contains(&difference.change))
            && self.value.holds(difference.value)
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Test::Any => true,
            Test::IsOneOf(texts) => match value {
                Value::String(text) => texts.iter().any(|own| **own == **text),
                Value::Object(_) | Value::Array(_) | Value::Null => false,
                scalar => texts.iter().any(|own| **own == *scalar.to_string()),
            },
            Test::Holds(wanted) => holds_text(value, wanted, DEEPEST),
        }
    }
}

/// Whether a text stands anywhere in a value.
fn holds_text(value: &Value, wanted: &str, depth_left: usize) -> bool {
    let Some(depth_left) = depth_left.checked_sub(1) else { return false };
    match value {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| holds_text(item, wanted, depth_left)),
        Value::Object(map) => map.values().any(|item| holds_text(item, wanted, depth_left)),
        _ => false,
    }
}

/// How bad a difference at a place is.
pub(crate) fn judge(
    place: &Place<'_>,
    types: &Types,
    shape: &Shape,
    difference: Difference<'_>,
    named: Option<&NamedSeverities>,
) -> Severity {
    let mut below = None;
    let mut nearest = None;
    for above in place.upwards() {
        let own = above.own_key();
        let rules = above.field.map(|field| field.severities.as_slice()).unwrap_or_default();
        let by_name =
            named.zip(own).and_then(|(named, key)| named.get(key)).map(Vec::as_slice).unwrap_or_default();
        nearest =
            rules.iter().chain(by_name).find(|rule| rule.fits(below, difference)).map(|rule| rule.severity);
        if nearest.is_some() {
            break;
        }
        below = own.or(below);
    }
    let within = worst_within(types, shape, difference, named, DEEPEST);
    nearest.unwrap_or(Severity::Medium).max(within)
}

/// The worst of what a part that came or went holds.
fn worst_within(
    types: &Types,
    shape: &Shape,
    difference: Difference<'_>,
    named: Option<&NamedSeverities>,
    depth_left: usize,
) -> Severity {
    let Some(depth_left) = depth_left.checked_sub(1) else { return Severity::Low };
    let change = difference.change;
    let each = |shape: &Shape, values: &mut dyn Iterator<Item = &Value>| {
        let judged =
            values.map(|value| worst_within(types, shape, Difference { change, value }, named, depth_left));
        judged.max().unwrap_or(Severity::Low)
    };
    match (shape, difference.value) {
        (Shape::List(item, _), Value::Array(items)) => each(item, &mut items.iter()),
        (Shape::Map(item), Value::Object(map)) => each(item, &mut map.values()),
        (Shape::Struct(_) | Shape::Any, Value::Object(map)) => {
            let judged = map.iter().map(|(key, value)| {
                let part = Difference { change, value };
                let field = match shape {
                    Shape::Struct(number) => types.field(*number, key),
                    _ => None,
                };
                let rules = field.map(|field| field.severities.as_slice()).unwrap_or_default();
                let by_name =
                    named.and_then(|named| named.get(key.as_str())).map(Vec::as_slice).unwrap_or_default();
                let own = rules.iter().chain(by_name).find(|rule| rule.fits(None, part));
                let own = own.map_or(Severity::Low, |rule| rule.severity);
                let inner = field.map_or(&Shape::Any, |field| &field.shape);
                own.max(worst_within(types, inner, part, named, depth_left))
            });
            judged.max().unwrap_or(Severity::Low)
        }
        (Shape::Any, Value::Array(items)) => each(&Shape::Any, &mut items.iter()),
        _ => Severity::Low,
    }
}

/// The word of a table.
pub(crate) fn severity_of(word: &str) -> Option<Severity> {
    let all = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|severity| severity.to_string() == word)
}

fn change_of(word: &str) -> Option<Change> {
    let all = [Change::Added, Change::Changed, Change::Removed, Change::Reordered, Change::Rejected];
    all.into_iter().find(|change| change.to_string() == word)
}
