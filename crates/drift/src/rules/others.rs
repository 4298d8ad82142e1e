//! Which live resources belong to somebody though nothing declares them: those with a controller as owner, and those that
//! `rules/others.yaml` names.

use serde_json::Value;

use super::Rules;
use crate::compare::group_of;
use crate::ignore::glob;
use crate::neighbours::Neighbours;
use crate::sides::{Live, at, text};

/// The names and marks of such resources.
#[derive(Debug)]
pub(crate) struct Others {
    kinds: Vec<Value>,
    names: Vec<Value>,
    labels: Vec<Value>,
    annotations: Vec<Value>,
}

impl Others {
    pub(super) fn read(file: &Value) -> Others {
        let list = |key| at(file, key).as_array().cloned().unwrap_or_default();
        Others {
            kinds: list("kinds"),
            names: list("names"),
            labels: list("labels"),
            annotations: list("annotations"),
        }
    }

    fn include(&self, live: &Value) -> bool {
        let (kind, group) = (text(live, "kind"), group_of(live));
        let metadata = at(live, "metadata");
        let of_kind = |row: &&Value| text(row, "kind") == kind;
        let is_kind = |row: &Value| glob(text(row, "group"), group);
        let is_named = |row: &Value| {
            let fits = |key: &str, own: &str| {
                row.get(key).and_then(Value::as_str).is_none_or(|wanted| glob(wanted, own))
            };
            fits("name", text(metadata, "name")) && fits("type", text(live, "type"))
        };
        let has = |map: &'static str, key: &'static str| {
            move |row: &Value| at(metadata, map).get(text(row, key)).is_some()
        };
        self.kinds.iter().filter(of_kind).any(is_kind)
            || self.names.iter().filter(of_kind).any(is_named)
            || self.labels.iter().filter(of_kind).any(has("labels", "label"))
            || self.annotations.iter().filter(of_kind).any(has("annotations", "annotation"))
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
