//! Kubernetes' own kinds: values that its API server could not read, and fields that it does not know.
//!
//! Looks at types only; what values mean is not judged. Values are not repeated in messages: any of them may be a secret.

use std::collections::BTreeSet;

use plimsoll_crossplane::built_in::{self, DecodingError, Problem};
use plimsoll_yaml::{Dialect, Node, Numbers};
use rayon::prelude::*;
use serde_json::Value;

use super::documents::Piece;
use super::layer::place_of;
use super::validation::PieceSources;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expansion::Supplied;
use crate::expansion::source_lines::{key_place_at, place_at};

/// What Kubernetes could not read of its own kinds, and of which resources that was. An unknown field may be newer than what is
/// known here, so it is a warning.
pub(super) fn check(pieces: &[&Piece]) -> (Diagnostics, BTreeSet<usize>) {
    let of_piece = |piece: &&Piece| -> Option<(Value, Vec<DecodingError>)> {
        let api_version = piece.resource.node.get("apiVersion").and_then(Node::as_str)?;
        if !built_in::is_known(api_version, &piece.resource.id.kind) {
            return None;
        }
        let value = piece.resource.node.to_value(Dialect::Kustomize, Numbers::AsWritten).ok()?;
        let mut errors = built_in::find_all_errors(&value)?;
        // SOPS leaves its own field in what it encrypted, and what decrypts it takes the field out.
        errors.retain(|error| error.problem != Problem::UnknownField || error.path != "sops");
        (!errors.is_empty()).then_some((value, errors))
    };
    let wrong: Vec<(usize, &Piece, Value, Vec<DecodingError>)> = pieces
        .par_iter()
        .enumerate()
        .filter_map(|(index, piece)| of_piece(piece).map(|(value, errors)| (index, *piece, value, errors)))
        .collect();
    let struck = wrong.iter().map(|(index, ..)| *index).collect();
    let found = wrong
        .into_iter()
        .flat_map(|(_, piece, value, errors)| {
            let supplied = Supplied::default();
            let sources = PieceSources { entries: vec![(piece, value)], supplied: &supplied };
            errors.into_iter().map(|error| unreadable(&sources, piece, &error)).collect::<Vec<_>>()
        })
        .collect();
    (found, struck)
}

fn unreadable(sources: &PieceSources<'_>, piece: &Piece, error: &DecodingError) -> Diagnostic {
    let (subject, field) = (&piece.resource.id, &error.path);
    let is_unknown = error.problem == Problem::UnknownField;
    let diagnostic = match &error.problem {
        Problem::UnknownField => Diagnostic::warning(
            Code::new("manifest::unknown-field"),
            format!("`{subject}` has no field `{field}`"),
        )
        .with_help("Kubernetes refuses or drops it, unless it is newer than 1.35"),
        Problem::Mismatch { found, wanted } => Diagnostic::error(
            Code::new("manifest::invalid"),
            format!(
                "`{field}` of `{subject}` is refused: {} where Kubernetes wants {}",
                named(found),
                plain(wanted)
            ),
        ),
        Problem::Malformed => Diagnostic::error(
            Code::new("manifest::invalid"),
            format!("`{field}` of `{subject}` is refused: Kubernetes cannot read the value"),
        ),
    };
    let place = if is_unknown { key_place_at } else { place_at };
    diagnostic.with_field(field).at(place(sources, 0, &error.steps).unwrap_or_else(|| place_of(piece)))
}

/// A kind of JSON value in the words of YAML.
fn named(found: &str) -> &'static str {
    match found {
        "array" => "a list",
        "bool" => "true or false",
        "number" => "a number",
        "object" => "a map",
        _ => "a string",
    }
}

/// A Go type in the words of YAML.
fn plain(go_type: &str) -> &str {
    match go_type {
        "string" => "a string",
        "bool" => "true or false",
        "int32" | "int64" | "uint8" | "uint32" | "uint64" => "a whole number",
        "float64" => "a number",
        list if list.starts_with("[]") => "a list",
        map if map.starts_with("map[") => "a map",
        // Named types are strings, objects or lists of their own; the name says which.
        name => name.rsplit('.').next().unwrap_or(name),
    }
}
