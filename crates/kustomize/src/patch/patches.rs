//! An entry of `patches`, of which the text decides whether it is a strategic merge or a JSON patch.
//!
//! Follows `PatchTransformer` of kustomize api v0.21.1.

use super::JsonPatch;
use crate::error::{Error, Result};
use crate::resource::{Resource, ResourceMap, build_annotations, parse_resources};
use crate::schema::Schemas;
use crate::select::{CompiledSelector, Selector};
use crate::tree::json;

/// An entry of `patches`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    /// The file that holds the patch; empty where `patch` does.
    pub path: String,
    /// The patch itself; empty where a file holds it.
    pub patch: String,
    /// What is patched; without it each strategic merge patch names its resource itself.
    pub target: Option<Selector>,
    /// What the patch may change.
    pub options: PatchOptions,
}

/// What a strategic merge patch may change of a resource's identity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PatchOptions {
    /// Whether it may give another name.
    pub allow_name_change: bool,
    /// Whether it may give another kind.
    pub allow_kind_change: bool,
}

/// A patch that was read and understood.
#[derive(Debug, Clone)]
pub(crate) struct LoadedPatch {
    content: Content,
    source: String,
    target: Option<Selector>,
}

#[derive(Debug, Clone)]
enum Content {
    Strategic(Vec<Resource>),
    Json(JsonPatch),
}

impl LoadedPatch {
    /// Reads a patch. `config` is the entry as YAML, for messages.
    pub(crate) fn load(
        patch: &Patch,
        config: &str,
        read: &mut dyn FnMut(&str) -> Result<String>,
    ) -> Result<LoadedPatch> {
        let inline = patch.patch.trim();
        let (text, source) = match (inline.is_empty(), patch.path.is_empty()) {
            (true, true) => {
                return Err(Error::new(format!("must specify one of patch and path in\n{config}")));
            }
            (false, false) => {
                return Err(Error::new(format!("patch and path can't be set at the same time\n{config}")));
            }
            (false, true) => (inline.to_owned(), format!("[patch: {}]", crate::go::quote(inline))),
            (true, false) => {
                let text = read(&patch.path).map_err(|error| {
                    error.wrap(format!("failed to get the patch file from path({})", patch.path))
                })?;
                (text, format!("[path: {}]", crate::go::quote(&patch.path)))
            }
        };
        let strategic = parse_resources(&text);
        let json = JsonPatch::parse(&text);
        let content = match (strategic, json) {
            (Ok(strategic), Ok(json)) if !strategic.is_empty() && !json.is_empty() => {
                return Err(Error::new(format!(
                    "illegally qualifies as both an SM and JSON patch: {source}"
                )));
            }
            (Err(_), Err(_)) => {
                return Err(Error::new(format!("unable to parse SM or JSON patch from {source}")));
            }
            (Ok(strategic), _) => Content::Strategic(with_options(strategic, patch.options)?),
            (Err(_), Ok(json)) => Content::Json(json),
        };
        Ok(LoadedPatch { content, source, target: patch.target.clone() })
    }

    /// Applies the patch, and says to how many resources.
    pub(crate) fn apply(&self, resources: &mut ResourceMap, schemas: &Schemas) -> Result<usize> {
        match &self.content {
            Content::Strategic(patches) => self.apply_strategic(patches, resources, schemas),
            Content::Json(patch) => self.apply_json(patch, resources, schemas),
        }
    }

    fn apply_strategic(
        &self,
        patches: &[Resource],
        resources: &mut ResourceMap,
        schemas: &Schemas,
    ) -> Result<usize> {
        let Some(target) = &self.target else {
            for patch in patches {
                let id = patch.original_id(schemas);
                let position = resources.position_of(&id, schemas).map_err(|error| {
                    error.wrap(format!(
                        "no resource matches strategic merge patch {}",
                        crate::go::quote(&id.to_string())
                    ))
                })?;
                resources
                    .change(position, schemas, |resource| resource.apply_strategic_merge(patch, schemas))?;
            }
            return Ok(patches.len());
        };
        let [patch] = patches else {
            if patches.is_empty() {
                return Ok(0);
            }
            return Err(Error::new(format!(
                "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {}",
                self.source
            )));
        };
        let selected = CompiledSelector::new(target)
            .and_then(|selector| resources.select(&selector, schemas))
            .map_err(|error| {
                error.wrap(format!(
                    "unable to find patch target {} in `resources`",
                    crate::go::quote(&target.to_string())
                ))
            })?;
        apply_strategic_merge(patch, &selected, resources, schemas)?;
        Ok(selected.len())
    }

    fn apply_json(&self, patch: &JsonPatch, resources: &mut ResourceMap, schemas: &Schemas) -> Result<usize> {
        let Some(target) = &self.target else {
            return Err(Error::new(format!("must specify a target for JSON patch {}", self.source)));
        };
        let selected = resources.select(&CompiledSelector::new(target)?, schemas)?;
        for &position in &selected {
            resources.change(position, schemas, |resource| {
                resource.store_previous_id(schemas)?;
                apply_json_patch(patch, resource)
            })?;
        }
        Ok(selected.len())
    }
}

fn with_options(mut patches: Vec<Resource>, options: PatchOptions) -> Result<Vec<Resource>> {
    for patch in &mut patches {
        if options.allow_name_change {
            patch.set_annotation(build_annotations::ALLOW_NAME_CHANGE, build_annotations::ENABLED)?;
        }
        if options.allow_kind_change {
            patch.set_annotation(build_annotations::ALLOW_KIND_CHANGE, build_annotations::ENABLED)?;
        }
    }
    Ok(patches)
}

/// Merges a patch into the resources at these positions, whatever name the patch has.
pub(crate) fn apply_strategic_merge(
    patch: &Resource,
    positions: &[usize],
    resources: &mut ResourceMap,
    schemas: &Schemas,
) -> Result<()> {
    for &position in positions {
        resources.change(position, schemas, |resource| {
            let mut copy = patch.clone();
            copy.copy_metadata_from(patch)?;
            copy.set_api_version(resource.api_version())?;
            copy.set_kind(patch.kind())?;
            resource.apply_strategic_merge(&copy, schemas)
        })?;
    }
    resources.drop_empty();
    let may_rename = patch.is_enabled(build_annotations::ALLOW_NAME_CHANGE)
        || patch.is_enabled(build_annotations::ALLOW_KIND_CHANGE);
    if may_rename { resources.refuse_doubles(schemas) } else { Ok(()) }
}

/// Applies a JSON patch; annotations of the tools outlive it.
pub(crate) fn apply_json_patch(patch: &JsonPatch, resource: &mut Resource) -> Result<()> {
    let mut kept = resource.annotations();
    kept.retain(|key, _| build_annotations::is_internal(key));
    let mut value = resource.to_json()?;
    patch.apply(&mut value)?;
    if !value.is_object() && !value.is_null() {
        let kind = json::kind_name(&value);
        return Err(Error::new(format!(
            "json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        )));
    }
    resource.node = json::to_node(&value);
    resource.shared.clear();
    resource.source = None;
    let is_hashed = kept.contains_key(build_annotations::NEEDS_HASH);
    if is_hashed && Resource::hash_depends_on_places(resource.kind()) {
        // Those in the text that the patched data is printed as.
        resource.print_and_read(&value)?;
    }
    let mut annotations = resource.annotations();
    annotations.extend(kept);
    resource.set_annotations(&annotations)
}
