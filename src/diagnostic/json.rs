//! Diagnostics for programs.

use serde_json::{Value, json};

use super::{Diagnostic, Diagnostics, Place};

/// All diagnostics as a JSON array, in the order in which they are told.
#[must_use]
pub fn value(diagnostics: &Diagnostics) -> Value {
    diagnostics.iter().map(one).collect()
}

fn one(diagnostic: &Diagnostic) -> Value {
    json!({
        "severity": diagnostic.severity.word(),
        "code": diagnostic.code.name(),
        "message": diagnostic.message,
        "place": diagnostic.place.as_ref().map(place),
        "field": diagnostic.field,
        "chain": diagnostic.chain.iter()
            .map(|link| json!({"relation": link.relation, "place": place(&link.place)}))
            .collect::<Value>(),
        "causes": diagnostic.causes,
        "environment": diagnostic.environment,
        "help": diagnostic.help,
    })
}

fn place(place: &Place) -> Value {
    json!({
        "file": place.file,
        "line": place.position.map(|position| position.line),
        "column": place.position.map(|position| position.column),
    })
}
