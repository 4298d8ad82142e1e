//! Parameters as forms: the Query protocol, and EC2's way with it.
//!
//! Lists are `Name.member.1` in Query and `Name.1` in EC2, whose names are the query name or the name on the wire with a
//! capital letter. Absent parameters are left out; the form is in the order of the members' names.

use std::fmt::Write as _;

use serde_json::Value;

use crate::service::{Member, Operation, Protocol, Service, ShapeKind};

/// The form of an operation.
pub(super) fn write(service: &Service, name: &str, operation: &Operation, parameters: &Value) -> String {
    let mut form = format!("Action={name}&Version={}", service.version);
    if let Some(shape) = &operation.input {
        write_structure(service, shape, "", parameters, &mut form);
    }
    form
}

fn write_structure(service: &Service, shape: &str, prefix: &str, value: &Value, form: &mut String) {
    let Some(shape) = service.shapes.get(shape) else { return };
    for (name, member) in &shape.members {
        if let Some(value) = value.get(name).filter(|value| !value.is_null()) {
            let dot = if prefix.is_empty() { "" } else { "." };
            let path = format!("{prefix}{dot}{}", wire_name(service, name, member));
            write_member(service, member, &path, value, form);
        }
    }
}

fn wire_name(service: &Service, name: &str, member: &Member) -> String {
    match service.protocol {
        Protocol::Ec2 => match (&member.query_name, &member.location_name) {
            (Some(name), _) => name.clone(),
            (None, Some(name)) => capitalised(name),
            (None, None) => capitalised(name),
        },
        _ => member.location_name.clone().unwrap_or_else(|| name.to_owned()),
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        None => String::new(),
    }
}

fn write_member(service: &Service, member: &Member, path: &str, value: &Value, form: &mut String) {
    match service.kind(&member.shape) {
        ShapeKind::Structure => write_structure(service, &member.shape, path, value, form),
        ShapeKind::List => {
            let Some(shape) = service.shapes.get(&member.shape) else { return };
            let Some(item) = &shape.member else { return };
            let plain = service.protocol == Protocol::Ec2 || shape.flattened || member.flattened;
            let between = item.location_name.as_deref().unwrap_or("member");
            for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                let at = if plain {
                    format!("{path}.{}", index + 1)
                } else {
                    format!("{path}.{between}.{}", index + 1)
                };
                write_member(service, item, &at, value, form);
            }
        }
        _ => {
            let _ = write!(form, "&{path}={}", encode(&plain_text(value)));
        }
    }
}

/// A plain value as text.
pub(super) fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Percent-encoding of everything but letters, digits and `-_.~`.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
