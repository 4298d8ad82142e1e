//! A resource: its tree, its identity, and where it came from.

use std::fmt;

use plimsoll_yaml::Node;

use crate::resource_id::{ResourceId, split_api_version};

/// Where a resource came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file, from the repository's root.
    pub file: String,
    /// The line of the resource's first key, from 1; 0 where the file is a template that does not tell.
    pub line: u32,
}

/// A Kubernetes resource on its way to a file.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its identity. The namespace is the one that is written in it.
    pub id: ResourceId,
    /// Its tree.
    pub node: Node,
    /// Where it came from.
    pub origin: Origin,
}

/// Why a document is no resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotAResource {
    /// It is no mapping.
    NoMapping,
    /// `apiVersion` is missing or no string.
    ApiVersion,
    /// `kind` is missing or no string.
    Kind,
    /// `metadata.name` is missing or no string.
    Name,
    /// It has `metadata.generateName` instead of a name: a random one.
    GeneratedName,
    /// `metadata.namespace` is no string.
    Namespace,
}

impl fmt::Display for NotAResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            NotAResource::NoMapping => "the document is no object",
            NotAResource::ApiVersion => "`apiVersion` is missing or no string",
            NotAResource::Kind => "`kind` is missing or no string",
            NotAResource::Name => "`metadata.name` is missing or no string",
            NotAResource::GeneratedName => "`metadata.generateName` makes a random name",
            NotAResource::Namespace => "`metadata.namespace` is no string",
        })
    }
}

impl std::error::Error for NotAResource {}

impl Resource {
    /// The resource that a document is.
    pub fn from_node(node: Node, origin: Origin) -> Result<Resource, NotAResource> {
        let id = identify(&node)?;
        Ok(Resource { id, node, origin })
    }

    /// The version in `apiVersion`.
    #[must_use]
    pub fn version(&self) -> &str {
        let api_version = self.node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        split_api_version(api_version).1
    }

    /// Puts the resource into a namespace.
    pub fn set_namespace(&mut self, namespace: &str) {
        if let Some(metadata) = self.node.get_mut("metadata") {
            metadata.insert("namespace", Node::string(namespace));
        }
        self.id.namespace = Some(namespace.to_owned());
    }
}

/// The identity that a document's fields give it.
pub fn identify(node: &Node) -> Result<ResourceId, NotAResource> {
    if !node.is_mapping() {
        return Err(NotAResource::NoMapping);
    }
    let text =
        |node: Option<&Node>| node.and_then(Node::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let api_version = text(node.get("apiVersion")).ok_or(NotAResource::ApiVersion)?;
    let kind = text(node.get("kind")).ok_or(NotAResource::Kind)?;
    let Some(name) = text(node.at(&["metadata", "name"])) else {
        let is_generated = node.at(&["metadata", "generateName"]).is_some();
        return Err(if is_generated { NotAResource::GeneratedName } else { NotAResource::Name });
    };
    let namespace = match node.at(&["metadata", "namespace"]) {
        None => None,
        Some(namespace) if namespace.is_null() => None,
        Some(namespace) => {
            let written = namespace.as_str().ok_or(NotAResource::Namespace)?;
            (!written.is_empty()).then(|| written.to_owned())
        }
    };
    Ok(ResourceId { group: split_api_version(&api_version).0.to_owned(), kind, namespace, name })
}
