//! What claims become on their cluster: the resources that Crossplane composes there, as declared resources beside those of files.
//!
//! The environment's claims are expanded as everywhere else. What only the live systems can give stands in angle brackets and
//! is filled with what lives before the two are compared, so that it is never a difference. Composites within composites are
//! composed resources as all others; the composite that Crossplane makes of a claim of an XRD v1 is not compared, only what it
//! composes. A function of what Git declares; where Git defines no composite nothing is expanded.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use plimsoll_crossplane::field_path::{delete_field, set_value, value_at};
use plimsoll_resource::{FileTree, ResourceId, Scope};
use plimsoll_yaml::{Node, emit_value};
use serde_json::Value;

use super::desired::{Desired, DesiredResource};
use super::outcome::Via;
use super::template::Template;
use crate::expansion::{Composite, EnvironmentResources, Expansion, ManagedResource, Supplied};

/// How a declared resource comes from a claim.
#[derive(Debug, Clone)]
pub struct Composed {
    /// The claim.
    pub claim: ResourceId,
    /// Its composition's identity on the cluster.
    pub template: Template,
    /// Whether it is composed only after other resources are there.
    pub comes_later: bool,
    /// The paths, as Crossplane writes them, whose values or parts of them only the live systems can give.
    pub unknown: Vec<String>,
    /// Where its values stand in the claim.
    pub lines: ClaimLines,
}

/// The lines of a claim that the values of a composed resource come from, by the paths of the values as Crossplane writes them.
#[derive(Debug, Clone, Default)]
pub struct ClaimLines(BTreeMap<String, u32>);

impl ClaimLines {
    /// The lines in the claim's own file.
    #[must_use]
    pub fn of(
        resources: &EnvironmentResources,
        expansion: &Expansion,
        managed: &ManagedResource,
        file: &str,
    ) -> ClaimLines {
        let lines = resources.all_lines_of(expansion, managed).into_iter().filter_map(|(path, lines)| {
            let line = lines.into_iter().find(|line| line.file == file)?;
            Some((path, line.line))
        });
        ClaimLines(lines.collect())
    }

    /// The line of a field, or of the nearest one above it.
    #[must_use]
    pub fn line(&self, path: &str) -> Option<u32> {
        let mut path = path;
        loop {
            if let Some(line) = self.0.get(path) {
                return Some(*line);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}

impl Composed {
    /// What Git declares, with what only the live systems can give as it lives.
    #[must_use]
    pub fn filled(&self, mut declared: Value, live: &Value) -> Value {
        // From the last to the first, so that no index moves before it is used.
        for path in self.unknown.iter().rev() {
            let pattern = value_at(&declared, path).ok().and_then(Value::as_str).map(str::to_owned);
            let found = value_at(live, path).ok();
            let fits = match (&pattern, found) {
                (Some(pattern), Some(Value::String(text))) => fits(pattern, text),
                (Some(pattern), Some(_)) => is_hole(pattern),
                (None, found) => found.is_some(),
                (Some(_), None) => false,
            };
            match found {
                // The paths come from the same value, so they can be set in it.
                Some(found) if fits => drop(set_value(&mut declared, path, found.clone())),
                None if pattern.as_deref().is_none_or(is_hole) => drop(delete_field(&mut declared, path)),
                _ => {}
            }
        }
        declared
    }
}

/// Whether a text is nothing but what only the live systems can give.
#[must_use]
pub fn is_hole(text: &str) -> bool {
    text.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(|inner| !inner.contains(['<', '>']))
}

/// Whether a text is a pattern's, whose parts in angle brackets stand for anything.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((_, after)) = after.split_once('>') else { break };
        parts.push(before);
        rest = after;
    }
    let Some(first) = parts.first() else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    for part in &parts[1..] {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(rest)
}

/// The resources of an environment's files, to be expanded.
#[must_use]
pub fn environment_resources(desired: &Desired) -> EnvironmentResources {
    let mut tree = FileTree::default();
    for resource in &desired.resources {
        // The paths come from a tree already, so none of them leaves it.
        let _ = tree.insert(&resource.source.file, Arc::clone(resource.file_text()));
    }
    let supplied = Supplied { outputs: Arc::clone(&desired.outputs), observed: Vec::new() };
    EnvironmentResources::of_files(&tree, &desired.environment.metadata.name, supplied)
}

/// The declared resource that a claim is.
#[must_use]
pub fn claim_resource<'d>(desired: &'d Desired, claim: &Composite) -> Option<&'d Arc<DesiredResource>> {
    desired.resources.iter().find(|resource| {
        resource.source.file == claim.file
            && resource.id.kind == claim.id.kind
            && resource.id.name == claim.id.name
    })
}

/// Everything that the claims of an environment become on their clusters.
#[must_use]
pub fn composed(desired: &Desired) -> Vec<Arc<DesiredResource>> {
    if !desired.resources.iter().any(|resource| resource.id.kind == "CompositeResourceDefinition") {
        return Vec::new();
    }
    let resources = environment_resources(desired);
    let expansion = resources.expand();
    // Composites come before what they compose.
    let declared = expansion.nested.iter().chain(&expansion.managed).filter_map(|managed| {
        let claim = expansion.claim_of(managed)?;
        let of_claim = claim_resource(desired, claim)?;
        let composed = Composed {
            claim: of_claim.id.clone(),
            template: Template::of(managed, &expansion)?,
            comes_later: managed.comes_later,
            unknown: managed.unknown.iter().map(|field| field.path.clone()).collect(),
            lines: ClaimLines::of(&resources, &expansion, managed, &claim.file),
        };
        let mut id = managed.id.clone();
        if !managed.has_name && composed.template.lineage.len() > 1 {
            // Composites within may compose alike.
            id.name = format!("({})", composed.template.lineage.join("/"));
        }
        let mut value = Value::clone(&managed.value);
        if !managed.has_name
            && let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut)
        {
            // Stands for the name that Crossplane draws, until an object is found that has it.
            metadata.insert("name".to_owned(), Value::from(id.name.clone()));
        }
        // Only control characters have no YAML form; the API server takes none of them.
        let text = emit_value(&value).ok()?;
        let scope = if id.namespace.is_some() { Scope::Namespaced } else { Scope::Cluster };
        Some(Arc::new(DesiredResource::of_claim(
            id,
            managed.api_version.clone(),
            of_claim,
            text.into_bytes().into(),
            scope,
            composed,
        )))
    });
    declared.collect()
}

/// The groups and kinds of claims and composites that definitions among these make.
pub fn composite_kinds<'d>(
    resources: impl Iterator<Item = &'d DesiredResource>,
) -> HashSet<(String, String)> {
    let mut kinds = HashSet::new();
    for resource in resources.filter(|resource| resource.id.kind == "CompositeResourceDefinition") {
        let Some((node, _)) = resource.parse() else { continue };
        let text = |path: &[&str]| node.at(path).and_then(Node::as_str).map(str::to_owned);
        let Some(group) = text(&["spec", "group"]) else { continue };
        let names = ["names", "claimNames"].into_iter().filter_map(|names| text(&["spec", names, "kind"]));
        kinds.extend(names.map(|kind| (group.clone(), kind)));
    }
    kinds
}

impl DesiredResource {
    /// Whether Crossplane draws its name.
    #[must_use]
    pub fn has_drawn_name(&self) -> bool {
        self.composed.as_ref().is_some_and(|composed| !composed.template.has_name)
    }

    /// Whether an object is this resource, under a name that Crossplane drew.
    #[must_use]
    pub fn is_drawn_object(&self, id: &ResourceId, object: &Value) -> bool {
        self.has_drawn_name()
            && self.composed.as_ref().is_some_and(|composed| composed.template.made(object))
            && (&self.id.group, &self.id.kind, &self.id.namespace) == (&id.group, &id.kind, &id.namespace)
    }

    /// By what a report says that it is declared.
    #[must_use]
    pub fn via(&self) -> Option<Via> {
        let claim = &self.composed.as_ref()?.claim;
        Some(Via { claim: Some(spoken(claim)), ..Via::default() })
    }
}

/// `Kind namespace/name`, as reports spell it.
#[must_use]
pub fn spoken(id: &ResourceId) -> String {
    match &id.namespace {
        Some(namespace) => format!("{} {namespace}/{}", id.kind, id.name),
        None => format!("{} {}", id.kind, id.name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn open_parts_of_a_text_stand_for_anything() {
        assert!(fits("arn:<Cluster a status.atProvider.arn>:sub", "arn:aws:eks:x:sub"));
        assert!(fits("<a>", ""));
        assert!(fits("a<b>c<d>e", "aXcYe"));
        assert!(!fits("a<b>c<d>e", "aXYe"));
        assert!(!fits("same", "other"));
        assert!(!fits("a<b>c", "aXd"));
    }

    #[test]
    fn what_only_the_live_systems_know_is_filled_and_all_else_is_left() {
        let composed = Composed {
            claim: ResourceId {
                group: String::new(),
                kind: String::new(),
                namespace: None,
                name: String::new(),
            },
            template: Template::default(),
            comes_later: false,
            unknown: ["spec.arn", "spec.ids[0]", "spec.subject", "spec.wrong"].map(str::to_owned).to_vec(),
            lines: ClaimLines::default(),
        };
        let declared = json!({"spec": {"arn": "<Role a status.arn>", "ids": ["<x>", "sg-2"],
            "subject": "<Host>:sub", "wrong": "<Host>:aud", "name": "a"}});
        let live = json!({"spec": {"ids": ["sg-1", "sg-2"], "subject": "example.org:sub", "wrong": "other", "name": "b"}});
        let expected = json!({"spec": {"ids": ["sg-1", "sg-2"], "subject": "example.org:sub",
            "wrong": "<Host>:aud", "name": "a"}});
        assert_eq!(composed.filled(declared, &live), expected);
    }
}
