//! Transforms: steps from the value that a patch reads to the value that it writes.
//!
//! The rules and the texts are those of function-patch-and-transform 0.10.8 `transforms.go`, with its quirks: results of `map`
//! and `match` have only floats, as Go's plain JSON decoder gives them; `join` takes one byte off its end, however long the
//! separator is; the type of an error is Go's.

pub(super) mod convert;
mod map;
mod matching;
mod math;
mod string;

use serde_json::Value;

use super::input::Transform;

/// Runs transforms one after another.
pub(super) fn resolve_all(transforms: &[Transform], input: Value) -> Result<Value, String> {
    transforms.iter().enumerate().try_fold(input, |value, (index, transform)| {
        resolve(transform, value)
            .map_err(|error| format!("transform at index {index} returned error: {error}"))
    })
}

fn resolve(transform: &Transform, input: Value) -> Result<Value, String> {
    let kind = transform.kind.as_str();
    let missing = || format!("given transform type {kind} requires configuration");
    let result = match kind {
        "math" => math::resolve(transform.math.as_ref().ok_or_else(missing)?, input),
        "map" => map::resolve(transform.map.as_ref().ok_or_else(missing)?, &input),
        "match" => matching::resolve(transform.matching.as_ref().ok_or_else(missing)?, input),
        "string" => string::resolve(transform.string.as_ref().ok_or_else(missing)?, &input),
        "convert" => convert::resolve(transform.convert.as_ref().ok_or_else(missing)?, input),
        unknown => return Err(format!("transform type {unknown} is not supported")),
    };
    result.map_err(|error| format!("{kind} transform could not resolve: {error}"))
}
