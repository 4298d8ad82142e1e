//! `replacements`: the value of one field copied into others.
//!
//! Follows `filters/replacement` of kustomize api v0.21.1. A target keeps its own type and quotes; what stands behind the
//! path of a text is looked for in the YAML or JSON that the text holds.

use plimsoll_yaml::Node;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::identity::{Gvk, ResourceId, split_api_version};
use crate::resource::{Resource, ResourceMap};
use crate::schema::Schemas;
use crate::select::{CompiledSelector, Selector};
use crate::tree::fields::{self, NodeKind};
use crate::tree::path_matcher::{self, Match};
use crate::tree::paths;
use crate::tree::scalar::{self, raw_text, value_text};
use crate::tree::{json, shared, text};

/// An entry of `replacements`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Replacement {
    pub(crate) source: Option<ReplacementSource>,
    pub(crate) source_value: Option<String>,
    pub(crate) targets: Option<Vec<ReplacementTarget>>,
}

/// The field that is copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReplacementSource {
    pub(crate) id: ResourceId,
    pub(crate) field_path: String,
    pub(crate) options: Option<FieldOptions>,
}

/// The fields that are overwritten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReplacementTarget {
    pub(crate) select: Option<Selector>,
    pub(crate) reject: Vec<Selector>,
    pub(crate) field_paths: Vec<String>,
    pub(crate) options: Option<FieldOptions>,
}

/// Which part of a field is meant, and whether the field is made where it is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldOptions {
    pub(crate) delimiter: String,
    pub(crate) index: i64,
    pub(crate) encoding: String,
    pub(crate) create: bool,
}

const DEFAULT_PATH: &str = "metadata.name";

/// Makes one replacement.
pub(crate) fn apply_replacement(
    resources: &mut ResourceMap,
    replacement: &Replacement,
    schemas: &Schemas,
) -> Result<()> {
    let has_source = replacement.source.is_some() || replacement.source_value.is_some();
    let Some(targets) = replacement.targets.as_ref().filter(|_| has_source) else {
        return Err(Error::new("replacements must specify a source and at least one target"));
    };
    let value = replacement.value(resources, schemas)?;
    targets.iter().try_for_each(|target| target.apply(resources, &value, schemas))
}

impl Replacement {
    fn value(&self, resources: &mut ResourceMap, schemas: &Schemas) -> Result<Node> {
        match (&self.source, &self.source_value) {
            (Some(_), Some(_)) => Err(Error::new("value and resource selectors are mutually exclusive")),
            (None, Some(value)) => Ok(scalar::untagged(value)),
            (Some(source), None) => source.value(resources, schemas),
            (None, None) => Err(Error::new("replacements must specify a source and at least one target")),
        }
    }
}

impl ReplacementSource {
    fn value(&self, resources: &mut ResourceMap, schemas: &Schemas) -> Result<Node> {
        let position = self.find(resources, schemas)?;
        let path = if self.field_path.is_empty() { DEFAULT_PATH } else { &self.field_path };
        let resource = resources.resources().get(position).map(Resource::node);
        let Some(root) = resource else { return Err(Error::new(format!("nothing selected by {self}"))) };
        let found = paths::lookup(root, &paths::split_bracketed(path, '.'))
            .map_err(|error| error.wrap("error looking up replacement source"))?;
        let Some(value) = found.filter(|value| !fields::is_nil_or_empty(value)) else {
            return Err(Error::new(format!(
                "fieldPath `{path}` is missing for replacement source {}",
                self.id
            )));
        };
        let mut value = shared::copy_of(value);
        let Some(options) = self.options.as_ref().filter(|options| !options.delimiter.is_empty()) else {
            return Ok(value);
        };
        if !value.is_scalar() {
            return Err(Error::new("delimiter option can only be used with scalar nodes"));
        }
        let whole = value_text(&value).to_owned();
        let part = usize::try_from(options.index)
            .ok()
            .and_then(|index| whole.split(options.delimiter.as_str()).nth(index));
        let Some(part) = part else {
            return Err(Error::new(format!(
                "options.index {} is out of bounds for value {whole}",
                options.index
            )));
        };
        let tag = value.tag();
        value.set_scalar(part, tag);
        Ok(value)
    }

    fn find(&self, resources: &mut ResourceMap, schemas: &Schemas) -> Result<usize> {
        // Here ids do not know scopes, so that a cluster-scoped resource is in no namespace or the one it names.
        let fits = |id: &ResourceId| {
            let mut id = id.clone();
            id.gvk.cluster_scoped = false;
            id.is_selected_by(&self.id)
        };
        let found = if self.id.name.is_empty() {
            let any = |resource: &Resource| {
                fits(&resource.current_id(schemas)) || resource.previous_ids().iter().any(fits)
            };
            let all = resources.resources().iter().enumerate();
            all.filter(|(_, resource)| any(resource)).map(|(position, _)| position).take(2).collect()
        } else {
            resources.find(&self.id.name, schemas, fits)
        };
        match found.as_slice() {
            [position] => Ok(*position),
            [] => Err(Error::new(format!("nothing selected by {self}"))),
            _ => Err(Error::new(format!("multiple matches for selector {self}"))),
        }
    }
}

impl std::fmt::Display for ReplacementSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.id)?;
        // The path that is meant by none is filled in before a message can be printed only where the source was found.
        if !self.field_path.is_empty() {
            write!(formatter, ":{}", self.field_path)?;
        }
        match &self.options {
            Some(options) if !options.delimiter.is_empty() || options.create => {
                write!(formatter, ":{}({}), create={}", options.delimiter, options.index, options.create)
            }
            _ => Ok(()),
        }
    }
}

impl ReplacementTarget {
    fn apply(&self, resources: &mut ResourceMap, value: &Node, schemas: &Schemas) -> Result<()> {
        let Some(select) = &self.select else {
            return Err(Error::new("target must specify resources to select"));
        };
        let outer = |error: Error| error.wrap("error creating target selector");
        let selector = CompiledSelector::new(select).map_err(outer)?;
        let rejected =
            self.reject.iter().map(CompiledSelector::new).collect::<Result<Vec<_>>>().map_err(outer)?;
        for position in resources.candidates(&selector) {
            let Some(resource) = resources.resources().get(position) else { continue };
            if self.means(resource, &selector, &rejected)? {
                resources
                    .change(position, schemas, |resource| resource.change(|node| self.write(node, value)))?;
            }
        }
        Ok(())
    }

    fn means(
        &self,
        resource: &Resource,
        selector: &CompiledSelector,
        rejected: &[CompiledSelector],
    ) -> Result<bool> {
        if !selector.matches_annotations_then_labels(resource)? {
            return Ok(false);
        }
        for (reject, compiled) in self.reject.iter().zip(rejected) {
            let has_query = !reject.annotation_selector.is_empty() || !reject.label_selector.is_empty();
            if has_query && compiled.matches_annotations_then_labels(resource)? {
                return Ok(false);
            }
        }
        let mut ids = vec![current_id(resource)];
        ids.extend(resource.previous_ids());
        let is_rejected = self.reject.iter().zip(rejected).any(|(reject, compiled)| {
            !reject.names_nothing() && ids.iter().any(|id| compiled.matches_id(id))
        });
        Ok(!is_rejected && ids.iter().any(|id| selector.matches_id(id)))
    }

    fn write(&self, root: &mut Node, value: &Node) -> Result<()> {
        let default = [DEFAULT_PATH.to_owned()];
        let field_paths = if self.field_paths.is_empty() { &default[..] } else { &self.field_paths };
        let create = self.options.as_ref().filter(|options| options.create).map(|_| NodeKind::of(value));
        for path in field_paths {
            let parts = paths::split_bracketed(path, '.');
            if write_in_text(root, value, &parts, create)?.is_some() {
                continue;
            }
            let missing = || {
                let find = if create.is_some() { "find or create" } else { "find" };
                format!("unable to {find} field {} in replacement target", crate::go::quote(path))
            };
            let matches = path_matcher::find(root, &parts, create).map_err(|error| error.wrap(missing()))?;
            if matches.is_empty() {
                return Err(Error::new(missing()));
            }
            for found in matches {
                match found {
                    Match::Detached => {}
                    Match::Inside(place) => {
                        if let Some(field) = path_matcher::at_mut(root, &place) {
                            self.write_field(field, value)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn write_field(&self, field: &mut Node, value: &Node) -> Result<()> {
        let Some(options) = self.options.as_ref().filter(|options| !options.delimiter.is_empty()) else {
            overwrite(field, value);
            return Ok(());
        };
        if !field.is_scalar() {
            return Err(Error::new("delimiter option can only be used with scalar nodes"));
        }
        let mut parts: Vec<&str> = raw_text(field).split(options.delimiter.as_str()).collect();
        let written = value_text(value);
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, written),
            Ok(index) => match parts.get_mut(index) {
                Some(part) => *part = written,
                None => parts.push(written),
            },
        }
        let joined = parts.join(&options.delimiter);
        let tag = field.tag();
        field.set_scalar(joined, tag);
        Ok(())
    }
}

/// Gives a field a value; a scalar keeps its type and quotes.
fn overwrite(field: &mut Node, value: &Node) {
    if field.is_scalar() {
        let tag = field.tag();
        field.set_scalar(raw_text(value), tag);
    } else {
        *field = shared::copy_of(value);
    }
}

fn current_id(resource: &Resource) -> ResourceId {
    let (group, version) = split_api_version(resource.api_version());
    ResourceId {
        gvk: Gvk::new(group, version, resource.kind()),
        name: resource.name().into(),
        namespace: resource.namespace().into(),
    }
}

/// Writes into the YAML or JSON that a scalar on the way holds; `None` where there is none or the path is not in it.
fn write_in_text(
    root: &mut Node,
    value: &Node,
    parts: &[String],
    create: Option<NodeKind>,
) -> Result<Option<()>> {
    let Some((length, original)) = text_on_the_way(root, parts) else { return Ok(None) };
    let Ok(mut parsed) = text::parse_one(&original) else { return Ok(None) };
    let Some((scalar_path, inner_path)) = parts.split_at_checked(length) else { return Ok(None) };
    let Ok(matches) = path_matcher::find(&mut parsed, inner_path, create) else { return Ok(None) };
    if matches.is_empty() {
        return Ok(None);
    }
    for found in matches {
        if let Match::Inside(place) = found
            && let Some(field) = path_matcher::at_mut(&mut parsed, &place)
        {
            overwrite(field, value);
        }
    }
    let Ok(printed) = print_like(&parsed, &original) else { return Ok(None) };
    if let Some(field) = paths::lookup_mut(root, scalar_path)? {
        let tag = field.tag();
        field.set_scalar(printed, tag);
    }
    Ok(Some(()))
}

/// How many parts lead to the first scalar on the way that can be read as YAML, and its text.
fn text_on_the_way(root: &Node, parts: &[String]) -> Option<(usize, String)> {
    (1..parts.len()).find_map(|length| {
        let found = paths::lookup(root, parts.get(..length)?).ok()??;
        let is_readable = found.is_scalar() && text::parse_one(raw_text(found)).is_ok();
        is_readable.then(|| (length, raw_text(found).to_owned()))
    })
}

fn print_like(tree: &Node, original: &str) -> Result<String> {
    if !original.trim().starts_with(['{', '[']) {
        return Ok(text::print(tree).trim().to_owned());
    }
    let value: Value = json::of_node(tree)?;
    Ok(if original.contains('\n') && original.contains("  ") {
        json::to_go_string_indented(&value)
    } else {
        json::to_go_string(&value)
    })
}
