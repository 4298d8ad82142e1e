//! `namespace`.
//!
//! Follows `filters/namespace` and `NamespaceTransformer` of kustomize api v0.21.1: everything that is not certainly
//! cluster-scoped gets the namespace, also custom resources that have none.

use std::collections::HashMap;

use plimsoll_yaml::{Node, Tag};

use super::field_filter::{Creation, visit_field, visit_fields};
use crate::config::FieldSpec;
use crate::error::{Error, Result};
use crate::identity::{Gvk, ResourceId};
use crate::resource::{ResourceMap, build_annotations, comparable};
use crate::schema::Schemas;
use crate::tree::fields::{self, NodeKind};
use crate::tree::paths;
use crate::tree::scalar::{raw_text, value_text};

/// Which subjects of role bindings get the namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RoleBindingSubjects {
    /// Those named `default`.
    #[default]
    Default,
    /// All service accounts.
    AllServiceAccounts,
    /// None.
    Nobody,
}

/// The settings of a namespace transformer.
#[derive(Debug, Clone, Default)]
pub(crate) struct NamespaceTransform {
    pub(crate) namespace: String,
    pub(crate) specs: Vec<FieldSpec>,
    pub(crate) unset_only: bool,
    pub(crate) subjects: RoleBindingSubjects,
}

/// Sets the namespace of all resources but those of charts.
pub(crate) fn set_namespace(
    resources: &mut ResourceMap,
    transform: &NamespaceTransform,
    schemas: &Schemas,
) -> Result<()> {
    if transform.namespace.is_empty() {
        return Ok(());
    }
    let list = resources.resources_mut();
    let mut counts: HashMap<ResourceId, usize> = HashMap::new();
    for resource in list.iter() {
        *counts.entry(comparable(&resource.current_id(schemas))).or_default() += 1;
    }
    for position in 0..list.len() {
        let Some(resource) = list.get_mut(position) else { break };
        if resource.is_empty() || resource.annotation(build_annotations::HELM_GENERATED) == Some("true") {
            continue;
        }
        let before = comparable(&resource.current_id(schemas));
        resource.store_previous_id(schemas)?;
        let gvk = resource.gvk(schemas);
        resource.change(|node| transform.apply(node, &gvk))?;
        let after = comparable(&resource.current_id(schemas));
        if let Some(count) = counts.get_mut(&before) {
            *count -= 1;
        }
        let count = counts.entry(after.clone()).or_default();
        *count += 1;
        if *count != 1 {
            let same = list.iter().filter(|resource| comparable(&resource.current_id(schemas)) == after);
            let texts: Vec<String> = same.map(|resource| resource.to_json_text()).collect();
            return Err(Error::new(format!(
                "namespace transformation produces ID conflict: {}",
                crate::go::list(&texts)
            )));
        }
    }
    Ok(())
}

impl NamespaceTransform {
    /// Sets the namespace of one tree.
    pub(crate) fn apply(&self, root: &mut Node, gvk: &Gvk) -> Result<()> {
        if !gvk.cluster_scoped {
            let spec = FieldSpec::anywhere("metadata/namespace");
            visit_field(root, &spec, Some(Creation::UNTAGGED), &mut |node| self.set(node))?;
        }
        let is_role_binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if is_role_binding {
            self.set_subjects(root)?;
        }
        let api_version = root.get("apiVersion").map(raw_text).unwrap_or_default().to_owned();
        let applies = |spec: &&FieldSpec| {
            let of_binding = matches!(spec.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
                && spec.path == "subjects/namespace";
            spec.path != "metadata/namespace"
                && (api_version == "v1" || spec.path != "metadata/name")
                && !(is_role_binding && of_binding)
        };
        let specs: Vec<FieldSpec> = self.specs.iter().filter(applies).cloned().collect();
        visit_fields(root, &specs, Some(Creation::STRING), &mut |node| self.set(node)).map_err(|error| {
            let prefix = if error.message().contains("wrong node kind: expected ScalarNode") {
                "namespace field specs must target scalar nodes"
            } else {
                "namespace transformation failed"
            };
            error.wrap(prefix)
        })
    }

    fn set(&self, node: &mut Node) -> Result<()> {
        if self.unset_only
            && !fields::is_nil_or_empty(node)
            && node.is_scalar()
            && !value_text(node).is_empty()
        {
            return Ok(());
        }
        fields::set_scalar(node, Node::scalar(self.namespace.as_str(), Tag::Str))
    }

    fn set_subjects(&self, root: &mut Node) -> Result<()> {
        let (key, wanted) = match self.subjects {
            RoleBindingSubjects::Nobody => return Ok(()),
            RoleBindingSubjects::Default => ("name", "default"),
            RoleBindingSubjects::AllServiceAccounts => ("kind", "ServiceAccount"),
        };
        let Some(subjects) = fields::get_mut(root, "subjects")?.filter(|subjects| !subjects.is_null()) else {
            return Ok(());
        };
        let outer = |error: Error| error.wrap("setting namespace on (cluster)role binding subjects");
        fields::expect_kind(subjects, NodeKind::Sequence).map_err(outer)?;
        for subject in subjects.items_mut().into_iter().flatten() {
            let inner = |error: Error| {
                outer(error.wrap(format!("looking up {key} on (cluster)role binding subject")))
            };
            let found = fields::get(subject, key).map_err(inner)?;
            if found.is_none_or(|found| value_text(found) != wanted) {
                continue;
            }
            if let Some(field) =
                paths::lookup_or_create(subject, &["namespace"], NodeKind::Scalar).map_err(outer)?
            {
                self.set(field).map_err(outer)?;
            }
        }
        Ok(())
    }
}
