//! Which live resources belong to somebody though nothing declares them: those with a controller as owner, and those that
//! `rules/others.yaml` names.

use serde_json::Value;

use super::Rules;
use crate::compare::group_of;
use crate::ignore::glob;
use crate::neighbours::Neighbours;
use crate::sides::{Live, at, text};

/// Such resources: kinds that only others make, and single ones by their names and marks.
#[derive(Debug)]
pub(crate) struct Others {
    kinds: Vec<Value>,
    resources: Vec<Value>,
}

impl Others {
    pub(super) fn read(file: &Value) -> Others {
        let list = |key| at(file, key).as_array().cloned().unwrap_or_default();
        Others { kinds: list("kinds"), resources: list("resources") }
    }

    fn include(&self, live: &Value) -> bool {
        let (kind, group) = (text(live, "kind"), group_of(live));
        let metadata = at(live, "metadata");
        let of_kind = |row: &&Value| text(row, "kind") == kind && glob(text(row, "group"), group);
        let fits = |row: &Value| {
            let says = |key: &str, own: &str| {
                row.get(key).and_then(Value::as_str).is_none_or(|wanted| glob(wanted, own))
            };
            let has = |key: &str, marks: &str| {
                row.get(key)
                    .and_then(Value::as_str)
                    .is_none_or(|mark| at(metadata, marks).get(mark).is_some())
            };
            says("name", text(metadata, "name"))
                && says("namespace", text(metadata, "namespace"))
                && has("label", "labels")
                && has("annotation", "annotations")
        };
        self.kinds.iter().any(|row| of_kind(&row)) || self.resources.iter().filter(of_kind).any(fits)
    }
}

/// Whether a live resource that nothing declares belongs to somebody: a controller, or the cluster itself. Such a one is never
/// `extra`. Its metadata, with apiVersion and kind, is enough to tell.
#[must_use]
pub fn is_somebodys(live: &Live<'_>, neighbours: &Neighbours, rules: &Rules) -> bool {
    let live = live.value();
    let owners =
        at(at(live, "metadata"), "ownerReferences").as_array().map(Vec::as_slice).unwrap_or_default();
    owners.iter().any(|owner| at(owner, "controller") == &Value::Bool(true))
        || rules.others.include(live)
        || neighbours.is_claim_of_stateful_set(live)
}
