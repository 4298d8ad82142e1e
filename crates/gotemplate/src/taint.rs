//! Where values come from that are not the same on every run: randomness, the clock, the cluster.
//!
//! Every [`crate::Value`] carries a [`TaintId`], zero for clean ones. The executor marks the results of functions by their
//! [`crate::TaintFlow`]; functions themselves need to do nothing.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::syntax::on_enough_stack;
use crate::{Data, List, Location, Value};

/// Names an origin, or several, in [`Taints`]; zero is clean.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaintId(u32);

impl TaintId {
    /// The mark of values which are the same on every run.
    pub const CLEAN: Self = Self(0);

    /// Reports whether the value is the same on every run.
    #[must_use]
    pub fn is_clean(self) -> bool {
        self.0 == 0
    }
}

/// A call that made a value which is not the same on every run.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TaintOrigin {
    /// The function's name.
    pub function: String,
    /// Where it was called.
    pub location: Location,
    /// The calls of templates around it, innermost first.
    pub callers: Vec<Location>,
}

/// All origins of a run.
#[derive(Debug, Default)]
pub struct Taints(RefCell<Table>);

#[derive(Debug, Default)]
struct Table {
    entries: Vec<Entry>,
    origins: HashMap<TaintOrigin, TaintId>,
    unions: HashMap<(TaintId, TaintId), TaintId>,
}

#[derive(Debug)]
enum Entry {
    Origin(TaintOrigin),
    Union(TaintId, TaintId),
}

impl Taints {
    /// Reports whether nothing is tainted yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().entries.is_empty()
    }

    /// Returns the mark of a call; the same call has the same mark each time.
    #[must_use]
    pub fn origin(&self, origin: TaintOrigin) -> TaintId {
        let table = &mut *self.0.borrow_mut();
        if let Some(id) = table.origins.get(&origin) {
            return *id;
        }
        let id = push(&mut table.entries, Entry::Origin(origin.clone()));
        table.origins.insert(origin, id);
        id
    }

    /// Returns the mark of a value that is made from both.
    #[must_use]
    pub fn union(&self, one: TaintId, other: TaintId) -> TaintId {
        if one == other || other.is_clean() {
            return one;
        }
        if one.is_clean() {
            return other;
        }
        let key = (one.min(other), one.max(other));
        let table = &mut *self.0.borrow_mut();
        if let Some(id) = table.unions.get(&key) {
            return *id;
        }
        let id = push(&mut table.entries, Entry::Union(key.0, key.1));
        table.unions.insert(key, id);
        id
    }

    /// Returns the mark of a value with all that it holds.
    #[must_use]
    pub fn of_value(&self, value: &Value) -> TaintId {
        if self.is_empty() {
            return TaintId::CLEAN;
        }
        let (mut mark, mut seen, mut open) = (TaintId::CLEAN, HashSet::new(), vec![value.clone()]);
        while let Some(value) = open.pop() {
            mark = self.union(mark, value.taint());
            match value.data() {
                Data::List(list) if seen.insert(list.address()) => open.extend(list.items().iter().cloned()),
                Data::Map(map) if seen.insert(map.address()) => open.extend(map.entries().values().cloned()),
                _ => {}
            }
        }
        mark
    }

    /// Returns the value, which nothing else holds yet, with a mark on it and on everything in it.
    #[must_use]
    pub fn mark(&self, value: Value, mark: TaintId) -> Value {
        if mark.is_clean() {
            return value;
        }
        let own = self.union(value.taint(), mark);
        on_enough_stack(|| match value.data() {
            Data::List(list) => {
                let items = list.items().iter().map(|item| self.mark(item.clone(), mark)).collect();
                let marked = List::of_type(list.go_type(), items);
                Value::from(if list.is_nil() { List::nil(list.go_type()) } else { marked })
            }
            Data::Map(map) => {
                for (key, item) in map.entries().iter().filter(|(_, item)| item.taint() != mark) {
                    // A map with entries is not nil.
                    let _ = map.insert(key.clone(), self.mark(item.clone(), mark));
                }
                value.clone()
            }
            _ => value.clone(),
        })
        .with_taint(own)
    }

    /// Returns the calls behind a mark, sorted.
    #[must_use]
    pub fn origins(&self, id: TaintId) -> Vec<TaintOrigin> {
        let table = self.0.borrow();
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match (id.0 as usize).checked_sub(1).and_then(|index| table.entries.get(index)) {
                Some(Entry::Origin(origin)) => {
                    found.insert(origin.clone());
                }
                Some(Entry::Union(one, other)) => open.extend([*one, *other]),
                None => {}
            }
        }
        found.into_iter().collect()
    }
}

fn push(entries: &mut Vec<Entry>, entry: Entry) -> TaintId {
    entries.push(entry);
    TaintId(u32::try_from(entries.len()).unwrap_or(u32::MAX))
}
