//! Errors at fields of an object, in Kubernetes' words.
//!
//! Follows k8s.io/apimachinery `pkg/util/validation/field/errors.go` v0.35.

use std::fmt;

use plimsoll_gotemplate::quote::quote;
use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::{Value, json};

use crate::go_value::{sprintf, to_go};

/// What kind of problem a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldErrorKind {
    /// A value is missing.
    Required,
    /// A value breaks a rule.
    Invalid,
    /// A value is none of those that an enumeration lists.
    NotSupported,
    /// A value must not be there.
    Forbidden,
    /// A value is there twice.
    Duplicate,
    /// A string is too long.
    TooLong,
    /// A list or map has too many entries.
    TooMany,
    /// The check itself failed.
    Internal,
    /// The value cannot be read; the detail says all of it.
    Unreadable,
}

/// The value that an error is about.
#[derive(Debug, Clone, PartialEq)]
pub enum BadValue {
    /// None is told.
    Nil,
    /// It is left out, since it may be large.
    Omitted,
    /// This one.
    Value(Value),
}

/// A problem of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// What kind of problem it is.
    pub kind: FieldErrorKind,
    /// The path of the field; `<nil>` for the object itself.
    pub field: String,
    /// The value that is wrong.
    pub value: BadValue,
    /// What is wrong with it.
    pub detail: String,
}

/// The path of an object itself, as Kubernetes prints it.
pub(crate) const ROOT: &str = "<nil>";

impl FieldError {
    /// A missing value.
    pub(crate) fn required(field: impl Into<String>, detail: impl Into<String>) -> FieldError {
        FieldError::new(FieldErrorKind::Required, field, BadValue::Value(json!("")), detail)
    }

    /// A value that breaks a rule.
    pub(crate) fn invalid(
        field: impl Into<String>,
        value: BadValue,
        detail: impl Into<String>,
    ) -> FieldError {
        FieldError::new(FieldErrorKind::Invalid, field, value, detail)
    }

    /// A string of more than so many characters, which Kubernetes calls bytes.
    pub(crate) fn too_long(field: impl Into<String>, most: i64) -> FieldError {
        let bytes = if most == 1 { "byte" } else { "bytes" };
        let detail = if most >= 0 {
            format!("may not be more than {most} {bytes}")
        } else {
            "value is too long".to_owned()
        };
        FieldError::new(FieldErrorKind::TooLong, field, BadValue::Value(json!("<value omitted>")), detail)
    }

    /// A list or map of more than so many entries.
    pub(crate) fn too_many(field: impl Into<String>, found: i64, most: i64) -> FieldError {
        let items = if most == 1 { "item" } else { "items" };
        let detail = if most >= 0 {
            format!("must have at most {most} {items}")
        } else {
            "has too many items".to_owned()
        };
        FieldError::new(FieldErrorKind::TooMany, field, BadValue::Value(json!(found)), detail)
    }

    /// A value that is none of those listed.
    pub(crate) fn not_supported(
        field: impl Into<String>,
        value: BadValue,
        supported: &[String],
    ) -> FieldError {
        let quoted: Vec<String> = supported.iter().map(|value| quote(value.as_bytes())).collect();
        let detail = if quoted.is_empty() {
            String::new()
        } else {
            format!("supported values: {}", quoted.join(", "))
        };
        FieldError::new(FieldErrorKind::NotSupported, field, value, detail)
    }

    pub(crate) fn new(
        kind: FieldErrorKind,
        field: impl Into<String>,
        value: BadValue,
        detail: impl Into<String>,
    ) -> FieldError {
        FieldError { kind, field: field.into(), value, detail: detail.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, shows_value) = match self.kind {
            FieldErrorKind::Required => ("Required value", false),
            FieldErrorKind::Invalid => ("Invalid value", true),
            FieldErrorKind::NotSupported => ("Unsupported value", true),
            FieldErrorKind::Forbidden => ("Forbidden", false),
            FieldErrorKind::Duplicate => ("Duplicate value", true),
            FieldErrorKind::TooLong => ("Too long", false),
            FieldErrorKind::TooMany => ("Too many", true),
            FieldErrorKind::Internal => ("Internal error", false),
            FieldErrorKind::Unreadable => return formatter.write_str(&self.detail),
        };
        write!(formatter, "{}: {name}", self.field)?;
        match &self.value {
            BadValue::Value(value) if shows_value => write!(formatter, ": {}", printed(value))?,
            BadValue::Nil if shows_value => formatter.write_str(": null")?,
            _ => {}
        }
        if !self.detail.is_empty() {
            write!(formatter, ": {}", self.detail)?;
        }
        Ok(())
    }
}

/// Strings are quoted, numbers and booleans as Go prints them, all else is JSON.
fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => quote(text.as_bytes()),
        Value::Number(_) | Value::Bool(_) => go_number(value),
        value => emit_json(value, HtmlEscape::Escaped),
    }
}

/// A number or boolean as Go's `%v` prints it.
pub(crate) fn go_number(value: &Value) -> String {
    sprintf("%v", &[to_go(value)]).unwrap_or_else(|_| value.to_string())
}
