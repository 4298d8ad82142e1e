//! Values of a chart that would be others on every render, and reach a resource: refused, each call once.
//!
//! What stays in templates (a password that nothing prints, the notes, a dropped hook) stops nothing.

use std::collections::BTreeSet;

use plimsoll_helm::{Manifest, RandomOrigin, RandomOutput};

use super::helm_templates::ChartTemplates;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};

/// How many values a help line names.
const MOST_VALUES: usize = 4;

/// The calls whose results reach one of the manifests.
pub(super) fn refuse<'a>(
    random: &[RandomOutput],
    manifests: impl Iterator<Item = &'a Manifest>,
    templates: &ChartTemplates,
) -> Diagnostics {
    let mut calls: Vec<(&RandomOrigin, BTreeSet<String>)> = Vec::new();
    for manifest in manifests {
        let end = manifest.offset + manifest.content.len();
        let reaching = random.iter().filter(|part| {
            part.path == manifest.path && part.range.start < end && part.range.end > manifest.offset
        });
        for origin in reaching.flat_map(|part| &part.origins) {
            let resource = format!("{} {}", manifest.kind, manifest.name);
            let is_same = |known: &RandomOrigin| {
                known.call.function == origin.call.function
                    && known.call.location == origin.call.location
                    && known.values == origin.values
            };
            match calls.iter_mut().find(|(known, _)| is_same(known)) {
                Some((_, resources)) => drop(resources.insert(resource)),
                None => calls.push((origin, BTreeSet::from([resource]))),
            }
        }
    }
    calls.iter().map(|(origin, resources)| diagnose(origin, resources, templates)).collect()
}

fn diagnose(origin: &RandomOrigin, resources: &BTreeSet<String>, templates: &ChartTemplates) -> Diagnostic {
    let function = &origin.call.function;
    let (code, what) = match function.as_str() {
        "lookup" => ("random::lookup", "asks a cluster"),
        name if name == "now" || name == "ago" || name.to_ascii_lowercase().contains("date") => {
            ("random::clock", "reads the clock")
        }
        _ => ("random::value", "is random"),
    };
    let message = format!("`{function}` {what}, so that every render would give other bytes");
    let place = templates
        .place(&origin.call.location, function)
        .unwrap_or_else(|| Place::file(templates.file(&origin.call.location.template)));
    let mut diagnostic = Diagnostic::error(Code::new(code), message).at(place);
    for caller in &origin.call.callers {
        if let Some(place) = templates.place(caller, "") {
            diagnostic = diagnostic.with_link("included from", Place { excerpt: None, ..place });
        }
    }
    for resource in resources {
        diagnostic = diagnostic.with_cause(format!("it reaches `{resource}`"));
    }
    let values: Vec<String> =
        origin.values.iter().take(MOST_VALUES).map(|value| format!("`{value}`")).collect();
    diagnostic.with_help(if values.is_empty() {
        "set the value that the chart takes instead; a password by an existing secret".to_owned()
    } else {
        format!(
            "set {}, which the template asks for first; a password belongs into an existing secret",
            values.join(", ")
        )
    })
}
