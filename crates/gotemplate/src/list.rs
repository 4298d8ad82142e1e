//! Slices. Nothing in templates changes one in place, so they are immutable and shared.

use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::syntax::on_enough_stack;
use crate::{GoType, Value, types};

/// A Go slice.
#[derive(Clone)]
pub struct List(Rc<Inner>);

struct Inner {
    go_type: &'static GoType,
    is_nil: bool,
    items: OnceCell<Vec<Value>>,
    /// What a `[]uint8` holds; its items are made when they are first asked for.
    bytes: Option<Arc<[u8]>>,
}

impl List {
    /// Creates a slice of the given type.
    #[must_use]
    pub fn of_type(go_type: &'static GoType, items: Vec<Value>) -> Self {
        Self(Rc::new(Inner { go_type, is_nil: false, items: OnceCell::from(items), bytes: None }))
    }

    /// Creates a nil slice, which prints as `[]` and turns into `null` in JSON.
    #[must_use]
    pub fn nil(go_type: &'static GoType) -> Self {
        Self(Rc::new(Inner { go_type, is_nil: true, items: OnceCell::from(Vec::new()), bytes: None }))
    }

    /// Creates a `[]string`.
    #[must_use]
    pub fn of_strings<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::of_type(types::STRINGS, items.into_iter().map(Into::into).collect())
    }

    /// Creates a `[]uint8`.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::of_shared_bytes(bytes.into())
    }

    /// Creates a `[]uint8` of bytes that others hold, too; nothing is copied.
    #[must_use]
    pub fn of_shared_bytes(bytes: Arc<[u8]>) -> Self {
        let items = OnceCell::new();
        Self(Rc::new(Inner { go_type: types::BYTES, is_nil: false, items, bytes: Some(bytes) }))
    }

    /// Returns the bytes of a slice that was made of bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<&Arc<[u8]>> {
        self.0.bytes.as_ref()
    }

    /// Returns a number that tells this slice from all others while it lives.
    pub(crate) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// Returns the Go type.
    #[must_use]
    pub fn go_type(&self) -> &'static GoType {
        self.0.go_type
    }

    /// Reports whether this is Go's nil slice.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.0.is_nil
    }

    /// Reports whether both handles name the same slice.
    #[must_use]
    pub fn is_same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Returns the items.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        self.0.items.get_or_init(|| {
            let bytes = self.0.bytes.as_deref().unwrap_or_default();
            bytes.iter().map(|byte| Value::from(*byte)).collect()
        })
    }

    /// Returns the number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.bytes.as_ref().map_or_else(|| self.items().len(), |bytes| bytes.len())
    }

    /// Reports whether there are no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Slices in slices a million deep would overflow the stack.
        let items = self.items.take().unwrap_or_default();
        if items.iter().any(Value::is_container) {
            on_enough_stack(|| drop(items));
        }
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self::of_type(types::LIST, items)
    }
}

impl fmt::Debug for List {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}({} items)", self.0.go_type.name, self.len())
    }
}
