//! Managed resources do not wait for each other in a circle, by references or by values that one has of another.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::references::managed_references;
use crate::lint::world::{LintResource, World};

pub(super) fn check(world: &World, findings: &mut Findings<'_>) {
    let edges: Vec<Vec<usize>> = world.resources.iter().map(|resource| needs(world, resource)).collect();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for start in 0..edges.len() {
        if told.contains(&start) {
            continue;
        }
        let Some(circle) = circle_from(start, &edges) else { continue };
        let names: Vec<String> = circle
            .iter()
            .chain(circle.first())
            .filter_map(|index| world.resources.get(*index))
            .map(|resource| format!("{} `{}`", resource.id.kind, resource.id.name))
            .collect();
        findings.tell(
            start,
            "metadata.name",
            format!("none of these is made before the next: {}", names.join(" waits for ")),
        );
        told.extend(circle);
    }
}

/// The managed resources that a managed resource cannot be made without.
fn needs(world: &World, resource: &LintResource) -> Vec<usize> {
    if resource.service().is_none() {
        return Vec::new();
    }
    let mut needs: Vec<usize> = managed_references(resource)
        .iter()
        .filter_map(|reference| world.referred(resource, reference).map(|(index, _)| index))
        .collect();
    let mut sources = Vec::new();
    collect_sources(&resource.value, &mut sources);
    for source in sources {
        let mut words = source.split(' ');
        let (Some(kind), Some(name)) = (words.next(), words.next()) else { continue };
        let found = world.resources.iter().position(|other| {
            other.service().is_some()
                && other.id.kind == kind
                && other.id.name == name
                && other.cluster == resource.cluster
        });
        needs.extend(found);
    }
    needs
}

/// What stands in angle brackets: the sources of values that are not known yet.
fn collect_sources<'v>(value: &'v Value, sources: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => {
            sources.extend(text.split('<').skip(1).filter_map(|part| part.split('>').next()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_sources(item, sources)),
        Value::Object(fields) => fields.values().for_each(|value| collect_sources(value, sources)),
        _ => {}
    }
}

/// The shortest circle through a resource.
fn circle_from(start: usize, edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut came_from: Vec<Option<usize>> = vec![None; edges.len()];
    let mut waiting = std::collections::VecDeque::from([start]);
    while let Some(at) = waiting.pop_front() {
        for next in edges.get(at).into_iter().flatten() {
            if *next == start {
                let mut circle = vec![at];
                let mut place = at;
                while place != start {
                    place = came_from.get(place).copied().flatten()?;
                    circle.push(place);
                }
                circle.reverse();
                return Some(circle);
            }
            if came_from.get(*next).is_some_and(Option::is_none)
                && let Some(place) = came_from.get_mut(*next)
            {
                *place = Some(at);
                waiting.push_back(*next);
            }
        }
    }
    None
}
