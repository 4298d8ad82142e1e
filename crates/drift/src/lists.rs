//! The items of two lists, aligned: by their keys, by their values, or by what they say.
//!
//! Lists without keys are aligned so that as many equal items as possible face each other; the rest is compared in the order it
//! stands in. Beyond a bound the lists are compared place by place.

use serde_json::Value;

use crate::finding::Change;
use crate::place::{Place, PlaceStep};
use crate::schema::{Joining, Shape};
use crate::walk::{Shaped, Sink, Walk};

static NULL: Value = Value::Null;

/// The largest product of lengths for which lists without keys are aligned.
const LARGEST_ALIGNMENT: usize = 10_000;

type Keys = Vec<(String, String)>;

impl Joining {
    /// Whether items stand for themselves, so that each can come and go.
    pub(crate) fn is_by_item(&self) -> bool {
        !matches!(self, Joining::Atomic { .. })
    }
}

impl Walk<'_> {
    /// Compares two lists.
    pub(crate) fn list(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        desired: &[Value],
        live: &[Value],
        sink: &mut Sink,
    ) {
        let (item, joining) = match shaped.shape {
            Shape::List(item, joining) => (item.as_ref(), joining),
            _ => (&Shape::Any, &Joining::Atomic { is_ordered: true }),
        };
        let inner = shaped.inner(item);
        match joining {
            Joining::Map { keys, is_ordered } => {
                match (named(inner, keys, desired), named(inner, keys, live)) {
                    (Some(wanted), Some(found)) => {
                        self.by_key(place, inner, (desired, &wanted), (live, &found), sink);
                        if *is_ordered && order(&wanted, &found) != order(&found, &wanted) {
                            self.report_order(place, shaped, desired, live, sink);
                        }
                    }
                    _ => self.by_place(place, shaped, inner, (desired, live), *is_ordered, sink),
                }
            }
            Joining::Set => self.by_place(place, shaped, inner, (desired, live), false, sink),
            Joining::Atomic { is_ordered } => {
                self.by_place(place, shaped, inner, (desired, live), *is_ordered, sink);
            }
        }
    }

    fn by_key(
        &self,
        place: &Place<'_>,
        inner: Shaped<'_>,
        (desired, wanted): (&[Value], &[Keys]),
        (live, found): (&[Value], &[Keys]),
        sink: &mut Sink,
    ) {
        let index: std::collections::BTreeMap<&Keys, &Value> = found.iter().zip(live).collect();
        let declared: std::collections::BTreeSet<&Keys> = wanted.iter().collect();
        for (keys, item) in wanted.iter().zip(desired) {
            let below = place.down(PlaceStep::Item(keys), place.frame);
            self.node(&below, inner, item, index.get(keys).copied().unwrap_or(&NULL), sink);
        }
        for (keys, item) in found.iter().zip(live).filter(|(keys, _)| !declared.contains(keys)) {
            let below = place.down(PlaceStep::Item(keys), place.frame);
            self.added_item(&below, inner, item, sink);
        }
    }

    /// An item that came is one addition, whatever it holds.
    fn added_item(&self, place: &Place<'_>, inner: Shaped<'_>, item: &Value, sink: &mut Sink) {
        if item.is_null() || self.is_left_to_others(place, item, sink) {
            return;
        }
        self.report(place, inner, Change::Added, (&NULL, item), sink);
    }

    fn by_place(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        inner: Shaped<'_>,
        (desired, live): (&[Value], &[Value]),
        is_ordered: bool,
        sink: &mut Sink,
    ) {
        let is_equal = |wanted: &Value, found: &Value| {
            self.is_equal(&place.down(PlaceStep::Index(0), place.frame), inner, wanted, found)
        };
        let is_same_by_place = || {
            desired.len() == live.len()
                && desired.iter().zip(live).all(|(wanted, found)| is_equal(wanted, found))
        };
        if sink.is_probe {
            // One look at each pair, so that lists within lists take no more time than they are large.
            let differs = if is_ordered { !is_same_by_place() } else { differ(desired, live, &is_equal) };
            sink.found += usize::from(differs);
            return;
        }
        if is_same_by_place() {
            return;
        }
        let is_small = desired.len().saturating_mul(live.len()) <= LARGEST_ALIGNMENT;
        if is_small {
            let (wanted_left, found_left) = without_equal(desired, live, &is_equal);
            if wanted_left.is_empty() && found_left.is_empty() {
                if is_ordered {
                    self.report_order(place, shaped, desired, live, sink);
                }
                return;
            }
            if !is_ordered {
                self.pair(place, inner, (desired, &wanted_left), (live, &found_left), sink);
                return;
            }
        }
        let runs = if is_small { gaps(desired, live, &is_equal) } else { vec![whole(desired, live)] };
        for (wanted, found) in runs {
            self.pair(place, inner, (desired, &wanted), (live, &found), sink);
        }
    }

    /// Compares the n-th item that is left on one side with the n-th on the other.
    fn pair(
        &self,
        place: &Place<'_>,
        inner: Shaped<'_>,
        (desired, wanted): (&[Value], &[usize]),
        (live, found): (&[Value], &[usize]),
        sink: &mut Sink,
    ) {
        for position in 0..wanted.len().max(found.len()) {
            let item = |side: &[usize], items: &[Value]| {
                side.get(position).and_then(|index| items.get(*index).cloned().map(|item| (*index, item)))
            };
            match (item(wanted, desired), item(found, live)) {
                (Some((index, wanted)), Some((_, found))) => {
                    let below = place.down(PlaceStep::Index(index), place.frame);
                    self.node(&below, inner, &wanted, &found, sink);
                }
                (Some((index, wanted)), None) if place.is_declared => {
                    let below = place.down(PlaceStep::Index(index), place.frame);
                    self.report(&below, inner, Change::Removed, (&wanted, &NULL), sink);
                }
                (None, Some((index, found))) => {
                    let below = place.down(PlaceStep::Index(index), place.frame);
                    self.added_item(&below, inner, &found, sink);
                }
                _ => (),
            }
        }
    }

    fn report_order(
        &self,
        place: &Place<'_>,
        shaped: Shaped<'_>,
        desired: &[Value],
        live: &[Value],
        sink: &mut Sink,
    ) {
        let (desired, live) = (Value::Array(desired.to_vec()), Value::Array(live.to_vec()));
        self.report(place, shaped, Change::Reordered, (&desired, &live), sink);
    }
}

/// The keys of each item; `None` where items cannot be told apart by them.
fn named(inner: Shaped<'_>, keys: &[Box<str>], items: &[Value]) -> Option<Vec<Keys>> {
    let default = |key: &str| match inner.shape {
        Shape::Struct(number) => {
            let field = inner.types.field(*number, key)?;
            field.defaults.iter().find_map(|default| default.constant()).cloned()
        }
        _ => None,
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let map = item.as_object()?;
        let name = keys.iter().map(|key| {
            let value = map.get(key.as_ref()).filter(|value| !value.is_null()).cloned();
            let value = value.or_else(|| default(key)).unwrap_or_default();
            let text = match value {
                Value::String(text) => text,
                Value::Null => String::new(),
                other => other.to_string(),
            };
            (key.to_string(), text)
        });
        let name: Keys = name.collect();
        if !seen.insert(name.clone()) {
            return None;
        }
        all.push(name);
    }
    Some(all)
}

/// The keys of one side that the other has too, in their order.
fn order<'k>(own: &'k [Keys], other: &[Keys]) -> Vec<&'k Keys> {
    let other: std::collections::BTreeSet<&Keys> = other.iter().collect();
    own.iter().filter(|keys| other.contains(keys)).collect()
}

/// Whether two lists differ in more than their order.
fn differ(desired: &[Value], live: &[Value], is_equal: &dyn Fn(&Value, &Value) -> bool) -> bool {
    if desired.len() != live.len() {
        return true;
    }
    if desired.len().saturating_mul(live.len()) > LARGEST_ALIGNMENT {
        return !desired.iter().zip(live).all(|(wanted, found)| is_equal(wanted, found));
    }
    let (wanted_left, found_left) = without_equal(desired, live, is_equal);
    !wanted_left.is_empty() || !found_left.is_empty()
}

/// What is left of both sides when each item took an equal one from the other, in any order; first those at its own place.
fn without_equal(
    desired: &[Value],
    live: &[Value],
    is_equal: &dyn Fn(&Value, &Value) -> bool,
) -> (Vec<usize>, Vec<usize>) {
    let mut taken = vec![false; live.len()];
    let mut left = Vec::new();
    for (index, wanted) in desired.iter().enumerate() {
        if live.get(index).is_some_and(|found| is_equal(wanted, found)) {
            if let Some(taken) = taken.get_mut(index) {
                *taken = true;
            }
        } else {
            left.push(index);
        }
    }
    left.retain(|index| {
        let Some(wanted) = desired.get(*index) else { return false };
        let mut others = live.iter().zip(&mut taken).enumerate().filter(|(other, _)| other != index);
        let free = others.find(|(_, (found, taken))| !**taken && is_equal(wanted, found));
        match free {
            Some((_, (_, taken))) => {
                *taken = true;
                false
            }
            None => true,
        }
    });
    let found = taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(index, _)| index).collect();
    (left, found)
}

/// The stretches between the items of a longest common run, as indices of both sides.
fn gaps(
    desired: &[Value],
    live: &[Value],
    is_equal: &dyn Fn(&Value, &Value) -> bool,
) -> Vec<(Vec<usize>, Vec<usize>)> {
    let width = live.len() + 1;
    let mut equal = vec![false; desired.len() * width];
    let mut longest = vec![0_usize; (desired.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    for (row, wanted) in desired.iter().enumerate().rev() {
        for (column, found) in live.iter().enumerate().rev() {
            let same = is_equal(wanted, found);
            let length = if same {
                longest.get(at(row + 1, column + 1)).map_or(0, |length| length + 1)
            } else {
                let below = longest.get(at(row + 1, column)).copied().unwrap_or(0);
                below.max(longest.get(at(row, column + 1)).copied().unwrap_or(0))
            };
            if let Some(cell) = equal.get_mut(at(row, column)) {
                *cell = same;
            }
            if let Some(cell) = longest.get_mut(at(row, column)) {
                *cell = length;
            }
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut runs = vec![(Vec::new(), Vec::new())];
    while row < desired.len() || column < live.len() {
        let is_same = row < desired.len() && column < live.len() && equal.get(at(row, column)) == Some(&true);
        if is_same {
            runs.push((Vec::new(), Vec::new()));
            (row, column) = (row + 1, column + 1);
            continue;
        }
        let below = longest.get(at(row + 1, column)).copied();
        let beside = longest.get(at(row, column + 1)).copied().filter(|_| column < live.len());
        let Some((wanted, found)) = runs.last_mut() else { break };
        if row < desired.len() && (column >= live.len() || below >= beside) {
            wanted.push(row);
            row += 1;
        } else {
            found.push(column);
            column += 1;
        }
    }
    runs
}

fn whole(desired: &[Value], live: &[Value]) -> (Vec<usize>, Vec<usize>) {
    ((0..desired.len()).collect(), (0..live.len()).collect())
}
