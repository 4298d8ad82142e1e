//! A value into a Go type as sigs.k8s.io/json does it, keeping nothing but the errors.
//!
//! Keys are visited in sorted order, as Go writes maps. An error of a type that reads JSON itself ends the decoding at once and
//! comes before all others.

use std::collections::BTreeSet;
use std::fmt;

use plimsoll_gotemplate::encoding::base64_decode;
use plimsoll_gotemplate::quote::quote;
use plimsoll_yaml::{HtmlEscape, emit_json};
use serde_json::Value;

use super::custom;
use super::types::{GoType, Shape, Structure};

/// As many unknown fields as are told.
const MOST_UNKNOWN: usize = 100;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodingError {
    /// What is wrong, without the value itself.
    pub problem: Problem,
    /// The keys and indexes that lead to the field.
    pub steps: Vec<String>,
    /// The same as Kubernetes writes it: `spec.containers[0].image`.
    pub path: String,
    /// The error in Kubernetes' words.
    pub message: String,
}

/// What may be wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The field is unknown.
    UnknownField,
    /// The value is of one kind where another is wanted.
    Mismatch {
        /// What it is: `string`, `number`.
        found: String,
        /// The Go type that is wanted.
        wanted: String,
    },
    /// The value is of the right kind and cannot be read as what it stands for.
    Malformed,
}

/// How far decoding goes on after a value that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Extent {
    /// As far as Kubernetes goes.
    #[default]
    FirstFault,
    /// To the end.
    AllFaults,
}

impl fmt::Display for DecodingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// An error that a value gives where it is read.
pub(super) enum Fault {
    /// A value of one kind where a type wants another; the error names the field.
    Mismatch {
        /// What it is: `string`, `number 1.5`.
        found: String,
        /// Where below the value, with dots; empty for the value itself.
        below: String,
        /// The Go type.
        wanted: String,
    },
    /// Anything else, in its own words.
    Other(String),
}

/// Decodes a value and gives what is wrong with it: to the extent of Kubernetes one value that does not fit, or all unknown
/// fields; else everything.
pub(super) fn decode(value: &Value, go_type: GoType, extent: Extent) -> Vec<DecodingError> {
    let mut decoder = Decoder { extent, ..Decoder::default() };
    if let Err(fault) = decoder.value(value, go_type) {
        return vec![decoder.place(&fault)];
    }
    let mut errors = decoder.errors;
    match extent {
        Extent::AllFaults => {
            errors.extend(decoder.unknown);
            errors
        }
        Extent::FirstFault if errors.is_empty() => decoder.unknown,
        Extent::FirstFault => {
            errors.truncate(1);
            errors
        }
    }
}

/// Decodes a value without looking for unknown fields, as types that read JSON themselves do with a part of theirs.
pub(super) fn decode_leniently(value: &Value, shape: &Shape, go_type: GoType) -> Result<(), Fault> {
    let mut decoder = Decoder::default();
    decoder.shaped(value, shape, go_type)?;
    decoder.first_fault.map_or(Ok(()), Err)
}

#[derive(Default)]
struct Decoder {
    unknown: Vec<DecodingError>,
    seen: BTreeSet<String>,
    errors: Vec<DecodingError>,
    first_fault: Option<Fault>,
    extent: Extent,
    /// The names of the fields around, embedded structs included, lists and keys of maps left out.
    names: Vec<String>,
    structure: Option<&'static Structure>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Index(usize),
}

impl Decoder {
    fn value(&mut self, value: &Value, go_type: GoType) -> Result<(), Fault> {
        self.shaped(value, &go_type.shape(), go_type)
    }

    fn shaped(&mut self, value: &Value, shape: &Shape, go_type: GoType) -> Result<(), Fault> {
        match (shape, value) {
            (Shape::Any, _) | (_, Value::Null) => {}
            (Shape::Custom(name), value) => match (custom::read(name, value), self.extent) {
                (Err(fault), Extent::AllFaults) => self.keep(fault),
                (outcome, _) => return outcome,
            },
            (Shape::Structure(structure), Value::Object(fields)) => {
                return self.structure(fields, structure);
            }
            (Shape::Map(item), Value::Object(fields)) => {
                for (key, value) in fields {
                    self.steps.push(Step::Key(key.clone()));
                    self.value(value, *item)?;
                    self.steps.pop();
                }
            }
            (Shape::List(item), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.steps.push(Step::Index(index));
                    self.value(value, *item)?;
                    self.steps.pop();
                }
            }
            (Shape::Bytes, Value::String(text)) => {
                if let Err(error) = base64_decode(text.as_bytes()) {
                    self.keep(Fault::Other(error.to_string()));
                }
            }
            (Shape::Bytes, Value::Array(values)) => {
                for value in values {
                    self.scalar(value, "uint8", GoType::named("uint8"));
                }
            }
            (Shape::Scalar(kind), value) => self.scalar(value, kind, go_type),
            (_, value) => self.mismatch(kind_of(value).to_owned(), go_type),
        }
        Ok(())
    }

    fn structure(
        &mut self,
        fields: &serde_json::Map<String, Value>,
        structure: &'static Structure,
    ) -> Result<(), Fault> {
        let around = self.structure;
        for (name, value) in fields {
            let depth = self.names.len();
            self.steps.push(Step::Key(name.clone()));
            match structure.field(name) {
                Some(field) => {
                    let embedded = field.embedded.split('.').filter(|name| !name.is_empty());
                    self.names.extend(embedded.map(str::to_owned));
                    self.names.push(name.clone());
                    self.structure = Some(structure);
                    self.value(value, field.go_type)?;
                    self.structure = around;
                }
                None => self.unknown_field(),
            }
            self.steps.pop();
            self.names.truncate(depth);
        }
        Ok(())
    }

    fn scalar(&mut self, value: &Value, kind: &str, go_type: GoType) {
        let fits = match (kind, value) {
            ("string", Value::String(_)) | ("bool", Value::Bool(_)) => true,
            ("string" | "bool", _) | (_, Value::String(_) | Value::Bool(_)) => false,
            (_, Value::Null) => true,
            (kind, Value::Number(number)) => {
                if number_fits(number, kind) {
                    return;
                }
                let found = format!("number {}", emit_json(value, HtmlEscape::Escaped));
                return self.mismatch(found, go_type);
            }
            _ => false,
        };
        if !fits && !value.is_null() {
            self.mismatch(kind_of(value).to_owned(), go_type);
        }
    }

    fn unknown_field(&mut self) {
        let path = self.path();
        if self.unknown.len() < MOST_UNKNOWN && self.seen.insert(path.clone()) {
            let message = format!("unknown field {}", quote(path.as_bytes()));
            let (problem, steps) = (Problem::UnknownField, self.plain_steps());
            self.unknown.push(DecodingError { problem, steps, path, message });
        }
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) if path.is_empty() => path.push_str(key),
                Step::Key(key) => path.push_str(&format!(".{key}")),
            }
        }
        path
    }

    fn plain_steps(&self) -> Vec<String> {
        let plain = |step: &Step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        };
        self.steps.iter().map(plain).collect()
    }

    fn mismatch(&mut self, found: String, go_type: GoType) {
        self.keep(Fault::Mismatch { found, below: String::new(), wanted: go_type.to_go() });
    }

    /// Keeps a fault that does not end the decoding; only the first is ever told.
    fn keep(&mut self, fault: Fault) {
        self.errors.push(self.place(&fault));
        if self.first_fault.is_none() {
            self.first_fault = Some(match fault {
                Fault::Mismatch { found, wanted, .. } => {
                    Fault::Mismatch { found, below: self.names.join("."), wanted }
                }
                other => other,
            });
        }
    }

    fn place(&self, fault: &Fault) -> DecodingError {
        let message = match fault {
            Fault::Other(message) => message.clone(),
            Fault::Mismatch { found, below, wanted } => match self.structure {
                None => format!("json: cannot unmarshal {found} into Go value of type {wanted}"),
                Some(structure) => {
                    let mut field = self.names.join(".");
                    if !below.is_empty() {
                        field.push('.');
                        field.push_str(below);
                    }
                    let structure = structure.short_name();
                    format!(
                        "json: cannot unmarshal {found} into Go struct field {structure}.{field} of type {wanted}"
                    )
                }
            },
        };
        let problem = match fault {
            Fault::Mismatch { found, wanted, .. } => {
                let found = found.split(' ').next().unwrap_or_default().to_owned();
                Problem::Mismatch { found, wanted: wanted.clone() }
            }
            Fault::Other(_) => Problem::Malformed,
        };
        DecodingError { problem, steps: self.plain_steps(), path: self.path(), message }
    }
}

/// The name of a JSON value in errors.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a number, as Go writes it, can be read into a Go kind.
pub(super) fn number_fits(number: &serde_json::Number, kind: &str) -> bool {
    if kind.starts_with("float") {
        return true;
    }
    let text = emit_json(&Value::Number(number.clone()), HtmlEscape::Escaped);
    match kind {
        "int8" => text.parse::<i8>().is_ok(),
        "int16" => text.parse::<i16>().is_ok(),
        "int32" => text.parse::<i32>().is_ok(),
        "uint8" => text.parse::<u8>().is_ok(),
        "uint16" => text.parse::<u16>().is_ok(),
        "uint32" => text.parse::<u32>().is_ok(),
        "uint" | "uint64" => text.parse::<u64>().is_ok(),
        _ => text.parse::<i64>().is_ok(),
    }
}
