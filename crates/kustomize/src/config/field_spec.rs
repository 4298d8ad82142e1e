//! A field by its path, in the resources of a type.

use std::cmp::Ordering;

use crate::error::{Error, Result};
use crate::identity::Gvk;
use crate::tree::paths;

/// A field of the resources that a type selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    pub(crate) gvk: Gvk,
    pub(crate) path: String,
    /// Whether the field is made where it is missing.
    pub(crate) create: bool,
    parts: Vec<String>,
}

/// Fields in the order in which they are tried.
pub(crate) type FieldSpecs = Vec<FieldSpec>;

impl FieldSpec {
    /// A field, in resources of a type; an empty part of the type stands for any.
    pub(crate) fn new(gvk: Gvk, path: &str, create: bool) -> FieldSpec {
        FieldSpec { gvk, path: path.to_owned(), create, parts: paths::split(path, '/') }
    }

    /// A field in all resources, made where it is missing.
    pub(crate) fn anywhere(path: &str) -> FieldSpec {
        FieldSpec::new(Gvk::default(), path, true)
    }

    /// The parts of the path.
    pub(crate) fn parts(&self) -> &[String] {
        &self.parts
    }

    /// Whether a resource of this type has the field.
    pub(crate) fn selects(&self, api_version: &str, kind: &str) -> bool {
        if !self.gvk.kind.is_empty() && self.gvk.kind != kind {
            return false;
        }
        let (group, version) = crate::identity::split_api_version(api_version);
        (self.gvk.group.is_empty() || self.gvk.group == group)
            && (self.gvk.version.is_empty() || self.gvk.version == version)
    }
}

/// Adds a field unless one that means the same is there.
pub(crate) fn merge_one(specs: &mut FieldSpecs, added: FieldSpec) -> Result<()> {
    match specs.iter().find(|spec| spec.gvk.is_selected_by(&added.gvk) && spec.path == added.path) {
        Some(spec) if spec.create != added.create => Err(Error::new("conflicting fieldspecs")),
        Some(_) => Ok(()),
        None => {
            specs.push(added);
            Ok(())
        }
    }
}

/// Adds fields, each unless one that means the same is there.
pub(crate) fn merge_all(specs: &mut FieldSpecs, added: &[FieldSpec]) -> Result<()> {
    added.iter().try_for_each(|spec| merge_one(specs, spec.clone()))
}

const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// The kinds that the legacy order puts first and last.
pub(crate) fn default_kind_order() -> (Vec<String>, Vec<String>) {
    let owned = |kinds: &[&str]| kinds.iter().map(|&kind| kind.to_owned()).collect();
    (owned(FIRST), owned(LAST))
}

/// Where a kind stands among the given ones: negative for the first, zero for all others.
pub(crate) fn kind_rank(kind: &str, first: &[String], last: &[String]) -> i64 {
    let rank = |index: usize| i64::try_from(index).unwrap_or(i64::MAX);
    // Of a kind that is listed twice the later entry counts, and the last list over the first.
    if let Some(index) = last.iter().rposition(|listed| listed == kind) {
        return rank(index) + 1;
    }
    first.iter().rposition(|listed| listed == kind).map_or(0, |index| rank(index) - rank(first.len()))
}

/// The order of types in configurations.
pub(crate) fn compare_types(one: &Gvk, other: &Gvk) -> Ordering {
    static ORDER: std::sync::LazyLock<(Vec<String>, Vec<String>)> =
        std::sync::LazyLock::new(default_kind_order);
    let (first, last) = &*ORDER;
    kind_rank(&one.kind, first, last)
        .cmp(&kind_rank(&other.kind, first, last))
        .then_with(|| sort_text(one).cmp(&sort_text(other)))
}

/// A type as text whose order is that of the legacy sort.
pub(crate) fn sort_text(gvk: &Gvk) -> String {
    let or =
        |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    format!("{}_{}_{}", or(&gvk.group, "~G"), or(&gvk.version, "~V"), or(&gvk.kind, "~K"))
}
