//! Simple documents into JSON values, without a tree in between.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Collection, GivenUp, Listener, listen};
use crate::budget::Budget;
use crate::dialect::Dialect;
use crate::node::{Style, Tag};
use crate::resolve;
use crate::span::Span;
use crate::value::{Numbers, scalar_key, scalar_value};

/// The value of a simple document; equal keys are left to the dialect's own rules where it has any.
pub(crate) fn read_value(
    source: &[u8],
    dialect: Dialect,
    budget: &Budget,
    numbers: Numbers,
) -> Result<Value, GivenUp> {
    let mut builder = ValueBuilder::new(dialect, numbers);
    listen(source, dialect, budget, &mut builder)?;
    builder.finish()
}

/// A collection that is not closed yet.
enum Open {
    Items(Vec<Value>),
    Entries(Map<String, Value>, Option<String>),
}

/// Makes a JSON value of what it hears. Who listens before it may leave entries out.
pub struct ValueBuilder {
    dialect: Dialect,
    numbers: Numbers,
    open: Vec<Open>,
    root: Option<Value>,
}

impl ValueBuilder {
    /// A builder that has heard nothing.
    #[must_use]
    pub fn new(dialect: Dialect, numbers: Numbers) -> ValueBuilder {
        ValueBuilder { dialect, numbers, open: Vec::new(), root: None }
    }

    /// The value of the document.
    ///
    /// # Errors
    /// [`GivenUp`] where there was none.
    pub fn finish(self) -> Result<Value, GivenUp> {
        self.root.ok_or(GivenUp)
    }

    fn add(&mut self, value: Value) -> Result<(), GivenUp> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::Items(items)) => items.push(value),
            Some(Open::Entries(entries, key)) => {
                let before = entries.insert(key.take().ok_or(GivenUp)?, value);
                if before.is_some() && self.dialect != Dialect::Helm {
                    return Err(GivenUp);
                }
            }
        }
        Ok(())
    }
}

impl Listener<'_> for ValueBuilder {
    fn scalar(&mut self, text: Cow<'_, str>, style: Style, _: Span) -> Result<(), GivenUp> {
        let tag = if style == Style::Plain { resolve::resolve(&text, self.dialect) } else { Tag::Str };
        if let Some(Open::Entries(_, key @ None)) = self.open.last_mut() {
            if tag == Tag::Null {
                return Err(GivenUp);
            }
            *key = Some(scalar_key(&text, tag, self.dialect).into_owned());
            return Ok(());
        }
        let value = match (tag, text) {
            (Tag::Str, Cow::Owned(text)) => Value::String(text),
            (tag, text) => scalar_value(&text, tag, self.dialect, self.numbers).map_err(|_| GivenUp)?,
        };
        self.add(value)
    }

    fn open(&mut self, collection: Collection, _: Style, _: u32) -> Result<(), GivenUp> {
        self.open.push(match collection {
            Collection::Sequence => Open::Items(Vec::new()),
            Collection::Mapping => Open::Entries(Map::new(), None),
        });
        Ok(())
    }

    fn close(&mut self, _: Option<u32>) -> Result<(), GivenUp> {
        let value = match self.open.pop().ok_or(GivenUp)? {
            Open::Items(items) => Value::Array(items),
            Open::Entries(entries, _) => Value::Object(entries),
        };
        self.add(value)
    }
}
