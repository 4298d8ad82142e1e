//! Short access to arguments, whose types the signature has settled, and the errors which several areas share.

use crate::{Error, GoString, List, Map, Value, types};

/// The bytes of a string argument.
pub(super) fn bytes(value: &Value) -> &[u8] {
    value.string().map(GoString::as_bytes).unwrap_or_default()
}

/// A string argument as text, with U+FFFD for what is not UTF-8.
pub(super) fn text(value: &Value) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes(value))
}

/// The number of an `int` argument.
pub(super) fn integer(value: &Value) -> i64 {
    value.integer().unwrap_or_default()
}

/// A map argument, seen as the parameter's type; the nil map for anything else.
pub(super) fn map(value: &Value) -> Map {
    match value.map() {
        Some(map) if map.go_type().is(types::MAP) => map.clone(),
        Some(map) => map.converted(types::MAP),
        None => Map::nil(types::MAP),
    }
}

/// Turns a text into another one, whatever it holds.
pub(super) type Conversion = fn(&[u8]) -> Vec<u8>;

/// The items of a list, if it is one.
pub(super) fn items(value: &Value) -> Option<&[Value]> {
    value.list().map(List::items)
}

/// What Go says when a nil pointer is followed.
pub(super) fn nil_dereference() -> Error {
    Error::message("runtime error: invalid memory address or nil pointer dereference")
}

/// What Go says when a slice of a negative or impossible length is made.
pub(super) fn impossible_length() -> Error {
    Error::message("runtime error: makeslice: len out of range")
}
