//! The definitions that resources are validated against: CRDs, and XRDs as the CRDs that Crossplane makes of them.
//!
//! Follows crossplane v2.2.1 `cmd/crank/beta/validate/{manager,validate}.go`. A kind that is defined twice is checked by
//! both definitions, and gets its defaults from the first.

use std::collections::BTreeMap;

use plimsoll_gotemplate::quote::quote;
use serde_json::Value;

use crate::schema::{RuleMemory, check_structural};
use crate::xrd::{claim_schema, composite_schema};

/// Group, version and kind of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupVersionKind {
    /// The group; empty for the core of Kubernetes.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl GroupVersionKind {
    /// What an object says that it is. An API version of more than two parts is none, as Kubernetes has it.
    #[must_use]
    pub fn of(object: &Value) -> GroupVersionKind {
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let api_version = text("apiVersion");
        let (group, version) = match api_version.split_once('/') {
            Some((_, rest)) if rest.contains('/') => ("", ""),
            Some((group, version)) => (group, version),
            None => ("", api_version.as_str()),
        };
        GroupVersionKind { group: group.to_owned(), version: version.to_owned(), kind: text("kind") }
    }

    /// Group and version as an object names them.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

struct Definition {
    name: String,
    group: String,
    kind: String,
    /// Names with schemas; a version without one is known but checks nothing.
    versions: Vec<(String, Option<Value>)>,
}

/// All definitions, in the order they were given.
#[derive(Default)]
pub struct Definitions {
    definitions: Vec<Definition>,
    by_kind: BTreeMap<GroupVersionKind, Vec<(usize, usize)>>,
    packages: Vec<String>,
    /// The schemas stay where they are: they lie in lists of their own that nothing is added to.
    rules: RuleMemory,
}

impl Definitions {
    /// Takes a CRD, an XRD, or the name of a package; other objects define nothing. The error is in Crossplane's words.
    pub fn add(&mut self, extension: Value) -> Result<(), String> {
        let kind = GroupVersionKind::of(&extension);
        match (kind.group.as_str(), kind.kind.as_str()) {
            ("apiextensions.k8s.io", "CustomResourceDefinition") => self.add_crd(extension),
            ("apiextensions.crossplane.io", "CompositeResourceDefinition") => {
                return self.add_xrd(&extension);
            }
            ("pkg.crossplane.io", "Provider" | "Function" | "Configuration") => {
                let problem = match kind.kind.as_str() {
                    "Provider" => "cannot get provider package image",
                    "Function" => "cannot get function package image",
                    _ => "cannot get package image",
                };
                match extension.pointer("/spec/package") {
                    Some(Value::String(image)) => self.packages.push(image.clone()),
                    Some(_) => return Err(format!("{problem}: spec.package: not a string")),
                    None => {
                        let missing = if extension.get("spec").is_some() { "package" } else { "spec" };
                        let path = if missing == "spec" { "spec" } else { "spec.package" };
                        return Err(format!("{problem}: {path}: no such field"));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The packages whose definitions are needed besides, in the order they were named.
    #[must_use]
    pub fn packages(&self) -> &[String] {
        &self.packages
    }

    /// Refuses schemas that are not structural.
    pub fn check(&self) -> Result<(), String> {
        let versions = self.definitions.iter().flat_map(|definition| &definition.versions);
        versions
            .filter_map(|(_, schema)| schema.as_ref())
            .try_for_each(check_structural)
            .map_err(|error| format!("cannot create schema validators: {error}"))
    }

    /// What is known of the rules of the schemas.
    #[must_use]
    pub fn rules(&self) -> &RuleMemory {
        &self.rules
    }

    /// The schemas of a kind.
    pub fn schemas<'d>(&'d self, kind: &GroupVersionKind) -> Vec<&'d Value> {
        let places = self.by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter_map(|(definition, version)| {
                self.definitions.get(*definition)?.versions.get(*version)?.1.as_ref()
            })
            .collect()
    }

    /// The schema that has the defaults of a kind; the error is that the first definition of the kind lacks the version.
    pub fn defaults(&self, kind: &GroupVersionKind) -> Result<Option<&Value>, String> {
        let same = |definition: &&Definition| definition.group == kind.group && definition.kind == kind.kind;
        let Some(definition) = self.definitions.iter().find(same) else { return Ok(None) };
        let version = definition.versions.iter().find(|(name, _)| *name == kind.version);
        match version.and_then(|(_, schema)| schema.as_ref()) {
            Some(schema) => Ok(Some(schema)),
            None => Err(format!("no schema found for version {} in CRD {}", kind.version, definition.name)),
        }
    }

    fn add_crd(&mut self, mut crd: Value) {
        let name = text(&crd, "/metadata/name");
        let (group, kind) = (text(&crd, "/spec/group"), text(&crd, "/spec/names/kind"));
        let versions = crd.pointer_mut("/spec/versions").and_then(Value::as_array_mut).map(std::mem::take);
        let versions = versions.into_iter().flatten().map(|mut version| {
            let schema = version.pointer_mut("/schema/openAPIV3Schema").map(Value::take);
            (text(&version, "/name"), schema.filter(Value::is_object))
        });
        let versions = versions.collect();
        self.insert(Definition { name, group, kind, versions });
    }

    fn add_xrd(&mut self, xrd: &Value) -> Result<(), String> {
        let name = text(xrd, "/metadata/name");
        let quoted = quote(name.as_bytes());
        let names: Vec<String> = xrd
            .pointer("/spec/versions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|version| text(version, "/name"))
            .collect();
        let group = text(xrd, "/spec/group");
        let mut versions = Vec::new();
        for version in &names {
            let schema = composite_schema(xrd, version).ok_or_else(|| {
                format!(
                    "cannot derive composite CRD from XRD {quoted}: cannot generate CRD for \"Composite Resource\" {quoted}: \
                     custom resource validation cannot be nil"
                )
            })?;
            versions.push((version.clone(), Some(schema)));
        }
        self.insert(Definition { name, group: group.clone(), kind: text(xrd, "/spec/names/kind"), versions });
        if xrd.pointer("/spec/claimNames").is_none_or(|names| !names.is_object()) {
            return Ok(());
        }
        if let Some(conflict) = conflicting_claim_name(xrd) {
            let conflict = quote(conflict.as_bytes());
            return Err(format!(
                "cannot derive claim CRD from XRD {quoted}: invalid resource claim names: {conflict} conflicts with composite \
                 resource name"
            ));
        }
        let versions =
            names.into_iter().map(|version| (version.clone(), claim_schema(xrd, &version))).collect();
        let name = format!("{}.{group}", text(xrd, "/spec/claimNames/plural"));
        self.insert(Definition { name, group, kind: text(xrd, "/spec/claimNames/kind"), versions });
        Ok(())
    }

    fn insert(&mut self, definition: Definition) {
        let place = self.definitions.len();
        for (index, (version, schema)) in definition.versions.iter().enumerate() {
            if schema.is_some() {
                let (group, version) = (definition.group.clone(), version.clone());
                let kind = GroupVersionKind { group, version, kind: definition.kind.clone() };
                self.by_kind.entry(kind).or_default().push((place, index));
            }
        }
        self.definitions.push(definition);
    }
}

/// A name of the claim that the composite resource has too.
fn conflicting_claim_name(xrd: &Value) -> Option<String> {
    [("kind", true), ("plural", true), ("singular", false), ("listKind", false)].into_iter().find_map(
        |(field, counts_empty)| {
            let claim = text(xrd, &format!("/spec/claimNames/{field}"));
            let composite = text(xrd, &format!("/spec/names/{field}"));
            (claim == composite && (counts_empty || !claim.is_empty())).then_some(claim)
        },
    )
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
