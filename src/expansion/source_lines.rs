//! Which line of which file each value of a managed resource comes from, as far as patches can be followed.

use plimsoll_crossplane::field_path::{Segment, Segments};
use plimsoll_crossplane::provenance::{Provenance, ValueOrigin};
use plimsoll_yaml::{Node, Position};
use serde_json::Value;

use super::{Composite, EnvironmentResources, Expansion, ManagedResource, ResourceFile};
use crate::diagnostic::Place;
use crate::secrets::mask;

/// A line that a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceLine {
    /// The file, from the repository's root.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl std::fmt::Display for SourceLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// Composites may be nested only so deep, so a value is followed through no more of them.
const DEEPEST: usize = 32;

impl EnvironmentResources {
    /// The lines that the value at a path (as Crossplane writes paths) of a managed resource comes from: of the claim, where
    /// patches lead there; else of the Composition, or of the default in the definition. None for what Crossplane adds.
    #[must_use]
    pub fn lines_of(&self, expansion: &Expansion, managed: &ManagedResource, path: &str) -> Vec<SourceLine> {
        let Ok(path) = Segments::parse(path) else { return Vec::new() };
        let Some(composite) = expansion.composites.get(managed.composite) else { return Vec::new() };
        let mut lines = self.lines(expansion, composite, &managed.provenance, &path, 0);
        lines.dedup();
        lines
    }

    /// The lines of every value of a managed resource that is no object and no list, by path.
    #[must_use]
    pub fn all_lines_of(
        &self,
        expansion: &Expansion,
        managed: &ManagedResource,
    ) -> Vec<(String, Vec<SourceLine>)> {
        leaves(&managed.value)
            .into_iter()
            .map(|path| {
                let lines = self.lines_of(expansion, managed, &path);
                (path, lines)
            })
            .collect()
    }

    fn lines(
        &self,
        expansion: &Expansion,
        composite: &Composite,
        provenance: &Provenance,
        path: &Segments,
        depth: usize,
    ) -> Vec<SourceLine> {
        let in_composition = |pointer: &str| {
            let file = self.files.get(composite.composition_index?)?;
            line_at(file, &steps_of_pointer(pointer))
        };
        match provenance.origin(path) {
            ValueOrigin::Crossplane => Vec::new(),
            ValueOrigin::Composition(pointer) | ValueOrigin::Environment(pointer) => {
                in_composition(&pointer).into_iter().collect()
            }
            ValueOrigin::Composite { paths, patch } => {
                let lines: Vec<SourceLine> = paths
                    .iter()
                    .filter_map(|path| Segments::parse(path).ok())
                    .flat_map(|path| self.lines_in_composite(expansion, composite, &path, depth + 1))
                    .collect();
                if lines.is_empty() { in_composition(&patch).into_iter().collect() } else { lines }
            }
        }
    }

    /// The lines of a field of a composite: of the claim's file, or of what composed it.
    fn lines_in_composite(
        &self,
        expansion: &Expansion,
        composite: &Composite,
        path: &Segments,
        depth: usize,
    ) -> Vec<SourceLine> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let parent = composite.parent.and_then(|parent| expansion.composites.get(parent));
        match (&composite.provenance, parent) {
            (Some(provenance), Some(parent)) => self.lines(expansion, parent, provenance, path, depth),
            // The composite of a claim has the claim's fields.
            (None, Some(claim)) => self.lines_in_composite(expansion, claim, path, depth + 1),
            (_, None) => {
                let Some(file) = self.files.get(composite.resource) else { return Vec::new() };
                let steps: Vec<String> = path.0.iter().map(step_of).collect();
                exact_line(file, &steps).or_else(|| self.default_line(composite, path)).into_iter().collect()
            }
        }
    }

    /// The line of the default that a definition gives to a field.
    fn default_line(&self, composite: &Composite, path: &Segments) -> Option<SourceLine> {
        let text =
            |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let file = self.files.iter().find(|file| {
            let kinds = ["/spec/names/kind", "/spec/claimNames/kind"];
            text(&file.value, "/kind").as_deref() == Some("CompositeResourceDefinition")
                && text(&file.value, "/spec/group").as_deref() == Some(&composite.id.group)
                && kinds.iter().any(|kind| text(&file.value, kind).as_deref() == Some(&composite.id.kind))
        })?;
        let version = composite.api_version.rsplit('/').next().unwrap_or_default();
        let versions = file.value.pointer("/spec/versions")?.as_array()?;
        let index = versions.iter().position(|entry| text(entry, "/name").as_deref() == Some(version))?;
        let mut steps: Vec<String> = ["spec", "versions", &index.to_string(), "schema", "openAPIV3Schema"]
            .iter()
            .map(|step| (*step).to_owned())
            .collect();
        let mut found = None;
        for segment in &path.0 {
            match segment {
                Segment::Field(field) => steps.extend(["properties".to_owned(), field.clone()]),
                Segment::Index(_) => steps.push("items".to_owned()),
            }
            let default: Vec<String> = steps.iter().cloned().chain(["default".to_owned()]).collect();
            found = exact_line(file, &default).or(found);
        }
        found
    }

    /// The place of a path in a file: of the deepest field on the way that is there.
    pub(super) fn place(&self, file: usize, steps: &[String]) -> Option<Place> {
        let file = self.files.get(file)?;
        let (node, _) = nearest(file.node()?, steps);
        let text = std::str::from_utf8(&file.text).ok()?;
        Some(mask::without_secrets(Place::of_span(file.path.clone(), text, node.span()), ""))
    }
}

fn step_of(segment: &Segment) -> String {
    match segment {
        Segment::Field(field) => field.clone(),
        Segment::Index(index) => index.to_string(),
    }
}

/// The steps of a path as Crossplane writes it.
pub(super) fn steps_of_path(path: &str) -> Vec<String> {
    Segments::parse(path).map(|path| path.0.iter().map(step_of).collect()).unwrap_or_default()
}

/// The steps of a JSON pointer.
pub(super) fn steps_of_pointer(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// The deepest node on a path, with whether it is the end of it. A key stands for its value where that begins on a line of
/// its own, so that the line shows what it is about.
fn nearest<'n>(root: &'n Node, steps: &[String]) -> (&'n Node, bool) {
    let mut node = root;
    let mut shown = root;
    for step in steps {
        let next = match node.items() {
            Some(items) => {
                step.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item, item))
            }
            None => node
                .entry(step)
                .map(|entry| (&entry.value, if entry.value.is_scalar() { &entry.value } else { &entry.key })),
        };
        match next {
            Some((value, at)) => (node, shown) = (value, at),
            None => return (shown, false),
        }
    }
    (shown, true)
}

fn line_at(file: &ResourceFile, steps: &[String]) -> Option<SourceLine> {
    let (node, _) = nearest(file.node()?, steps);
    line_of(file, node)
}

fn exact_line(file: &ResourceFile, steps: &[String]) -> Option<SourceLine> {
    let (node, is_there) = nearest(file.node()?, steps);
    if is_there { line_of(file, node) } else { None }
}

fn line_of(file: &ResourceFile, node: &Node) -> Option<SourceLine> {
    if !node.span().is_known() {
        return None;
    }
    let text = std::str::from_utf8(&file.text).ok()?;
    let line = Position::of_offset(text, node.span().start as usize).line;
    Some(SourceLine { file: file.path.clone(), line })
}

/// The paths of all values that are no objects and no lists.
fn leaves(value: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect_leaves(value, &mut Segments::default(), &mut paths);
    paths
}

fn collect_leaves(value: &Value, path: &mut Segments, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                path.0.push(Segment::Field(key.clone()));
                collect_leaves(value, path, paths);
                path.0.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                path.0.push(Segment::Index(u32::try_from(index).unwrap_or(u32::MAX)));
                collect_leaves(value, path, paths);
                path.0.pop();
            }
        }
        _ => paths.push(path.to_string()),
    }
}
