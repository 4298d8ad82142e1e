//! Values of the types that read JSON themselves: quantities, times, numbers or strings, parts of schemas.
//!
//! Follows k8s.io/apimachinery v0.35 (`resource.Quantity`, `intstr.IntOrString`, `v1.Time`, `v1.MicroTime`) and
//! k8s.io/apiextensions-apiserver v0.35 `pkg/apis/apiextensions/v1/marshal.go`.

use plimsoll_gotemplate::date::{self, Zone};
use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::Value;

use super::decoder::{Fault, decode_leniently, kind_of, number_fits};
use super::types::{GoType, Shape};
use crate::quantity::Quantity;

const RFC3339: &[u8] = b"2006-01-02T15:04:05Z07:00";
const RFC3339_MICRO: &[u8] = b"2006-01-02T15:04:05.000000Z07:00";
const SCHEMA: &str = "v1.JSONSchemaProps";

/// Reads a value that is not null as the type of this name.
pub(super) fn read(name: &str, value: &Value) -> Result<(), Fault> {
    match name {
        "resource.Quantity" => quantity(value),
        "intstr.IntOrString" => number_or_string(value),
        "v1.Time" => time(value, RFC3339),
        "v1.MicroTime" => time(value, RFC3339_MICRO),
        "v1.JSONSchemaPropsOrBool" => match value {
            Value::Object(_) => schema(value),
            Value::Bool(_) => Ok(()),
            _ => Err(Fault::Other("boolean or JSON schema expected".to_owned())),
        },
        "v1.JSONSchemaPropsOrArray" => match value {
            Value::Object(_) => schema(value),
            Value::Array(items) => items.iter().try_for_each(schema),
            _ => Ok(()),
        },
        "v1.JSONSchemaPropsOrStringArray" => match value {
            Value::Object(_) => schema(value),
            Value::Array(_) => {
                let strings = GoType::named("[]string");
                decode_leniently(value, &strings.shape(), strings)
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The text of a quantity is the JSON text without quotes, whatever the value is.
fn quantity(value: &Value) -> Result<(), Fault> {
    let text = emit_json(value, HtmlEscape::Escaped);
    let text = match value {
        Value::String(_) => text.get(1..text.len().saturating_sub(1)).unwrap_or_default(),
        _ => &text,
    };
    match Quantity::parse(text.trim()) {
        Ok(_) => Ok(()),
        Err(problem) => Err(Fault::Other(problem)),
    }
}

fn number_or_string(value: &Value) -> Result<(), Fault> {
    let found = match value {
        Value::String(_) => return Ok(()),
        Value::Number(number) if number_fits(number, "int32") => return Ok(()),
        Value::Number(_) => format!("number {}", emit_json(value, HtmlEscape::Escaped)),
        other => kind_of(other).to_owned(),
    };
    Err(Fault::Mismatch { found, below: String::new(), wanted: "int32".to_owned() })
}

fn time(value: &Value, layout: &[u8]) -> Result<(), Fault> {
    let Value::String(text) = value else {
        let found = kind_of(value).to_owned();
        return Err(Fault::Mismatch { found, below: String::new(), wanted: "string".to_owned() });
    };
    match date::parse(layout, text.as_bytes(), &Zone::Utc) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::Other(error.to_string())),
    }
}

fn schema(value: &Value) -> Result<(), Fault> {
    match GoType::structure(SCHEMA) {
        Some(shape @ Shape::Structure(_)) => decode_leniently(value, &shape, GoType::named(SCHEMA)),
        _ => Ok(()),
    }
}
