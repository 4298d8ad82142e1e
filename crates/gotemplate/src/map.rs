//! Maps with string keys, shared by reference and sorted by key.
//!
//! Cloning a map gives a second handle to the same entries, as in Go: what `set` changes is seen everywhere. Iterating
//! works on a snapshot, so a map may be changed while it is walked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::syntax::on_enough_stack;
use crate::{GoString, GoType, Value, types};

/// The entries of a map, sorted by key.
pub type Entries = BTreeMap<GoString, Value>;

/// A Go map with string keys.
#[derive(Clone)]
pub struct Map {
    go_type: &'static GoType,
    entries: Rc<Shared>,
}

/// The entries behind all handles.
struct Shared(RefCell<State>);

enum State {
    /// Go's nil map: it reads as empty and cannot be written.
    Nil,
    Made(Rc<Entries>),
    /// Entries that nobody has looked at yet.
    Unmade(Box<dyn FnOnce() -> Entries>),
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Maps in maps a million deep would overflow the stack.
        let state = std::mem::replace(self.0.get_mut(), State::Nil);
        if let State::Made(entries) = state
            && entries.values().any(Value::is_container)
        {
            on_enough_stack(|| drop(entries));
        }
    }
}

thread_local! {
    static NO_ENTRIES: Rc<Entries> = Rc::new(Entries::new());
}

impl Map {
    /// Creates an empty `map[string]interface {}`.
    #[must_use]
    pub fn new() -> Self {
        Self::of_type(types::MAP, Entries::new())
    }

    /// Creates a map of the given type.
    #[must_use]
    pub fn of_type(go_type: &'static GoType, entries: Entries) -> Self {
        Self::of_state(go_type, State::Made(Rc::new(entries)))
    }

    /// Creates a `map[string]interface {}` whose entries are made when it is first read or written.
    #[must_use]
    pub fn made_when_read(make: impl FnOnce() -> Entries + 'static) -> Self {
        Self::of_state(types::MAP, State::Unmade(Box::new(make)))
    }

    /// Creates a nil map of the given type.
    #[must_use]
    pub fn nil(go_type: &'static GoType) -> Self {
        Self::of_state(go_type, State::Nil)
    }

    fn of_state(go_type: &'static GoType, state: State) -> Self {
        Self { go_type, entries: Rc::new(Shared(RefCell::new(state))) }
    }

    /// Reads the entries, of which a nil map has none.
    fn read<T>(&self, read: impl FnOnce(Option<&Rc<Entries>>) -> T) -> T {
        if let State::Made(entries) = &*self.entries.0.borrow() {
            return read(Some(entries));
        }
        self.write(|entries| read(entries.map(|entries| &*entries)))
    }

    /// Changes the entries; a nil map has none that could be changed.
    fn write<T>(&self, change: impl FnOnce(Option<&mut Rc<Entries>>) -> T) -> T {
        let mut state = self.entries.0.borrow_mut();
        let made = match std::mem::replace(&mut *state, State::Nil) {
            State::Unmade(make) => State::Made(Rc::new(make())),
            state => state,
        };
        *state = made;
        match &mut *state {
            State::Made(entries) => change(Some(entries)),
            _ => change(None),
        }
    }

    /// Returns the same map seen as another type, as Go's conversion `Values(m)`: both handles name the same entries.
    #[must_use]
    pub fn converted(&self, go_type: &'static GoType) -> Self {
        Self { go_type, entries: Rc::clone(&self.entries) }
    }

    /// Returns a number that tells this map from all others while it lives.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.entries).addr()
    }

    /// Returns the Go type.
    #[must_use]
    pub fn go_type(&self) -> &'static GoType {
        self.go_type
    }

    /// Reports whether this is Go's nil map.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        matches!(&*self.entries.0.borrow(), State::Nil)
    }

    /// Reports whether both handles name the same map.
    #[must_use]
    pub fn is_same(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries)
    }

    /// Returns the value of a key.
    #[must_use]
    pub fn value(&self, key: &[u8]) -> Option<Value> {
        self.read(|entries| entries?.get(key).cloned())
    }

    /// Reports whether the key is there.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.read(|entries| entries.is_some_and(|entries| entries.contains_key(key)))
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read(|entries| entries.map_or(0, |entries| entries.len()))
    }

    /// Reports whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the entries as they are now; later changes of the map do not show in them. Costs nothing by itself.
    #[must_use]
    pub fn entries(&self) -> Rc<Entries> {
        self.read(|entries| match entries {
            Some(entries) => Rc::clone(entries),
            None => NO_ENTRIES.with(Rc::clone),
        })
    }

    /// Sets a key; reports false for a nil map, where Go panics with `assignment to entry in nil map`.
    #[must_use = "a nil map cannot be written"]
    pub fn insert(&self, key: impl Into<GoString>, value: Value) -> bool {
        self.write(|entries| match entries {
            Some(entries) => {
                Rc::make_mut(entries).insert(key.into(), value);
                true
            }
            None => false,
        })
    }

    /// Removes a key and returns what it held.
    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.write(|entries| Rc::make_mut(entries?).remove(key))
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl FromIterator<(GoString, Value)> for Map {
    fn from_iter<T: IntoIterator<Item = (GoString, Value)>>(entries: T) -> Self {
        Self::of_type(types::MAP, entries.into_iter().collect())
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the size: a map may hold itself.
        write!(formatter, "{}({} entries)", self.go_type.name, self.len())
    }
}
