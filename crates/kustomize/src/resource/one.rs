//! One resource: its tree, and what the tree cannot hold.
//!
//! Follows `api/resource/resource.go` v0.21.1. Previous ids, prefixes and whether a hash is wanted are annotations, as
//! there; a resource that a patch deleted is a null tree until it is dropped.

use std::collections::BTreeMap;

use plimsoll_yaml::{Entry, Node, Span, Style};

use super::annotations as keys;
use super::metadata;
use crate::error::{Error, Place, Result};
use crate::identity::{Gvk, ResourceId, split_api_version};
use crate::merge::{ListIncrease, MergeOptions, merge_two_way};
use crate::schema::Schemas;
use crate::tree::fields;
use crate::tree::json;
use crate::tree::scalar;
use crate::tree::shared::SharedValues;
use crate::tree::text;

/// A Kubernetes resource.
#[derive(Debug, Clone)]
pub struct Resource {
    pub(crate) node: Node,
    pub(crate) shared: SharedValues,
    /// The names of the variables that take their value from here.
    pub(crate) variable_names: Vec<String>,
    /// The text that the tree was read from, where a hash of the tree may be asked for.
    pub(crate) source: Option<std::sync::Arc<str>>,
    /// Where a key stands twice, which is an error once the tree becomes data.
    pub(crate) doubled_key: Option<Box<Place>>,
    /// The file that the tree was read from, where there is one, and its part of that.
    pub(crate) file: Option<std::sync::Arc<str>>,
    pub(crate) span: Span,
}

impl Resource {
    /// A resource of a tree.
    #[must_use]
    pub fn new(node: Node) -> Resource {
        Resource {
            node,
            shared: SharedValues::default(),
            variable_names: Vec::new(),
            source: None,
            doubled_key: None,
            file: None,
            span: Span::NONE,
        }
    }

    /// Whether the hash of a resource of this kind depends on where things stand in its text, and not on its data alone.
    pub(crate) fn hash_depends_on_places(kind: &str) -> bool {
        !matches!(kind, "ConfigMap" | "Secret")
    }

    /// Takes the tree of data from the text that the data is printed as, so that everything in it has a place there.
    pub(crate) fn print_and_read(&mut self, value: &serde_json::Value) -> Result<()> {
        let printed = text::marshal(value);
        self.node = text::parse_one(&printed)?;
        self.source = Some(printed.into());
        Ok(())
    }

    /// Where the resource was read from.
    pub(crate) fn place(&self) -> Option<Place> {
        self.file.as_ref().map(|file| Place { file: file.to_string(), span: self.span })
    }

    /// The tree as it stands.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The resource as plain data.
    pub fn to_json(&self) -> Result<serde_json::Value> {
        json::of_node(&self.node).map_err(|error| match &self.doubled_key {
            Some(place) => error.in_file(&place.file, place.span),
            None => error,
        })
    }

    /// The bytes that `kustomize build` prints for the resource, without a separator.
    pub fn to_yaml(&self) -> Result<String> {
        text::print_json(&self.to_json()?)
    }

    /// The `apiVersion`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        metadata::top_text(&self.node, "apiVersion")
    }

    /// The `kind`.
    #[must_use]
    pub fn kind(&self) -> &str {
        metadata::top_text(&self.node, "kind")
    }

    /// `metadata.name`.
    #[must_use]
    pub fn name(&self) -> &str {
        metadata::text_of(&self.node, "name")
    }

    /// `metadata.namespace`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        metadata::text_of(&self.node, "namespace")
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        metadata::map_of(&self.node, "labels")
    }

    /// The annotations, with those of the build.
    #[must_use]
    pub fn annotations(&self) -> BTreeMap<String, String> {
        metadata::map_of(&self.node, "annotations")
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        metadata::annotation(&self.node, key)
    }

    /// Whether nothing is left of the resource.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        fields::is_nil_or_empty(&self.node)
    }

    /// Replaces all labels.
    pub fn set_labels(&mut self, labels: &BTreeMap<String, String>) -> Result<()> {
        metadata::set_map(&mut self.node, "labels", labels)
    }

    /// Replaces all annotations.
    pub fn set_annotations(&mut self, annotations: &BTreeMap<String, String>) -> Result<()> {
        metadata::set_map(&mut self.node, "annotations", annotations)
    }

    /// Sets one annotation beside the others.
    pub(crate) fn set_annotation(&mut self, key: &str, value: &str) -> Result<()> {
        let mut annotations = self.annotations();
        annotations.insert(key.to_owned(), value.to_owned());
        self.set_annotations(&annotations)
    }

    /// Takes annotations away.
    pub(crate) fn remove_annotations(&mut self, keys: &[&str]) -> Result<()> {
        let mut annotations = self.annotations();
        if annotations.is_empty() {
            return Ok(());
        }
        annotations.retain(|key, _| !keys.contains(&key.as_str()));
        self.set_annotations(&annotations)
    }

    pub(crate) fn set_name(&mut self, name: &str) -> Result<()> {
        metadata::set_text(&mut self.node, "name", name)
    }

    pub(crate) fn set_namespace(&mut self, namespace: &str) -> Result<()> {
        if namespace.is_empty() {
            return match self.node.get_mut("metadata") {
                Some(metadata) => fields::clear(metadata, "namespace").map(drop),
                None => Ok(()),
            };
        }
        metadata::set_text(&mut self.node, "namespace", namespace)
    }

    pub(crate) fn set_kind(&mut self, kind: &str) -> Result<()> {
        fields::set_field(&mut self.node, "kind", scalar::untagged(kind))
    }

    pub(crate) fn set_api_version(&mut self, api_version: &str) -> Result<()> {
        fields::set_field(&mut self.node, "apiVersion", scalar::untagged(api_version))
    }

    /// The type, with its scope.
    #[must_use]
    pub fn gvk(&self, schemas: &Schemas) -> Gvk {
        let (group, version) = split_api_version(self.api_version());
        let mut gvk = Gvk::new(group, version, self.kind());
        gvk.cluster_scoped = schemas.is_cluster_scoped(self.api_version(), self.kind());
        gvk
    }

    /// The id as of now.
    #[must_use]
    pub fn current_id(&self, schemas: &Schemas) -> ResourceId {
        ResourceId { gvk: self.gvk(schemas), name: self.name().into(), namespace: self.namespace().into() }
    }

    /// The id before the first change.
    #[must_use]
    pub fn original_id(&self, schemas: &Schemas) -> ResourceId {
        self.previous_ids().into_iter().next().unwrap_or_else(|| self.current_id(schemas))
    }

    /// All earlier ids, the first one first.
    #[must_use]
    pub fn previous_ids(&self) -> Vec<ResourceId> {
        let Some(names) = self.annotation(keys::PREVIOUS_NAMES) else { return Vec::new() };
        let namespaces = self.annotation(keys::PREVIOUS_NAMESPACES).unwrap_or_default();
        let kinds = self.annotation(keys::PREVIOUS_KINDS).unwrap_or_default();
        let (group, version) = split_api_version(self.api_version());
        let parts = names.split(',').zip(namespaces.split(',')).zip(kinds.split(','));
        let id = |((name, namespace), kind): ((&str, &str), &str)| ResourceId {
            gvk: Gvk::new(group, version, kind),
            name: name.into(),
            namespace: namespace.into(),
        };
        parts.map(id).collect()
    }

    /// Remembers the id as of now as a previous one.
    pub(crate) fn store_previous_id(&mut self, schemas: &Schemas) -> Result<()> {
        let id = self.current_id(schemas);
        self.append_to_annotation(keys::PREVIOUS_NAMES, &id.name)?;
        self.append_to_annotation(keys::PREVIOUS_NAMESPACES, id.effective_namespace())?;
        self.append_to_annotation(keys::PREVIOUS_KINDS, &id.gvk.kind)
    }

    /// Adds a word to an annotation that holds several.
    pub(crate) fn append_to_annotation(&mut self, key: &str, value: &str) -> Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        let words = match self.annotation(key) {
            Some(words) => format!("{words},{value}"),
            None => value.to_owned(),
        };
        metadata::clear_empty_annotations(&mut self.node)?;
        metadata::set_quoted(&mut self.node, "annotations", key, &words)
    }

    /// The words of an annotation that holds several.
    pub(crate) fn words_of(&self, key: &str) -> Vec<&str> {
        self.annotation(key).map(|words| words.split(',').collect()).unwrap_or_default()
    }

    /// Whether an annotation of the build is on.
    pub(crate) fn is_enabled(&self, key: &str) -> bool {
        self.annotation(key) == Some(keys::ENABLED)
    }

    /// Merges a strategic merge patch; a patch may delete the resource.
    pub(crate) fn apply_strategic_merge(&mut self, patch: &Resource, schemas: &Schemas) -> Result<()> {
        let (name, namespace, kind) =
            (self.name().to_owned(), self.namespace().to_owned(), self.kind().to_owned());
        let name_may_change = patch.is_enabled(keys::ALLOW_NAME_CHANGE);
        let kind_may_change = patch.is_enabled(keys::ALLOW_KIND_CHANGE);
        if name_may_change || kind_may_change {
            self.store_previous_id(schemas)?;
        }
        let options = MergeOptions { increase: ListIncrease::Prepend, infer_keys: false };
        let node = std::mem::replace(&mut self.node, Node::null());
        let Some(merged) = merge_two_way(node, patch.node.clone(), options, schemas)? else { return Ok(()) };
        self.node = merged;
        self.shared.follow(&mut self.node);
        if self.is_empty() {
            return Ok(());
        }
        if !kind_may_change {
            self.set_kind(&kind)?;
        }
        if !name_may_change {
            self.set_name(&name)?;
        }
        self.set_namespace(&namespace)
    }

    /// Gives a patch or a generated resource the metadata of the one that it is for.
    pub(crate) fn copy_metadata_from(&mut self, other: &Resource) -> Result<()> {
        let mut labels = other.labels();
        labels.extend(self.labels());
        self.set_labels(&labels)?;
        let own = self.annotations();
        let wants_hash = own.contains_key(keys::NEEDS_HASH);
        let theirs = other.annotations();
        let mut merged = theirs.clone();
        merged.extend(own);
        for key in keys::BUILD {
            match theirs.get(*key) {
                Some(value) => merged.insert((*key).to_owned(), value.clone()),
                None => merged.remove(*key),
            };
        }
        if !wants_hash {
            merged.remove(keys::NEEDS_HASH);
        }
        self.set_annotations(&merged)?;
        self.set_name(other.name())?;
        self.set_namespace(other.namespace())?;
        self.variable_names.clone_from(&other.variable_names);
        Ok(())
    }

    /// Takes over the data of another ConfigMap or Secret under what this one has.
    pub(crate) fn merge_data_from(&mut self, other: &Resource) -> Result<()> {
        for name in ["data", "binaryData"] {
            let mut merged = metadata::string_map(&other.node, name);
            merged.extend(metadata::string_map(&self.node, name));
            fields::clear(&mut self.node, name)?;
            if !merged.is_empty() {
                let entries = merged.into_iter().map(|(key, value)| {
                    let style = if value.contains('\n') { Style::Literal } else { Style::Plain };
                    Entry { key: scalar::untagged(&key), value: Node::string(value).with_style(style) }
                });
                self.node.insert(name, Node::mapping(entries.collect()));
            }
        }
        Ok(())
    }

    /// Runs a change of the tree and lets fields that share a value follow it.
    pub(crate) fn change<T>(&mut self, change: impl FnOnce(&mut Node) -> Result<T>) -> Result<T> {
        let changed = change(&mut self.node)?;
        self.shared.follow(&mut self.node);
        Ok(changed)
    }

    /// The resource as one line of JSON, as messages print it.
    pub(crate) fn to_json_text(&self) -> String {
        match self.to_json() {
            Ok(value) => json::to_go_string(&value),
            Err(error) => format!("<{error}>"),
        }
    }

    /// Refuses what has no kind or no name.
    pub(crate) fn validate(&self) -> Result<()> {
        let kind = metadata::top_text(&self.node, "kind");
        let has_metadata =
            self.node.get("metadata").is_some_and(|metadata| !fields::is_nil_or_empty(metadata));
        if kind.is_empty() && self.api_version().is_empty() && !has_metadata {
            return Err(Error::new("missing Resource metadata"));
        }
        if kind.is_empty() {
            return Err(Error::new(format!("missing kind in object {}", self.go_metadata())));
        }
        if !kind.ends_with("List") && self.name().is_empty() {
            return Err(Error::new(format!("missing metadata.name in object {}", self.go_metadata())));
        }
        Ok(())
    }

    fn go_metadata(&self) -> String {
        let map = |map: BTreeMap<String, String>| {
            let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{key}:{value}")).collect();
            format!("map[{}]", pairs.join(" "))
        };
        format!(
            "{{{{{} {}}} {{{{{} {}}} {} {}}}}}",
            self.api_version(),
            self.kind(),
            self.name(),
            self.namespace(),
            map(self.labels()),
            map(self.annotations())
        )
    }
}

/// The id of a tree, of whose kind the scope is not asked.
pub(crate) fn raw_id(node: &Node) -> ResourceId {
    let (group, version) = split_api_version(metadata::top_text(node, "apiVersion"));
    ResourceId {
        gvk: Gvk::new(group, version, metadata::top_text(node, "kind")),
        name: metadata::text_of(node, "name").into(),
        namespace: metadata::text_of(node, "namespace").into(),
    }
}
