//! `replicas`.

use plimsoll_yaml::{Node, Tag};

use super::field_filter::{Creation, visit_field};
use crate::config::FieldSpec;
use crate::error::{Error, Result};
use crate::resource::ResourceMap;
use crate::schema::Schemas;
use crate::tree::fields;

/// How many replicas the resources of a name get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Replica {
    pub(crate) name: String,
    pub(crate) count: i64,
}

/// Sets the replicas of the resources that have or had the name; that there is none is an error.
pub(crate) fn set_replicas(
    resources: &mut ResourceMap,
    replica: &Replica,
    specs: &[FieldSpec],
    schemas: &Schemas,
) -> Result<()> {
    let mut found = false;
    for spec in specs {
        let positions = resources
            .find(&replica.name, schemas, |id| id.name == replica.name && id.gvk.is_selected_by(&spec.gvk));
        found |= !positions.is_empty();
        for position in positions {
            resources
                .change(position, schemas, |resource| resource.change(|node| replica.set(node, spec)))?;
        }
    }
    if found {
        return Ok(());
    }
    let types: Vec<String> = specs.iter().map(|spec| spec.gvk.to_string()).collect();
    Err(Error::new(format!(
        "resource with name {} does not match a config with the following GVK {}",
        replica.name,
        crate::go::list(&types)
    )))
}

impl Replica {
    /// Sets the count in one tree.
    pub(crate) fn set(&self, root: &mut Node, spec: &FieldSpec) -> Result<()> {
        let count = Node::scalar(self.count.to_string(), Tag::Int);
        visit_field(root, spec, Some(Creation::INTEGER), &mut |field| {
            fields::set_scalar(field, count.clone())
        })
    }
}
