//! Texts cut into pieces.

use crate::types::{INT, STRING, STRING_MAP, STRINGS};
use crate::unicode::decode_first;
use crate::{Entries, Function, GoString, List, Map, Signature, Value};

use super::arguments::{bytes, integer};
use super::text::find;

pub(super) fn functions() -> Vec<Function> {
    vec![
        Function::new("split", Signature::new(&[STRING, STRING], STRING_MAP), |_, arguments| {
            Ok(numbered(split(bytes(&arguments[1]), bytes(&arguments[0]), None)))
        }),
        Function::new("splitn", Signature::new(&[STRING, INT, STRING], STRING_MAP), |_, arguments| {
            let limit = usize::try_from(integer(&arguments[1])).ok();
            Ok(numbered(split(bytes(&arguments[2]), bytes(&arguments[0]), limit)))
        }),
        Function::new("splitList", Signature::new(&[STRING, STRING], STRINGS), |_, arguments| {
            let pieces = split(bytes(&arguments[1]), bytes(&arguments[0]), None);
            Ok(Value::from(List::of_strings(pieces)))
        }),
    ]
}

/// At most `limit` pieces, the last one with all the rest; an empty separator stands between all characters.
fn split<'t>(text: &'t [u8], separator: &[u8], limit: Option<usize>) -> Vec<&'t [u8]> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut pieces = Vec::new();
    let mut rest = text;
    if limit == 0 {
        return pieces;
    }
    while pieces.len() + 1 < limit {
        let cut = if separator.is_empty() {
            decode_first(rest).map(|(_, width)| width).filter(|&width| width < rest.len())
        } else {
            find(rest, separator)
        };
        let Some(position) = cut else { break };
        pieces.push(&rest[..position]);
        rest = &rest[position + separator.len()..];
    }
    if !(separator.is_empty() && text.is_empty()) {
        pieces.push(rest);
    }
    pieces
}

fn numbered(pieces: Vec<&[u8]>) -> Value {
    let entries: Entries = pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (GoString::from(format!("_{index}")), Value::from(piece)))
        .collect();
    Value::from(Map::of_type(STRING_MAP, entries))
}
