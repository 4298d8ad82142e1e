//! Which schema a build uses.
//!
//! kyaml keeps this in global variables: the root kustomization decides, else the first base that names a schema; and
//! where a kind that is not built in was asked for before a custom schema came, the built-in types stay beside it.

use std::cell::Cell;
use std::sync::Arc;

use serde_json::Value;

use super::builtin;
use super::custom::{read_document, read_inline};
use super::document::{SchemaDocument, SchemaRef};
use crate::error::{Error, Result};

const BUILT_IN_VERSION: &str = "v1.21.2";

/// The schema of one build.
#[derive(Debug, Default)]
pub struct Schemas {
    custom: Option<Arc<SchemaDocument>>,
    version_named: bool,
    builtin_asked: Cell<bool>,
}

impl Schemas {
    /// The built-in schema.
    #[must_use]
    pub fn new() -> Schemas {
        Schemas::default()
    }

    /// Takes the schema of a kustomization's `openapi` field, unless an earlier one named any.
    pub(crate) fn choose(&mut self, version: Option<&str>, document: Option<&Value>) -> Result<()> {
        if self.custom.is_some() || self.version_named {
            return Ok(());
        }
        if let Some(document) = document {
            if version.is_some() {
                return Err(Error::new("builtin version and custom schema provided, cannot use both"));
            }
            let kept = self.builtin_asked.get().then(|| builtin::TYPES.as_ref());
            self.custom = Some(Arc::new(read_document(document, kept)));
            return Ok(());
        }
        match version {
            None | Some("") => Ok(()),
            Some(BUILT_IN_VERSION) => {
                self.version_named = true;
                Ok(())
            }
            Some(_) => Err(Error::new("the specified OpenAPI version is not built in")),
        }
    }

    /// Whether a kind is known to have no namespace.
    #[must_use]
    pub fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        if let Some(namespaced) = builtin::SCOPES.get(api_version).and_then(|kinds| kinds.get(kind)) {
            return !namespaced;
        }
        match &self.custom {
            Some(custom) => custom.namespaced.get(&(api_version.to_owned(), kind.to_owned())) == Some(&false),
            None => {
                self.builtin_asked.set(true);
                false
            }
        }
    }

    /// The type that a schema describes which stands in a comment.
    pub(super) fn read_inline(&self, schema: &Value) -> SchemaRef {
        read_inline(schema, self.custom.as_ref().unwrap_or(&builtin::TYPES))
    }

    /// The type of a resource.
    #[must_use]
    pub fn of_resource(&self, api_version: &str, kind: &str) -> Option<SchemaRef> {
        let key = (api_version.to_owned(), kind.to_owned());
        let find = |document: &Arc<SchemaDocument>| {
            document.kinds.get(&key).map(|&index| SchemaRef::new(document, index))
        };
        match &self.custom {
            Some(custom) => find(custom),
            None => find(&builtin::TYPES),
        }
    }
}
