//! How much there is to read in a value: every element as often as it is reached, strings by their length.
//!
//! Values may share their parts, so that a value of a hundred slices can be a text of petabytes. Functions that read all
//! of their arguments are charged for them first.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::syntax::on_enough_stack;
use crate::{Data, Value};

/// Up to this weight, looking at everything is cheaper than remembering what was seen.
const SMALL: u64 = 4096;

/// How many bytes of a string weigh as much as an element.
const BYTES_PER_UNIT: u64 = 16;

/// Returns the weight of a value; one that holds itself, or is nested very deep, has the largest.
pub(crate) fn weigh(value: &Value) -> u64 {
    match value.data() {
        Data::List(_) | Data::Map(_) => {
            let mut left = SMALL;
            if is_lighter(value, &mut left) { SMALL - left } else { Scale::default().weigh(value, 0) }
        }
        _ => own_weight(value),
    }
}

fn own_weight(value: &Value) -> u64 {
    match value.data() {
        Data::String(text) => 1 + text.len() as u64 / BYTES_PER_UNIT,
        // Each byte is an element, which need not be made for that.
        Data::List(list) if list.bytes().is_some() => 1 + list.len() as u64,
        _ => 1,
    }
}

/// Takes the weight of a value off what is left; reports false when it is more.
fn is_lighter(value: &Value, left: &mut u64) -> bool {
    let Some(rest) = left.checked_sub(own_weight(value)) else {
        return false;
    };
    *left = rest;
    match value.data() {
        Data::List(list) if list.bytes().is_some() => true,
        Data::List(list) => on_enough_stack(|| list.items().iter().all(|item| is_lighter(item, left))),
        Data::Map(map) => on_enough_stack(|| map.entries().values().all(|item| is_lighter(item, left))),
        _ => true,
    }
}

/// The deepest nesting that is looked into.
const MAXIMUM_DEPTH: u32 = 100_000;

/// Weighs shared parts once. A part that is being weighed has the largest weight, so that circles have it, too.
#[derive(Default)]
struct Scale(HashMap<usize, u64, FixedState>);

impl Scale {
    fn weigh(&mut self, value: &Value, depth: u32) -> u64 {
        let address = match value.data() {
            Data::List(list) if list.bytes().is_none() => list.address(),
            Data::Map(map) => map.address(),
            _ => return own_weight(value),
        };
        if depth > MAXIMUM_DEPTH {
            return u64::MAX;
        }
        if let Some(weight) = self.0.get(&address) {
            return *weight;
        }
        self.0.insert(address, u64::MAX);
        let weight = on_enough_stack(|| match value.data() {
            Data::List(list) => {
                list.items().iter().fold(1u64, |sum, item| sum.saturating_add(self.weigh(item, depth + 1)))
            }
            Data::Map(map) => map.entries().iter().fold(1u64, |sum, (key, item)| {
                let key = key.len() as u64 / BYTES_PER_UNIT;
                sum.saturating_add(key).saturating_add(self.weigh(item, depth + 1))
            }),
            _ => 1,
        });
        self.0.insert(address, weight);
        weight
    }
}
