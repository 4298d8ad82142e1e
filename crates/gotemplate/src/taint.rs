//! Where values come from that are not the same on every run: randomness, the clock, the cluster.
//!
//! Every [`crate::Value`] carries a [`TaintId`], zero for clean ones. The executor marks the results of functions by their
//! [`crate::TaintFlow`]; functions themselves need to do nothing.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::Location;

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
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TaintOrigin {
    /// The function's name.
    pub function: String,
    /// Where it was called.
    pub location: Location,
}

/// All origins of a run.
#[derive(Debug, Default)]
pub struct Taints(RefCell<Table>);

#[derive(Debug, Default)]
struct Table {
    entries: Vec<Entry>,
    origins: HashMap<(String, Location), TaintId>,
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
    pub fn origin(&self, function: &str, location: &Location) -> TaintId {
        let table = &mut *self.0.borrow_mut();
        let key = (function.to_owned(), location.clone());
        if let Some(id) = table.origins.get(&key) {
            return *id;
        }
        let origin = TaintOrigin { function: key.0.clone(), location: key.1.clone() };
        let id = push(&mut table.entries, Entry::Origin(origin));
        table.origins.insert(key, id);
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
