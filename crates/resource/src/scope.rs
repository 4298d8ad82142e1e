//! Whether a kind's resources lie in namespaces: built-in facts, and what definitions in the tree say.
//!
//! Kubernetes' own kinds as of 1.36, Crossplane's as of 2.3 and Flux's as of 2.8 are rows of `data/scopes.tsv`; a row may give
//! a whole group, or all groups below a suffix (`*.m.upbound.io`), with `*` for the kind. Definitions, and what a user
//! declares, come before the rows.

use std::collections::HashMap;

use plimsoll_yaml::Node;

use crate::resource_id::split_api_version;

const BUILT_IN: &str = include_str!("data/scopes.tsv");

/// Where the resources of a kind lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In namespaces.
    Namespaced,
    /// In the cluster itself.
    Cluster,
}

/// What is known about the scope of kinds.
#[derive(Debug, Clone)]
pub struct Scopes {
    declared: HashMap<(String, String), Scope>,
    built_in: HashMap<(&'static str, &'static str), Scope>,
}

impl Default for Scopes {
    fn default() -> Scopes {
        Scopes::built_in()
    }
}

impl Scopes {
    /// The built-in facts alone.
    #[must_use]
    pub fn built_in() -> Scopes {
        let built_in = BUILT_IN
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut columns = line.split('\t');
                let (group, kind) = (columns.next()?, columns.next()?);
                Some(((group, kind), parse(columns.next()?)?))
            })
            .collect();
        Scopes { declared: HashMap::new(), built_in }
    }

    /// Says where a kind's resources lie.
    pub fn declare(&mut self, group: &str, kind: &str, scope: Scope) {
        self.declared.insert((group.to_owned(), kind.to_owned()), scope);
    }

    /// Takes from a CustomResourceDefinition or a CompositeResourceDefinition what it says; other resources say nothing.
    pub fn learn_from(&mut self, resource: &Node) {
        let text = |path: &[&str]| resource.at(path).and_then(Node::as_str);
        let api_version = text(&["apiVersion"]).unwrap_or_default();
        let (group, version) = split_api_version(api_version);
        let (Some(defined), Some(kind)) = (text(&["spec", "group"]), text(&["spec", "names", "kind"])) else {
            return;
        };
        match (group, text(&["kind"])) {
            ("apiextensions.k8s.io", Some("CustomResourceDefinition")) => {
                if let Some(scope) = text(&["spec", "scope"]).and_then(parse) {
                    self.declare(defined, kind, scope);
                }
            }
            ("apiextensions.crossplane.io", Some("CompositeResourceDefinition")) => {
                // Version 1 knows only composites of the cluster, version 2 defaults to namespaces.
                let default = if version == "v1" { Scope::Cluster } else { Scope::Namespaced };
                let scope = match text(&["spec", "scope"]) {
                    Some("Namespaced") => Scope::Namespaced,
                    Some("Cluster" | "LegacyCluster") => Scope::Cluster,
                    _ => default,
                };
                self.declare(defined, kind, scope);
                if let Some(claim) = text(&["spec", "claimNames", "kind"]) {
                    self.declare(defined, claim, Scope::Namespaced);
                }
            }
            _ => {}
        }
    }

    /// The scope of a kind, where it is known.
    #[must_use]
    pub fn of(&self, group: &str, kind: &str) -> Option<Scope> {
        if let Some(scope) = self.declared.get(&(group.to_owned(), kind.to_owned())) {
            return Some(*scope);
        }
        let mut candidates = vec![group.to_owned()];
        let labels: Vec<&str> = group.split('.').collect();
        candidates.extend((1..labels.len()).map(|first| format!("*.{}", labels[first..].join("."))));
        candidates.iter().find_map(|group| {
            self.built_in
                .get(&(group.as_str(), kind))
                .or_else(|| self.built_in.get(&(group.as_str(), "*")))
                .copied()
        })
    }
}

fn parse(scope: &str) -> Option<Scope> {
    match scope {
        "Namespaced" => Some(Scope::Namespaced),
        "Cluster" => Some(Scope::Cluster),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_kinds_and_families_are_known() {
        let scopes = Scopes::built_in();
        for (group, kind, expected) in [
            ("", "Namespace", Some(Scope::Cluster)),
            ("apps", "Deployment", Some(Scope::Namespaced)),
            ("rbac.authorization.k8s.io", "ClusterRole", Some(Scope::Cluster)),
            ("ec2.aws.m.upbound.io", "VPC", Some(Scope::Namespaced)),
            ("aws.m.upbound.io", "ClusterProviderConfig", Some(Scope::Cluster)),
            ("ec2.aws.upbound.io", "VPC", Some(Scope::Cluster)),
            ("external-secrets.io", "ExternalSecret", None),
        ] {
            assert_eq!(scopes.of(group, kind), expected, "{kind}.{group}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = BUILT_IN.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(Scopes::built_in().built_in.len(), rows);
    }
}
