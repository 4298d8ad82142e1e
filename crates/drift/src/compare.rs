//! One declared resource and the live one, into what differs; and what it means that one of them is not there.
//!
//! Compared is what the declared version says, in the server's own terms: the facts are in the schema and the rules, the way is
//! the walk's. Status, identity and what the server keeps for itself in the metadata are no part of it.

use std::cell::OnceCell;

use serde_json::{Value, json};

use crate::canonical::canonical;
use crate::finding::{Change, FieldChange, Finding, State};
use crate::mask::Mask;
use crate::neighbours::Neighbours;
use crate::place::{Frame, Place, PlaceStep};
use crate::rules::Rules;
use crate::schema::{Schema, Shape};
use crate::sides::{Desired, Live, at, text};
use crate::walk::{Shaped, Sink, Walk};
use crate::writers::Writers;

/// What a comparison needs beside the two sides.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// The schema of a custom resource; `None` for a built-in kind, or where no schema can be read.
    pub schema: Option<&'a Schema>,
    /// What is no drift, and how bad the rest is.
    pub rules: &'a Rules,
    /// What other resources say of this one.
    pub neighbours: &'a Neighbours,
    /// Whether a text must not be shown, given the name that it stands under: a key, or the name of a variable.
    pub is_secret: &'a dyn Fn(&str, &str) -> bool,
}

/// What differs between what is declared and what lives.
///
/// A resource that is being deleted is `pending`, with what differs beside.
#[must_use]
pub fn compare(desired: &Desired<'_>, live: &Live<'_>, comparison: &Comparison<'_>) -> Finding {
    let declared = canonical(desired.value());
    let finding = Finding::of_fields(differences(desired, &declared, live.value(), comparison));
    let metadata = at(live.value(), "metadata");
    match text(metadata, "deletionTimestamp") {
        "" => finding,
        since => Finding {
            state: State::Pending,
            severity: finding
                .severity
                .or(Some(comparison.rules.missing(group_of(live.value()), text(live.value(), "kind")))),
            cause: Some(format!("deletionTimestamp {since}")),
            fields: finding.fields,
            settles: false,
        },
    }
}

/// What it means that a declared resource does not live.
#[must_use]
pub fn judge_missing(desired: &Desired<'_>, rules: &Rules) -> Finding {
    let value = desired.value();
    let severity = Some(rules.missing(group_of(value), text(value, "kind")));
    Finding { state: State::Missing, severity, cause: None, fields: Vec::new(), settles: false }
}

/// What it means that a resource lives which nothing declares. The finding lists its fields as added, as far as they may be
/// shown; of a resource that was read as metadata only there are but those.
#[must_use]
pub fn judge_extra(live: &Live<'_>, comparison: &Comparison<'_>) -> Finding {
    let value = live.value();
    let declared = json!({"apiVersion": at(value, "apiVersion"), "kind": at(value, "kind")});
    let mut fields = differences(&Desired::of_value(&declared), &declared, value, comparison);
    for field in &mut fields {
        (field.change, field.desired, field.needs_replace) = (Change::Added, None, false);
    }
    let own = comparison.rules.extra(group_of(value), text(value, "kind"));
    let finding = Finding::of_fields(fields);
    let severity = finding.severity.map_or(own, |severity| severity.max(own));
    Finding {
        state: State::Extra,
        severity: Some(severity),
        cause: None,
        fields: finding.fields,
        settles: false,
    }
}

/// The API group of a resource; empty for the core group.
pub(crate) fn group_of(resource: &Value) -> &str {
    text(resource, "apiVersion").split_once('/').map_or("", |(group, _)| group)
}

fn differences(
    sides: &Desired<'_>,
    desired: &Value,
    live: &Value,
    comparison: &Comparison<'_>,
) -> Vec<FieldChange> {
    let built_in = &comparison.rules.built_in;
    let (api_version, kind) = (text(desired, "apiVersion"), text(desired, "kind"));
    let known = built_in.kind(api_version, kind);
    let walk = Walk {
        comparison,
        sides,
        live,
        deployers: OnceCell::new(),
        writers: Writers::of(live),
        mask: Mask {
            is_secret_kind: kind == "Secret" && api_version == "v1",
            is_secret: comparison.is_secret,
        },
        kind,
        group: group_of(desired),
        is_custom: known.is_none(),
        is_autoscaled: comparison.neighbours.is_autoscaled(live),
    };
    let (types, number) = match (known, comparison.schema) {
        (Some(number), _) => (&built_in.types, Some(number)),
        (None, Some(schema)) => (schema.types(), Some(schema.root())),
        (None, None) => (&built_in.types, None),
    };
    let type_name =
        known.and_then(|number| built_in.types.types.get(number)).map_or("", |own| own.name.as_ref());
    let root = Place::root(Frame { type_name, desired, live });
    let mut sink = Sink::default();
    let shape = number.map_or(Shape::Any, Shape::Struct);
    let shaped = Shaped { types, shape: &shape, keeps_empty: true };
    walk.mapping(&root, shaped, number, (desired, live), &mut sink);
    compare_metadata(&walk, &root, (desired, live), &mut sink);
    sink.changes
}

fn compare_metadata(walk: &Walk<'_>, root: &Place<'_>, (desired, live): (&Value, &Value), sink: &mut Sink) {
    let built_in = &walk.comparison.rules.built_in;
    let Some(number) = built_in.named("meta.v1.ObjectMeta") else { return };
    let place = root.down(PlaceStep::Key("metadata"), root.frame);
    let shape = Shape::Struct(number);
    let shaped = Shaped { types: &built_in.types, shape: &shape, keeps_empty: false };
    walk.mapping(&place, shaped, Some(number), (at(desired, "metadata"), at(live, "metadata")), sink);
}
