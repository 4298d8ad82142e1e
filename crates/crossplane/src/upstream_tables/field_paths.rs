//! crossplane-runtime v2.2.1 `pkg/fieldpath`.

use serde_json::{Value, json};

use super::{Verdict, compare, text_of};
use crate::field_path::{
    MergeOptions, PathError, Segment, Segments, bool_at, delete_field, expand_wildcards, integer_at,
    merge_value, set_value, string_at, value_at,
};

pub(super) fn replay(test: &str, data: &Value) -> Verdict {
    let (object, path, want) = (&data["data"], text_of(data, "path"), &data["want"]);
    let wanted = |found: Result<Value, PathError>, value: &Value| {
        compare(found.map_err(|error| error.to_string()), &want["err"], value)
    };
    let arguments = &data["args"];
    let changed = |change: &dyn Fn(&mut Value) -> Result<(), PathError>, before: &Value| {
        let mut object = if before.is_null() { json!({}) } else { before.clone() };
        let result = change(&mut object);
        // What an error leaves behind is compared as well.
        let left = object.clone();
        (result.map(|()| object), left)
    };
    match test {
        "TestGetValue" => wanted(value_at(object, path).cloned(), &want["value"]),
        "TestGetString" => wanted(string_at(object, path).map(Value::from), &want["value"]),
        "TestGetBool" => wanted(bool_at(object, path).map(Value::from), &want["value"]),
        "TestGetInteger" => wanted(integer_at(object, path).map(Value::from), &want["value"]),
        "TestGetStringArray" => wanted(all_strings(object, path, "array"), &want["value"]),
        "TestGetStringObject" => wanted(all_strings(object, path, "object"), &want["value"]),
        "TestGetValueInto" => wanted(value_at(object, text_of(arguments, "path")).cloned(), &want["out"]),
        "TestIsNotFound" => {
            let error = match want.as_bool() {
                Some(true) => PathError::not_found("boom".to_owned()),
                _ => PathError::invalid("boom".to_owned()),
            };
            compare(Ok(error.is_not_found().into()), &Value::Null, want)
        }
        "TestSetValue" => {
            let set = |object: &mut Value| {
                set_value(object, text_of(arguments, "path"), arguments["value"].clone())
            };
            let (result, left) = changed(&set, object);
            compare(Ok(left), &Value::Null, &want["object"])?;
            wanted(result, &want["object"])
        }
        "TestDeleteField" => {
            let delete = |object: &mut Value| delete_field(object, text_of(arguments, "path"));
            let (result, left) = changed(&delete, object);
            compare(Ok(left), &Value::Null, &want["object"])?;
            wanted(result, &want["object"])
        }
        "TestMergeValue" => {
            let merge = |object: &mut Value| {
                let options = merge_options(&arguments["mo"]);
                merge_value(object, text_of(arguments, "path"), arguments["value"].clone(), options)
            };
            let (result, _) = changed(&merge, &data["fields"]["object"]);
            let serialized = serde_json::from_str(text_of(want, "serialized")).unwrap_or_default();
            wanted(result, &serialized)
        }
        "TestExpandWildcards" => {
            let found = expand_wildcards(object, path).map(|paths| {
                let mut paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
                paths.sort();
                paths.into()
            });
            let mut expanded: Vec<&str> =
                want["expanded"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            expanded.sort_unstable();
            wanted(found, &expanded.into())
        }
        "TestParse" => wanted(Segments::parse(path).map(|segments| as_go(&segments.0)), &want["s"]),
        "TestFieldOrIndex" => {
            let segment = as_go(&[Segment::field_or_index(text_of(data, "s"))]);
            compare(Ok(segment[0].clone()), &Value::Null, want)
        }
        "TestSegments" => {
            let segments = data["s"].as_array().into_iter().flatten().map(of_go).collect();
            compare(Ok(Segments(segments).to_string().into()), &Value::Null, want)
        }
        other => Err(format!("nothing replays {other}")),
    }
}

/// What `GetStringArray` and `GetStringObject` do, which nothing here needs but through the value itself.
fn all_strings(object: &Value, path: &str, shape: &str) -> Result<Value, PathError> {
    let value = value_at(object, path)?;
    let are_strings = match (shape, value) {
        ("array", Value::Array(items)) => items.iter().all(Value::is_string),
        ("object", Value::Object(fields)) => fields.values().all(Value::is_string),
        _ => return Err(PathError::invalid(format!("{path}: not an {shape}"))),
    };
    if are_strings {
        return Ok(value.clone());
    }
    Err(PathError::invalid(
        format!("{path}: not an {shape} of strings")
            .replace("object of", "object with")
            .replace("with strings", "with string field values"),
    ))
}

fn merge_options(options: &Value) -> Option<MergeOptions> {
    let is = |key: &str| options[key].as_bool() == Some(true);
    options.is_object().then(|| match (is("keepMapValues"), is("appendSlice")) {
        (true, false) => MergeOptions::KeepValues,
        (true, true) => MergeOptions::KeepValuesAppendArrays,
        (false, false) => MergeOptions::Overwrite,
        (false, true) => MergeOptions::OverwriteAppendArrays,
    })
}

fn as_go(segments: &[Segment]) -> Value {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Field(field) => json!({"Field": field, "Index": 0, "Type": 1}),
            Segment::Index(index) => json!({"Field": "", "Index": index, "Type": 2}),
        })
        .collect()
}

fn of_go(segment: &Value) -> Segment {
    match segment["Type"].as_u64() {
        Some(2) => Segment::field_or_index(&segment["Index"].to_string()),
        _ => Segment::field(text_of(segment, "Field")),
    }
}
