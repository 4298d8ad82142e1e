//! One declared resource and the live one, into what differs.

use plimsoll_yaml::{FieldPath, Step};
use serde_json::Value;

use crate::finding::{Change, FieldChange, Finding, Severity};
use crate::rules::Rules;
use crate::schema::Schema;
use crate::sides::{Desired, Live};

/// What a comparison needs beside the two sides.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// The schema of a custom resource; `None` for a built-in kind, or where no schema can be read.
    pub schema: Option<&'a Schema>,
    /// What is no drift, and how bad the rest is.
    pub rules: &'a Rules,
    /// Whether a text must not be shown, given the name that it stands under: a key, or the name of a variable.
    pub is_secret: &'a dyn Fn(&str, &str) -> bool,
}

/// What differs between what is declared and what lives.
#[must_use]
pub fn compare(desired: &Desired<'_>, live: &Live<'_>, _comparison: &Comparison<'_>) -> Finding {
    let mut fields = Vec::new();
    walk(desired, desired.value(), live.value(), &FieldPath::ROOT, &mut fields);
    Finding::of_fields(fields)
}

fn walk(sides: &Desired<'_>, desired: &Value, live: &Value, path: &FieldPath, fields: &mut Vec<FieldChange>) {
    if let (Value::Object(wanted), Value::Object(found)) = (desired, live) {
        for (key, value) in wanted {
            let other = found.get(key).unwrap_or(&Value::Null);
            walk(sides, value, other, &path.join(Step::Key(key.clone())), fields);
        }
        return;
    }
    if desired != live {
        fields.push(FieldChange {
            path: path.to_string(),
            change: if live.is_null() { Change::Removed } else { Change::Changed },
            desired: None,
            live: None,
            line: sides.line(path),
            severity: Severity::Medium,
            needs_replace: false,
            by: None,
        });
    }
}
