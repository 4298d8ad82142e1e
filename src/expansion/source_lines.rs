//! Where each value of a managed resource comes from, as far as patches can be followed: places in the files of the claim, of
//! the Composition, or of the definition whose default it is.

use plimsoll_crossplane::field_path::{Segment, Segments};
use plimsoll_crossplane::provenance::{Provenance, ValueOrigin};
use plimsoll_yaml::Node;
use serde_json::Value;

use super::{Composite, EnvironmentResources, Expansion, ManagedResource, Sources};
use crate::diagnostic::Place;

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
        Segments::parse(path).map(|path| self.lines_at(expansion, managed, &path)).unwrap_or_default()
    }

    /// The lines of every value of a managed resource that is no object and no list, by path.
    #[must_use]
    pub fn all_lines_of(
        &self,
        expansion: &Expansion,
        managed: &ManagedResource,
    ) -> Vec<(String, Vec<SourceLine>)> {
        let mut lines = Vec::new();
        each_leaf(&managed.value, &mut Segments::default(), &mut |path| {
            lines.push((path.to_string(), self.lines_at(expansion, managed, path)));
        });
        lines
    }

    fn lines_at(&self, expansion: &Expansion, managed: &ManagedResource, path: &Segments) -> Vec<SourceLine> {
        let spots = spots_of(self, expansion, managed, path);
        let mut lines: Vec<SourceLine> = spots
            .into_iter()
            .filter_map(|(index, node)| {
                let file = self.files.get(index)?;
                Some(SourceLine { line: file.line_of(node.span())?, file: file.path.clone() })
            })
            .collect();
        lines.dedup();
        lines
    }
}

/// The places that the value at a path of a managed resource comes from.
#[must_use]
pub fn places_of(
    sources: &dyn Sources,
    expansion: &Expansion,
    managed: &ManagedResource,
    path: &str,
) -> Vec<Place> {
    let Ok(path) = Segments::parse(path) else { return Vec::new() };
    let spots = spots_of(sources, expansion, managed, &path).into_iter();
    spots.filter_map(|(index, node)| sources.place_of(index, node)).collect()
}

/// A node of a resource, which is told by its place among the sources.
type Spot<'a> = (usize, &'a Node);

fn spots_of<'a>(
    sources: &'a dyn Sources,
    expansion: &'a Expansion,
    managed: &ManagedResource,
    path: &Segments,
) -> Vec<Spot<'a>> {
    let Some(composite) = expansion.composites.get(managed.composite) else { return Vec::new() };
    Search { sources, expansion }.of_composed(composite, &managed.provenance, path, 0)
}

#[derive(Clone, Copy)]
struct Search<'a> {
    sources: &'a dyn Sources,
    expansion: &'a Expansion,
}

impl<'a> Search<'a> {
    fn of_composed(
        self,
        composite: &Composite,
        provenance: &Provenance,
        path: &Segments,
        depth: usize,
    ) -> Vec<Spot<'a>> {
        let in_composition =
            |pointer: &str| spot_at(self.sources, composite.composition_index?, &steps_of_pointer(pointer));
        match provenance.origin(path) {
            ValueOrigin::Crossplane => Vec::new(),
            ValueOrigin::Composition(pointer) | ValueOrigin::Environment(pointer) => {
                in_composition(&pointer).into_iter().collect()
            }
            ValueOrigin::Composite { paths, patch } => {
                let spots: Vec<Spot<'a>> = paths
                    .iter()
                    .filter_map(|path| Segments::parse(path).ok())
                    .flat_map(|path| self.in_composite(composite, &path, depth + 1))
                    .collect();
                if spots.is_empty() { in_composition(&patch).into_iter().collect() } else { spots }
            }
        }
    }

    /// The places of a field of a composite: in the claim, or in what composed it.
    fn in_composite(self, composite: &Composite, path: &Segments, depth: usize) -> Vec<Spot<'a>> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let parent = composite.parent.and_then(|parent| self.expansion.composites.get(parent));
        match (&composite.provenance, parent) {
            (Some(provenance), Some(parent)) => self.of_composed(parent, provenance, path, depth),
            // The composite of a claim has the claim's fields.
            (None, Some(claim)) => self.in_composite(claim, path, depth + 1),
            (_, None) => {
                let steps: Vec<String> = path.0.iter().map(step_of).collect();
                exact_spot(self.sources, composite.resource, &steps)
                    .or_else(|| self.of_default(composite, path))
                    .into_iter()
                    .collect()
            }
        }
    }

    /// The place of the default that a definition gives to a field.
    fn of_default(self, composite: &Composite, path: &Segments) -> Option<Spot<'a>> {
        let text = |value: &'a Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let index =
            *self.expansion.definitions.get(&(composite.id.group.clone(), composite.id.kind.clone()))?;
        let definition = self.sources.value(index)?;
        let version = composite.api_version.rsplit('/').next().unwrap_or_default();
        let versions = definition.pointer("/spec/versions")?.as_array()?;
        let place = versions.iter().position(|entry| text(entry, "/name") == Some(version))?;
        let mut steps: Vec<String> = ["spec", "versions", &place.to_string(), "schema", "openAPIV3Schema"]
            .iter()
            .map(|step| (*step).to_owned())
            .collect();
        let mut found = None;
        for segment in &path.0 {
            match segment {
                Segment::Field(field) => steps.extend(["properties".to_owned(), field.clone()]),
                Segment::Index(_) => steps.push("items".to_owned()),
            }
            steps.push("default".to_owned());
            found = exact_spot(self.sources, index, &steps).or(found);
            steps.pop();
        }
        found
    }
}

/// The place of a path in a resource: of the deepest field on the way that is there.
pub(crate) fn place_at(sources: &dyn Sources, index: usize, steps: &[String]) -> Option<Place> {
    let (index, node) = spot_at(sources, index, steps)?;
    sources.place_of(index, node)
}

fn spot_at<'a>(sources: &'a dyn Sources, index: usize, steps: &[String]) -> Option<Spot<'a>> {
    let (node, _) = nearest(sources.node(index)?, steps);
    Some((index, node))
}

/// The place of the key at the end of a path in a resource.
pub(crate) fn key_place_at(sources: &dyn Sources, index: usize, steps: &[String]) -> Option<Place> {
    let (last, above) = steps.split_last()?;
    let parent = above.iter().try_fold(sources.node(index)?, |node, step| match node.items() {
        Some(items) => items.get(step.parse::<usize>().ok()?),
        None => node.get(step),
    });
    match parent.and_then(|parent| parent.entry(last)) {
        Some(entry) => sources.place_of(index, &entry.key),
        None => place_at(sources, index, steps),
    }
}

/// The node at a path in a resource, where it is there and was in a text.
fn exact_spot<'a>(sources: &'a dyn Sources, index: usize, steps: &[String]) -> Option<Spot<'a>> {
    let (node, is_there) = nearest(sources.node(index)?, steps);
    (is_there && node.span().is_known()).then_some((index, node))
}

fn step_of(segment: &Segment) -> String {
    match segment {
        Segment::Field(field) => field.clone(),
        Segment::Index(index) => index.to_string(),
    }
}

/// The steps of a path as Crossplane writes it.
pub(crate) fn steps_of_path(path: &str) -> Vec<String> {
    Segments::parse(path).map(|path| path.0.iter().map(step_of).collect()).unwrap_or_default()
}

/// The steps of a JSON pointer.
pub(super) fn steps_of_pointer(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

/// The deepest node on a path, with whether it is the end of it. An object or list is shown by its key.
pub(crate) fn nearest<'n>(root: &'n Node, steps: &[String]) -> (&'n Node, bool) {
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

/// Tells the paths of all values that are no objects and no lists.
fn each_leaf(value: &Value, path: &mut Segments, tell: &mut impl FnMut(&Segments)) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                path.0.push(Segment::Field(key.clone()));
                each_leaf(value, path, tell);
                path.0.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                path.0.push(Segment::Index(u32::try_from(index).unwrap_or(u32::MAX)));
                each_leaf(value, path, tell);
                path.0.pop();
            }
        }
        _ => tell(path),
    }
}
