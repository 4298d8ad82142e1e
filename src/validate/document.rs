//! The verdicts on resources as a JSON or YAML document, as the cli v2.5.0 prints them (`pkg/validate/types.go`).

use plimsoll_crossplane::resource_validation::{Check, ValidatedResource};
use plimsoll_crossplane::schema::BadValue;
use plimsoll_yaml::{HtmlEscape, emit_json_pretty, emit_value};
use serde_json::{Map, Value, json};

/// How many resources there are, by what they are found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// All.
    pub total: usize,
    /// Those without errors.
    pub valid: usize,
    /// Those with errors.
    pub invalid: usize,
    /// Those whose kind is not defined.
    pub missing_schemas: usize,
}

impl Summary {
    /// Counts resources; of a kind that is defined twice the last definition counts.
    #[must_use]
    pub fn of(resources: &[ValidatedResource]) -> Summary {
        let count = |wanted: &str| resources.iter().filter(|resource| status(resource) == wanted).count();
        Summary {
            total: resources.len(),
            valid: count("valid") + count("defaultingFailed"),
            invalid: count("invalid"),
            missing_schemas: count("missingSchema"),
        }
    }
}

fn status(resource: &ValidatedResource) -> &'static str {
    match resource.verdicts.last() {
        None => "missingSchema",
        Some(verdict) if !verdict.errors.is_empty() => "invalid",
        Some(_) if resource.defaulting_problem.is_some() => "defaultingFailed",
        Some(_) => "valid",
    }
}

/// The JSON document, with fields in the order of Go's structs.
#[must_use]
pub fn print_json(resources: &[ValidatedResource]) -> String {
    let summary = Summary::of(resources);
    let counts = [
        ("total", json!(summary.total)),
        ("valid", json!(summary.valid)),
        ("invalid", json!(summary.invalid)),
        ("missingSchemas", json!(summary.missing_schemas)),
    ];
    let listed: Vec<String> = resources.iter().map(print_resource).collect();
    let resources = if listed.is_empty() { "[]".to_owned() } else { bracketed('[', ']', &listed) };
    let fields = [format!("\"summary\": {}", print_fields(&counts)), format!("\"resources\": {resources}")];
    format!("{}\n", bracketed('{', '}', &fields))
}

/// The YAML document; its keys are sorted.
///
/// # Errors
/// Where a value cannot be written as YAML.
pub fn print_yaml(resources: &[ValidatedResource]) -> Result<String, String> {
    let value: Value = serde_json::from_str(&print_json(resources)).map_err(|error| error.to_string())?;
    emit_value(&value).map_err(|error| format!("cannot marshal validation result as YAML: {error}"))
}

fn print_resource(resource: &ValidatedResource) -> String {
    let mut fields = vec![
        ("apiVersion", json!(resource.kind.api_version())),
        ("kind", json!(resource.kind.kind)),
        ("name", json!(resource.name)),
    ];
    if !resource.namespace.is_empty() {
        fields.push(("namespace", json!(resource.namespace)));
    }
    fields.push(("status", json!(status(resource))));
    let mut printed: Vec<String> = fields.iter().map(|(name, value)| print_field(name, value)).collect();
    let errors = print_errors(resource);
    if !errors.is_empty() {
        printed.push(format!("\"errors\": {}", bracketed('[', ']', &errors)));
    }
    bracketed('{', '}', &printed)
}

fn print_errors(resource: &ValidatedResource) -> Vec<String> {
    let defaulting = resource
        .defaulting_problem
        .iter()
        .map(|problem| print_fields(&[("type", json!("defaulting")), ("message", json!(problem))]));
    let errors = resource.verdicts.last().map_or(&[][..], |verdict| &verdict.errors);
    let found = errors.iter().map(|(check, error)| {
        let check = match check {
            Check::Schema => "schema",
            Check::UnknownField => "unknownField",
            Check::Rule => "cel",
        };
        let mut fields = vec![("type", json!(check))];
        if !error.field.is_empty() {
            fields.push(("field", json!(error.field)));
        }
        fields.push(("message", json!(error.to_string())));
        match &error.value {
            BadValue::Nil => {}
            BadValue::Omitted => fields.push(("value", Value::Object(Map::new()))),
            BadValue::Value(value) => fields.push(("value", value.clone())),
        }
        print_fields(&fields)
    });
    defaulting.chain(found).collect()
}

fn print_fields(fields: &[(&str, Value)]) -> String {
    let printed: Vec<String> = fields.iter().map(|(name, value)| print_field(name, value)).collect();
    bracketed('{', '}', &printed)
}

fn print_field(name: &str, value: &Value) -> String {
    format!("\"{name}\": {}", emit_json_pretty(value, HtmlEscape::Escaped, "  ").trim_end())
}

/// The parts between brackets, one a line, moved in by one step. Line breaks in JSON texts are always layout.
fn bracketed(open: char, close: char, parts: &[String]) -> String {
    let moved: Vec<String> = parts.iter().map(|part| part.replace('\n', "\n  ")).collect();
    format!("{open}\n  {}\n{close}", moved.join(",\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_crossplane::definitions::Definitions;
    use plimsoll_crossplane::resource_validation::validate_resource;

    #[test]
    fn a_document_has_the_fields_of_go() {
        let resource = json!({"apiVersion": "v1", "kind": "Boat", "metadata": {"name": "a<b"}});
        let found = [validate_resource(&resource, &Definitions::default())];
        let expected = r#"{
  "summary": {
    "total": 1,
    "valid": 0,
    "invalid": 0,
    "missingSchemas": 1
  },
  "resources": [
    {
      "apiVersion": "v1",
      "kind": "Boat",
      "name": "a\u003cb",
      "status": "missingSchema"
    }
  ]
}
"#;
        assert_eq!(print_json(&found), expected);
        assert!(print_json(&[]).ends_with("\"resources\": []\n}\n"));
    }
}
