//! Bounds of numbers. All numbers are floats here; a schema of type `integer` also asks that they fit 64 bits.

use serde_json::{Value, json};

use super::super::field_error::go_number;
use super::{Found, Problem, is_json_integer, types_of};

pub(super) fn check(value: f64, schema: &Value, path: &str) -> Found {
    let is_integer = types_of(schema) == ["integer"];
    let mut found = Found { problems: Vec::new(), matches: 1 };
    let fit = |number: f64, what: &str| {
        (is_integer && !fits_64_bits(number)).then(|| {
            Problem::unplaced(format!("{what} value must be of type integer (default format) in {path}"))
        })
    };
    found.problems.extend(fit(value, "Checked"));
    let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let is_set = |keyword: &str| schema.get(keyword) == Some(&Value::Bool(true));
    if let Some(factor) = limit("multipleOf") {
        found.problems.extend(fit(factor, "MultipleOf"));
        found.problems.extend(check_factor(value, factor, path));
    }
    if let Some(least) = limit("minimum") {
        found.problems.extend(fit(least, "Minimum boundary"));
        let excludes = is_set("exclusiveMinimum");
        if value < least || (excludes && value <= least) {
            let words = if excludes { "greater than" } else { "greater than or equal to" };
            found.problems.push(out_of_bounds(value, least, words, path));
        }
    }
    if let Some(most) = limit("maximum") {
        found.problems.extend(fit(most, "Maximum boundary"));
        let excludes = is_set("exclusiveMaximum");
        if value > most || (excludes && value >= most) {
            let words = if excludes { "less than" } else { "less than or equal to" };
            found.problems.push(out_of_bounds(value, most, words, path));
        }
    }
    found
}

fn out_of_bounds(value: f64, bound: f64, words: &str, path: &str) -> Problem {
    let bound = go_number(&json!(bound));
    Problem::invalid(path, json!(value), format!("{path} in body should be {words} {bound}"))
}

fn check_factor(value: f64, factor: f64, path: &str) -> Option<Problem> {
    let printed = go_number(&json!(factor));
    if factor <= 0.0 {
        let told = format!("factor MultipleOf declared for {path} must be positive: {printed}");
        return Some(Problem::invalid(path, json!(factor), told));
    }
    let times = if factor < 1.0 { 1.0 / factor * value } else { value / factor };
    (!is_json_integer(times)).then(|| {
        Problem::invalid(path, json!(value), format!("{path} in body should be a multiple of {printed}"))
    })
}

/// Whether the decimal digits of a float are those of a 64-bit integer.
fn fits_64_bits(number: f64) -> bool {
    format!("{number}").parse::<i64>().is_ok()
}
