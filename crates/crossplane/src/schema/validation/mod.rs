//! Checks a value against an OpenAPI schema and gives the errors of k8s.io/kube-openapi.
//!
//! Follows k8s.io/kube-openapi `pkg/validation/validate` (2026-01) as k8s.io/apiextensions-apiserver
//! `pkg/apiserver/validation/validation.go` v0.35 calls it from Crossplane's `validate`: the object has crossed JSON once, so
//! every number is a float. Keywords that structural schemas cannot hold (`patternProperties`, `dependencies`) are not read;
//! [`super::check_structural`] refuses them. Of several alternatives that fail, the errors of that with most matches are kept,
//! which is why matches are counted as upstream counts them.

mod alternatives;
mod bounds;

use std::collections::{HashMap, HashSet};

use plimsoll_gotemplate::quote::quote;
use plimsoll_gotemplate::regex::Regex;
use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::{Map, Value, json};

use super::field_error::{BadValue, FieldError, ROOT};
use super::formats;
use crate::number::with_float_numbers;

/// Checks an object. Each error is told once.
#[must_use]
pub fn validate(object: &Value, schema: &Value) -> Vec<FieldError> {
    let object = with_float_numbers(object.clone());
    let found = Checker::default().check(&object, schema, "");
    let mut told = HashSet::new();
    found
        .problems
        .into_iter()
        .filter(|problem| told.insert(problem.text.clone()))
        .map(|problem| problem.error)
        .collect()
}

/// An error with the text that upstream compares errors by.
#[derive(Debug, Clone)]
struct Problem {
    text: String,
    error: FieldError,
}

impl Problem {
    /// A value that breaks a rule at a path; the text is also what the error says.
    fn invalid(path: &str, value: Value, text: String) -> Problem {
        Problem { error: FieldError::invalid(field(path), BadValue::Value(value), text.clone()), text }
    }

    /// A problem that upstream gives no path.
    fn unplaced(text: String) -> Problem {
        Problem { error: FieldError::invalid(ROOT, BadValue::Value(json!("")), text.clone()), text }
    }

    fn wrong_type(path: &str, expected: &str, found: &str) -> Problem {
        let text = format!("{path} in body must be of type {expected}: {}", quote(found.as_bytes()));
        Problem::invalid(path, json!(found), text)
    }
}

/// What a check found, and how many checks went well.
#[derive(Debug, Default)]
struct Found {
    problems: Vec<Problem>,
    matches: u64,
}

impl Found {
    fn merge(&mut self, other: Found) {
        self.problems.extend(other.problems);
        self.matches += other.matches;
    }

    fn is_valid(&self) -> bool {
        self.problems.is_empty()
    }
}

/// The path as errors name it: the root has none, and a point at the start is dropped.
fn field(path: &str) -> String {
    match path.strip_prefix('.').unwrap_or(path) {
        "" => ROOT.to_owned(),
        path => path.to_owned(),
    }
}

/// Checks values, and keeps the patterns that it compiled.
#[derive(Default)]
struct Checker {
    patterns: HashMap<String, Result<Regex, String>>,
}

impl Checker {
    fn check(&mut self, value: &Value, schema: &Value, path: &str) -> Found {
        let mut found = check_type(value, schema, path);
        if value.is_null() {
            found.merge(check_enumeration(value, schema, path));
            return found;
        }
        let has_type = !types_of(schema).is_empty() || format_of(schema).is_some();
        if has_type {
            found.matches += 1;
        } else {
            found = Found::default();
        }
        let alternatives = self.check_alternatives(value, schema, path);
        found.merge(alternatives);
        found.matches += 1;
        match value {
            Value::String(text) => {
                found.problems.extend(self.check_string(text, schema, path));
                found.matches += 1;
                if let Some(format) = format_of(schema) {
                    found.problems.extend(check_format(text, schema, &format, path));
                    found.matches += 1;
                }
            }
            Value::Number(number) => {
                found.merge(bounds::check(number.as_f64().unwrap_or_default(), schema, path));
                found.matches += 1;
            }
            Value::Array(items) => {
                let items = self.check_items(items, schema, path);
                found.merge(items);
                found.matches += 1;
            }
            _ => {}
        }
        found.merge(check_enumeration(value, schema, path));
        found.matches += 1;
        if let Value::Object(fields) = value {
            let fields = self.check_fields(fields, schema, path);
            found.merge(fields);
            found.matches += 1;
        }
        found.matches += 1;
        found
    }

    /// Only the first rule that a string breaks is told.
    fn check_string(&mut self, text: &str, schema: &Value, path: &str) -> Option<Problem> {
        let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if let Some(most) = limit("maxLength").filter(|most| length > *most) {
            let told = format!("{path} in body should be at most {most} chars long");
            return Some(Problem { text: told, error: FieldError::too_long(field(path), most) });
        }
        if let Some(least) = limit("minLength").filter(|least| length < *least) {
            let told = format!("{path} in body should be at least {least} chars long");
            return Some(Problem::invalid(path, json!(text), told));
        }
        let pattern = schema.get("pattern").and_then(Value::as_str).filter(|pattern| !pattern.is_empty())?;
        let compiled = self
            .patterns
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(pattern.as_bytes()).map_err(|error| error.to_string()));
        let told = match compiled {
            Ok(compiled) if compiled.is_match(text.as_bytes()) => return None,
            Ok(_) => format!("{path} in body should match '{pattern}'"),
            Err(error) => format!("{path} in body should match '{pattern}, but pattern is invalid: {error}'"),
        };
        Some(Problem::invalid(path, json!(text), told))
    }

    fn check_items(&mut self, items: &[Value], schema: &Value, path: &str) -> Found {
        let mut found = Found::default();
        if let Some(item_schema) = schema.get("items").filter(|items| items.is_object()) {
            for (index, item) in items.iter().enumerate() {
                let item = self.check(item, item_schema, &format!("{path}[{index}]"));
                found.merge(item);
            }
        }
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
        if let Some(least) = limit("minItems").filter(|least| count < *least) {
            let told = format!("{path} in body should have at least {least} items");
            found.problems.push(Problem::invalid(path, json!(count), told));
        }
        if let Some(most) = limit("maxItems").filter(|most| count > *most) {
            let told = format!("{path} in body should have at most {most} items");
            found
                .problems
                .push(Problem { text: told, error: FieldError::too_many(field(path), count, most) });
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mut seen = HashSet::new();
            if !items.iter().all(|item| seen.insert(emit_json(item, HtmlEscape::Kept))) {
                let told = format!("{path} in body shouldn't contain duplicates");
                found.problems.push(Problem::invalid(path, json!(""), told));
            }
        }
        found.matches += 1;
        found
    }

    fn check_fields(&mut self, fields: &Map<String, Value>, schema: &Value, path: &str) -> Found {
        let mut found = Found::default();
        let count = i64::try_from(fields.len()).unwrap_or(i64::MAX);
        let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
        if let Some(least) = limit("minProperties").filter(|least| count < *least) {
            let told = format!("{path} in body should have at least {least} properties");
            found.problems.push(Problem::invalid(path, json!(count), told));
        }
        if let Some(most) = limit("maxProperties").filter(|most| count > *most) {
            let told = format!("{path} in body should have at most {most} properties");
            found
                .problems
                .push(Problem { text: told, error: FieldError::too_many(field(path), count, most) });
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        for (name, value) in fields {
            if let Some(property) = properties.and_then(|properties| properties.get(name)) {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let below = self.check(value, property, &below);
                found.merge(below);
            } else if additional == Some(&Value::Bool(false)) {
                let told = format!("{path}.{name} in body is a forbidden property");
                found.problems.push(Problem::invalid(path, json!(name), told));
            } else if let Some(additional) = additional.filter(|additional| additional.is_object()) {
                let below = self.check(value, additional, &format!("{path}.{name}"));
                found.merge(below);
            }
        }
        for name in
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            if !fields.contains_key(name) {
                let path = format!("{path}.{name}");
                let told = format!("{path} in body is required");
                found.problems.push(Problem { text: told, error: FieldError::required(field(&path), "") });
            }
        }
        found
    }
}

/// The types that a schema allows.
fn types_of(schema: &Value) -> Vec<&str> {
    if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        return vec!["integer", "string"];
    }
    schema.get("type").and_then(Value::as_str).filter(|name| !name.is_empty()).into_iter().collect()
}

/// The format of a schema without dashes, where it is one that is checked.
fn format_of(schema: &Value) -> Option<String> {
    schema.get("format").and_then(Value::as_str).and_then(formats::supported)
}

/// The type of a value. Strings and lists of a schema with a format are left to the check of the format.
fn check_type(value: &Value, schema: &Value, path: &str) -> Found {
    let types = types_of(schema);
    let mut found = Found::default();
    let name = match value {
        Value::Null => {
            let is_nullable = schema.get("nullable") == Some(&Value::Bool(true));
            if types.is_empty() || types.contains(&"null") || is_nullable {
                found.matches += 1;
            } else {
                found.problems.push(Problem::wrong_type(path, &types.join(","), "null"));
            }
            return found;
        }
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_whole = value.as_f64().is_some_and(is_json_integer);
    let fits = types.contains(&name) || (is_whole && types.contains(&"integer"));
    let has_format = format_of(schema).is_some();
    let is_text = matches!(value, Value::String(_) | Value::Array(_));
    if has_format && !is_text && !fits {
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        let found_format = if value.is_number() { "float64" } else { "" };
        found.problems.push(Problem::wrong_type(path, format, found_format));
        return found;
    }
    let is_left_to_format =
        has_format && is_text && !types.contains(&"number") && !types.contains(&"integer");
    if is_left_to_format || fits {
        found.matches += 1;
    } else {
        found.problems.push(Problem::wrong_type(path, &types.join(","), name));
    }
    found
}

/// Whether a float counts as an integer: exactly representable, and whole but for rounding.
fn is_json_integer(value: f64) -> bool {
    const MOST: f64 = 9_007_199_254_740_991.0;
    const EPSILON: f64 = 1e-9;
    if !value.is_finite() || value.abs() > MOST {
        return false;
    }
    if value.trunc() == value {
        return true;
    }
    // Upstream takes the whole part through an unsigned integer, which makes a negative fraction far from whole.
    if value < 0.0 {
        return false;
    }
    let whole = value.trunc();
    whole != 0.0 && (value - whole).abs() / (value + whole) < EPSILON
}

fn check_format(text: &str, schema: &Value, format: &str, path: &str) -> Option<Problem> {
    let written = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    (!formats::is_of_format(format, text)).then(|| Problem::wrong_type(path, written, text))
}

/// Whether a value is one of an enumeration's. A number is compared after Go made it the type of the listed one, so it loses
/// its fraction against an integer.
fn check_enumeration(value: &Value, schema: &Value, path: &str) -> Found {
    let listed = schema.get("enum").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if listed.is_empty() || listed.iter().any(|listed| is_same(value, listed)) {
        return Found::default();
    }
    let supported: Vec<String> = listed
        .iter()
        .map(|listed| match listed {
            Value::String(text) => text.clone(),
            other => emit_json(other, HtmlEscape::Escaped),
        })
        .collect();
    let told = format!("{path} in body should be one of {}", supported.join(" "));
    let bad = if value.is_null() { BadValue::Nil } else { BadValue::Value(value.clone()) };
    let error = FieldError::not_supported(field(path), bad, &supported);
    Found { problems: vec![Problem { text: told, error }], matches: 0 }
}

fn is_same(value: &Value, listed: &Value) -> bool {
    match (value, listed) {
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Number(value), Value::Number(listed)) => {
            let (value, float) = (value.as_f64().unwrap_or_default(), listed.as_f64().unwrap_or_default());
            if listed.is_f64() { value == float } else { value.trunc() == float }
        }
        (value, listed) => value == listed,
    }
}
