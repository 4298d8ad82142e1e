//! What tells resources apart: group, version and kind, name and namespace, as kustomize compares and prints them.
//!
//! Two rules of kyaml v0.21.1 (`resid`) matter everywhere: no namespace means `default` unless the kind is certainly
//! cluster-scoped, and an id that was stored as a previous one no longer knows that its kind is cluster-scoped.

use compact_str::CompactString;

/// The namespace under which previous ids of cluster-scoped resources are kept.
pub(crate) const NOT_A_NAMESPACE: &str = "_non_namespaceable_";
const DEFAULT_NAMESPACE: &str = "default";

/// Group, version and kind; an empty part stands for any in a selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Gvk {
    /// The API group; empty for the core group.
    pub group: CompactString,
    /// The API version.
    pub version: CompactString,
    /// The kind.
    pub kind: CompactString,
    /// Whether the schema says that the kind has no namespace.
    pub cluster_scoped: bool,
}

/// A group, version and kind with name and namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ResourceId {
    /// Group, version and kind.
    pub gvk: Gvk,
    /// The name.
    pub name: CompactString,
    /// The namespace as written; empty where none is.
    pub namespace: CompactString,
}

/// Group and version of an `apiVersion`.
#[must_use]
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

impl Gvk {
    /// A group, version and kind whose scope is not known.
    #[must_use]
    pub fn new(group: &str, version: &str, kind: &str) -> Gvk {
        Gvk { group: group.into(), version: version.into(), kind: kind.into(), cluster_scoped: false }
    }

    /// Group and version as `apiVersion` has them.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Whether group, version and kind are the same.
    #[must_use]
    pub fn same_type(&self, other: &Gvk) -> bool {
        self.group == other.group && self.version == other.version && self.kind == other.kind
    }

    /// Whether every part that the selector names is the same.
    #[must_use]
    pub fn is_selected_by(&self, selector: &Gvk) -> bool {
        (selector.group.is_empty() || selector.group == self.group)
            && (selector.version.is_empty() || selector.version == self.version)
            && (selector.kind.is_empty() || selector.kind == self.kind)
    }

    /// Lower-case file names of `--output` are made of this.
    #[must_use]
    pub fn join_parts(&self) -> String {
        let parts: Vec<&str> = [&self.group, &self.version, &self.kind]
            .into_iter()
            .map(CompactString::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join("_")
    }
}

impl std::fmt::Display for Gvk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}.{}.{}",
            or(&self.kind, "[noKind]"),
            or(&self.version, "[noVer]"),
            or(&self.group, "[noGrp]")
        )
    }
}

impl ResourceId {
    /// The namespace that counts in comparisons.
    #[must_use]
    pub fn effective_namespace(&self) -> &str {
        if self.gvk.cluster_scoped {
            NOT_A_NAMESPACE
        } else if self.namespace.is_empty() {
            DEFAULT_NAMESPACE
        } else {
            &self.namespace
        }
    }

    /// Whether both are in one namespace.
    #[must_use]
    pub fn same_namespace(&self, other: &ResourceId) -> bool {
        self.effective_namespace() == other.effective_namespace()
    }

    /// Whether both are of one type and name, whatever the namespaces.
    #[must_use]
    pub fn same_type_and_name(&self, other: &ResourceId) -> bool {
        self.name == other.name && self.gvk.same_type(&other.gvk)
    }

    /// Whether both mean one resource.
    #[must_use]
    pub fn same_resource(&self, other: &ResourceId) -> bool {
        self.same_type_and_name(other) && self.same_namespace(other)
    }

    /// Whether every part that the selector names is the same.
    #[must_use]
    pub fn is_selected_by(&self, selector: &ResourceId) -> bool {
        (selector.name.is_empty() || selector.name == self.name)
            && (selector.namespace.is_empty() || selector.same_namespace(self))
            && self.gvk.is_selected_by(&selector.gvk)
    }

    /// The id as Go's `%#v` prints it, which some of kustomize's errors do.
    #[must_use]
    pub fn go_syntax(&self) -> String {
        format!(
            "resid.ResId{{Gvk:resid.Gvk{{Group:{:?}, Version:{:?}, Kind:{:?}, isClusterScoped:{}}}, Name:{:?}, Namespace:{:?}}}",
            self.gvk.group,
            self.gvk.version,
            self.gvk.kind,
            self.gvk.cluster_scoped,
            self.name,
            self.namespace
        )
    }
}

impl std::fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}.{}", self.gvk, or(&self.name, "[noName]"), or(&self.namespace, "[noNs]"))
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}
