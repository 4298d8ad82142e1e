//! The two sides of a comparison, as types that cannot be swapped.
//!
//! [`Desired`] is a resource as a file of the repository holds it, with the lines of its fields; [`Live`] is one as an API server
//! gave it, with its managedFields. Nothing is checked or changed here: a null is still a null.

use std::borrow::Cow;

use plimsoll_yaml::{Dialect, FieldPath, Node, Numbers, Step};
use serde_json::Value;

static NULL: Value = Value::Null;

/// What is declared.
#[derive(Debug, Clone)]
pub struct Desired<'a> {
    value: Cow<'a, Value>,
    file: Option<(&'a Node, &'a str)>,
}

/// What lives.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    value: &'a Value,
}

impl<'a> Desired<'a> {
    /// A resource as it stands in a file, with the text that its spans count in; findings then name its lines.
    ///
    /// # Errors
    ///
    /// What keeps the tree from being plain data, such as a key that is a mapping.
    pub fn of_node(node: &'a Node, text: &'a str) -> Result<Desired<'a>, plimsoll_yaml::Error> {
        let value = node.to_value(Dialect::Helm, Numbers::AsWritten)?;
        Ok(Desired { value: Cow::Owned(value), file: Some((node, text)) })
    }

    /// A resource that stands in no file, such as one that a composition makes.
    #[must_use]
    pub fn of_value(value: &'a Value) -> Desired<'a> {
        Desired { value: Cow::Borrowed(value), file: None }
    }

    /// The resource as plain data.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The line of a field, or of the nearest one above it, from 1.
    #[must_use]
    pub fn line(&self, path: &FieldPath) -> Option<u32> {
        let (mut node, text) = self.file?;
        let mut span = node.span();
        for step in &path.steps {
            let entry = match step {
                Step::Key(key) => node.entry(key),
                _ => None,
            };
            let found = match entry {
                Some(entry) => Some((entry.key.span(), &entry.value)),
                None => {
                    let one = FieldPath { steps: vec![step.clone()] };
                    one.find(node).map(|item| (item.span(), item))
                }
            };
            let Some((at, child)) = found else { break };
            (span, node) = (at, child);
        }
        span.position_in(text).map(|position| position.line)
    }
}

impl<'a> Live<'a> {
    /// A resource as an API server gave it.
    #[must_use]
    pub fn new(value: &'a Value) -> Live<'a> {
        Live { value }
    }

    /// The resource as plain data.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.value
    }
}

/// The value of a key; null where there is none, or no mapping.
pub(crate) fn at<'v>(value: &'v Value, key: &str) -> &'v Value {
    value.get(key).unwrap_or(&NULL)
}

/// The text of a key, empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    at(value, key).as_str().unwrap_or_default()
}
