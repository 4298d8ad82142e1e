//! Puts what a generator made among the resources: `behavior` create, replace or merge.
//!
//! Follows `ResMap.AbsorbAll` of kustomize api v0.21.1 `resmap/reswrangler.go`.

use crate::error::{Error, Result};
use crate::resource::{Resource, ResourceMap, build_annotations};
use crate::schema::Schemas;

/// Adds a generated resource, or puts it over the one that it replaces or extends.
pub(super) fn absorb(resources: &mut ResourceMap, mut made: Resource, schemas: &Schemas) -> Result<()> {
    let id = made.current_id(schemas);
    let behavior = made.annotation(build_annotations::GENERATOR_BEHAVIOR).unwrap_or("unspecified").to_owned();
    let found = resources.find(&id.name, schemas, |other| id.same_resource(other));
    let position = match found.as_slice() {
        [] if matches!(behavior.as_str(), "merge" | "replace") => {
            return Err(Error::new(format!("id {} does not exist; cannot merge or replace", id.go_syntax())));
        }
        [] => return resources.append(made, schemas),
        [position] => *position,
        several => {
            let texts: Vec<String> = several
                .iter()
                .filter_map(|&position| resources.resources().get(position))
                .map(Resource::to_json_text)
                .collect();
            let texts = crate::go::list(&texts);
            return Err(Error::new(format!(
                "found multiple objects {texts} that could accept merge of {id}"
            )));
        }
    };
    let Some(old) = resources.resources().get(position) else { return Ok(()) };
    match behavior.as_str() {
        "replace" => made.copy_metadata_from(old)?,
        "merge" => {
            let origin = old.annotation(build_annotations::ORIGIN).map(str::to_owned);
            made.copy_metadata_from(old)?;
            made.merge_data_from(old)?;
            if let Some(origin) = origin {
                made.set_annotation(build_annotations::ORIGIN, &origin)?;
            }
        }
        other => {
            return Err(Error::new(format!(
                "id {} exists; can not use behavior: '{other}', behavior must be merge or replace",
                id.go_syntax()
            )));
        }
    }
    resources.replace(position, made);
    Ok(())
}
