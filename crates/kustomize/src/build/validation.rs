//! Validators, which may change nothing: what one changed, in kustomize's words.
//!
//! Follows `ResMap.ErrorIfNotEqualSets` of kustomize api v0.21.1 `resmap/reswrangler.go`, which prints Go's structures; their
//! addresses in memory are `0x0` here.

use crate::error::{Error, Result};
use crate::resource::{Resource, ResourceMap};
use crate::schema::Schemas;

/// Refuses resources that differ from those before the validator ran.
pub(super) fn refuse_changes(before: &ResourceMap, after: &mut ResourceMap, schemas: &Schemas) -> Result<()> {
    let (one, other) = (before.resources(), after.resources().len());
    if one.len() != other {
        let (one, other) = (addresses(one.len()), addresses(other));
        return Err(Error::new(format!(
            "lists have different number of entries: {one} doesn't equal {other}"
        )));
    }
    for resource in one {
        let id = resource.current_id(schemas);
        let found = after.find(&id.name, schemas, |candidate| id.same_resource(candidate));
        let position = match found.as_slice() {
            [] => return Err(Error::new(format!("id in self missing from other; id: {id}"))),
            [position] => *position,
            several => {
                let count = several.len();
                return Err(Error::new(format!("id in self matches {count} in other; id: {id}")));
            }
        };
        let Some(other) = after.resources().get(position) else { continue };
        if resource.node() != other.node() {
            return Err(Error::new(format!(
                "nodes unequal: \n -- {},\n -- {}\n\n--\n{}\n------\n{}\n",
                resource.to_json_text(),
                other.to_json_text(),
                structure(resource),
                structure(other)
            )));
        }
    }
    Ok(())
}

fn addresses(count: usize) -> String {
    format!("[]*resource.Resource{{{}}}", vec!["(*resource.Resource)(0x0)"; count].join(", "))
}

fn structure(resource: &Resource) -> String {
    let names: Vec<String> = resource.variable_names.iter().map(|name| crate::go::quote(name)).collect();
    let names = if names.is_empty() { "(nil)".to_owned() } else { format!("{{{}}}", names.join(", ")) };
    format!(
        "&resource.Resource{{RNode:yaml.RNode{{fieldPath:[]string(nil), value:(*yaml.Node)(0x0), ShouldKeep:false, \
         Match:[]string(nil)}}, refVarNames:[]string{names}}}"
    )
}
