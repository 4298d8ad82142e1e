//! Which resource it is: API group, kind, namespace and name, without the version.

use std::fmt;

/// The identity of a Kubernetes resource within a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// API group; empty for the core group.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Namespace; `None` for what lies in the cluster itself.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl fmt::Display for ResourceId {
    /// `Deployment.apps langfuse/web`, `Namespace dev`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.kind)?;
        if !self.group.is_empty() {
            write!(formatter, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(formatter, " {namespace}/{}", self.name),
            None => write!(formatter, " {}", self.name),
        }
    }
}

/// The group and version in an `apiVersion`; the core group is empty.
#[must_use]
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_shown_with_group_and_namespace_where_they_have_them() {
        let (group, version) = split_api_version("apps/v1");
        assert_eq!((group, version, split_api_version("v1")), ("apps", "v1", ("", "v1")));
        let id = |group: &str, kind: &str, namespace: Option<&str>| ResourceId {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: "x".to_owned(),
        };
        assert_eq!(id("apps", "Deployment", Some("a")).to_string(), "Deployment.apps a/x");
        assert_eq!(id("", "Namespace", None).to_string(), "Namespace x");
    }
}
