//! Canonical YAML: the bytes that kustomize prints for a resource.
//!
//! Keys are sorted, comments are gone, the file ends with one newline. The bytes depend on the resource alone.

use plimsoll_yaml::{Dialect, Numbers, emit_value};
use serde_json::Value;

use super::documents::Piece;
use super::layer::place_of;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// A resource as plain data and as text.
pub fn print(piece: &Piece) -> Result<(Value, String), Diagnostics> {
    let wrong = |reason: &str| -> Diagnostics {
        Diagnostic::error(Code::new("manifest::value"), format!("`{}` {reason}", piece.resource.id))
            .at(place_of(piece))
            .into()
    };
    let value = piece
        .resource
        .node
        .to_value(Dialect::Kustomize, Numbers::AsWritten)
        .map_err(|error| wrong(&format!("cannot be sent to a cluster: {}", error.message())))?;
    let text = emit_value(&value).map_err(|_| wrong("holds characters that YAML forbids"))?;
    Ok((value, text))
}

/// Plain data of our own as text.
pub fn print_value(value: &Value) -> Result<String, Diagnostics> {
    emit_value(value).map_err(|_| {
        Diagnostic::error(Code::new("manifest::value"), "a sync object holds characters that YAML forbids")
            .into()
    })
}
