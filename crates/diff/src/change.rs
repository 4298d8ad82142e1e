//! One field that changes, and where it is.

use std::fmt;

use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

/// Where a field is: its path and, where it is inside a text that is itself YAML or JSON, the path within that text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Location {
    /// The path of the field; each further one is a path within the text at the one before.
    pub paths: Vec<FieldPath>,
}

impl Location {
    /// All steps from the root on, through texts.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.paths.iter().flat_map(|path| &path.steps)
    }

    /// The nearest key: the field's own, or that of the list it is an item of.
    #[must_use]
    pub fn key(&self) -> &str {
        let key = self.steps().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        });
        key.unwrap_or_default()
    }

    /// Whether the field lies within a text.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.paths.len() > 1
    }

    pub(crate) fn join(&self, step: Step) -> Location {
        let mut joined = self.clone();
        match joined.paths.last_mut() {
            Some(path) => path.steps.push(step),
            None => joined.paths.push(FieldPath { steps: vec![step] }),
        }
        joined
    }
}

impl fmt::Display for Location {
    /// `data["app.yaml"] | server.port`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, path) in self.paths.iter().enumerate() {
            let bar = if index == 0 { "" } else { " | " };
            write!(formatter, "{bar}{path}")?;
        }
        Ok(())
    }
}

/// How a field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldChangeKind {
    /// Only the newer version has it.
    Added,
    /// Only the older version has it.
    Removed,
    /// Both have it, with different values.
    Changed,
    /// The same items in another order.
    Reordered,
}

/// A field that changes, with its values as they are: what may be secret in them is not hidden yet, so this has no way to be
/// printed.
#[derive(Clone, PartialEq)]
pub struct FieldChange {
    /// Where it is.
    pub location: Location,
    /// How it changes.
    pub kind: FieldChangeKind,
    /// The older value.
    pub before: Option<Value>,
    /// The newer value.
    pub after: Option<Value>,
}

/// One scalar of a change, or an empty map or list.
#[derive(Clone)]
pub(crate) struct Leaf<'a> {
    pub(crate) location: Location,
    pub(crate) before: Option<&'a Value>,
    pub(crate) after: Option<&'a Value>,
}

impl FieldChange {
    /// The change scalar by scalar: a part that comes or goes as a whole is taken apart.
    pub(crate) fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        match (&self.before, &self.after) {
            (Some(before), None) => {
                each_scalar(before, &self.location, &mut |location, value| {
                    leaves.push(Leaf { location, before: Some(value), after: None });
                });
            }
            (None, Some(after)) => {
                each_scalar(after, &self.location, &mut |location, value| {
                    leaves.push(Leaf { location, before: None, after: Some(value) });
                });
            }
            (before, after) => leaves.push(Leaf {
                location: self.location.clone(),
                before: before.as_ref(),
                after: after.as_ref(),
            }),
        }
        leaves
    }
}

fn each_scalar<'v>(value: &'v Value, location: &Location, visit: &mut dyn FnMut(Location, &'v Value)) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                each_scalar(value, &location.join(Step::Key(key.clone())), visit);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                each_scalar(item, &location.join(Step::Index(index)), visit);
            }
        }
        scalar => visit(location.clone(), scalar),
    }
}
