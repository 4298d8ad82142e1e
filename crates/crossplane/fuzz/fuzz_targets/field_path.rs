//! Any text is read as a field path, which is read, written, expanded, merged at and deleted in an object, or refused.
//!
//! `cargo xtask fuzz crossplane/field_path`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_crossplane::field_path::{
    MergeOptions, Segments, delete_field, expand_wildcards, merge_value, set_value, value_at,
};
use serde_json::json;

fuzz_target!(|path: &str| {
    let object = json!({
        "spec": {"list": [{"name": "a"}, {"name": "b", "deep": [[1, 2], []]}], "nothing": null, "number": 5},
        "metadata": {"name": "x", "annotations": {"a.b/c": "d", "*": "e"}},
    });
    if let Ok(segments) = Segments::parse(path) {
        // What a path is written as leads to the same place.
        let _ = Segments::parse(&segments.to_string());
    }
    let _ = value_at(&object, path);
    let _ = expand_wildcards(&object, path);
    for change in [
        |object: &mut _, path: &str| set_value(object, path, json!({"a": [1]})),
        |object: &mut _, path: &str| {
            merge_value(object, path, json!({"a": [1]}), Some(MergeOptions::KeepValuesAppendArrays))
        },
        |object: &mut _, path: &str| delete_field(object, path),
    ] {
        let mut object = object.clone();
        let _ = change(&mut object, path);
    }
});
