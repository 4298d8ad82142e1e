//! A set of types that refer to each other.

use std::collections::HashMap;
use std::sync::Arc;

/// The index of a type in its document.
pub(super) type TypeIndex = usize;

/// `apiVersion` and `kind`.
pub(super) type Kind = (String, String);

/// The types of one schema, and which kinds they describe.
#[derive(Debug, Default, Clone)]
pub(super) struct SchemaDocument {
    pub(super) types: Vec<Type>,
    /// The built-in types, by the short names of the data files.
    pub(super) names: HashMap<String, TypeIndex>,
    /// The types of a custom document, by the names of its definitions.
    pub(super) definitions: HashMap<String, TypeIndex>,
    pub(super) kinds: HashMap<Kind, TypeIndex>,
    pub(super) namespaced: HashMap<Kind, bool>,
}

/// The parts of a type that a strategic merge asks for.
#[derive(Debug, Default, Clone)]
pub(super) struct Type {
    pub(super) fields: HashMap<String, TypeIndex>,
    /// The type of every field that is not listed.
    pub(super) any_field: Option<TypeIndex>,
    /// The type of the items, of a list.
    pub(super) items: Option<TypeIndex>,
    /// The patch strategy, as the schema spells it: empty, or words joined by commas.
    pub(super) strategy: String,
    /// The keys that tell items apart; none for a list of scalars that is merged as a set.
    pub(super) keys: Vec<String>,
}

impl SchemaDocument {
    pub(super) fn add_type(&mut self, added: Type) -> TypeIndex {
        self.types.push(added);
        self.types.len() - 1
    }
}

/// A type within its document: what a strategic merge asks of a resource or of a part of one.
#[derive(Debug, Clone)]
pub struct SchemaRef {
    document: Arc<SchemaDocument>,
    index: TypeIndex,
}

impl SchemaRef {
    /// A type of a document.
    pub(super) fn new(document: &Arc<SchemaDocument>, index: TypeIndex) -> SchemaRef {
        SchemaRef { document: Arc::clone(document), index }
    }

    /// The type of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<SchemaRef> {
        let found = self.found()?;
        let index = found.fields.get(name).copied().or(found.any_field)?;
        Some(SchemaRef::new(&self.document, index))
    }

    /// The type of a list's items.
    #[must_use]
    pub fn elements(&self) -> Option<SchemaRef> {
        Some(SchemaRef::new(&self.document, self.found()?.items?))
    }

    /// Whether a strategic merge joins the items of this list instead of taking the patch's list.
    pub(crate) fn is_merged_list(&self) -> bool {
        self.found().is_some_and(|found| found.strategy.split(',').any(|word| word == "merge"))
    }

    /// The keys by which items are joined; `None` where the schema has no patch strategy at all.
    #[must_use]
    pub fn merge_keys(&self) -> Option<&[String]> {
        let found = self.found()?;
        (!found.strategy.is_empty()).then_some(found.keys.as_slice())
    }

    fn found(&self) -> Option<&Type> {
        self.document.types.get(self.index)
    }
}
