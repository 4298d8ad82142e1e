//! An answer's bytes into a value, or the reason why it is none.
//!
//! What a service says is trusted only when it looks as this service says it: the right root element, the right kind of
//! document. So a page of a load balancer with status 200 is no empty list.

use std::fmt;

use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use super::refusal;
use super::xml;
use crate::service::{Operation, Protocol, Service, ShapeKind, service};

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Response<'r> {
    /// The status of HTTP.
    pub status: u16,
    /// The headers, in any case.
    pub headers: &'r [(String, String)],
    /// The body.
    pub body: &'r [u8],
}

impl Response<'_> {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Why an answer gives no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerError {
    /// The service refused, by this code.
    Service {
        /// The service's own code: `AccessDenied`, `NoSuchBucket`.
        code: String,
        /// Its words.
        message: String,
        /// The status of HTTP.
        status: u16,
    },
    /// It is not what the service would say.
    Malformed(String),
}

impl fmt::Display for AnswerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerError::Service { code, message, .. } => write!(formatter, "{code}: {message}"),
            AnswerError::Malformed(why) => write!(formatter, "malformed answer: {why}"),
        }
    }
}

impl std::error::Error for AnswerError {}

/// Reads the answer of an operation.
///
/// # Errors
/// The service refused, or the answer is not one of this service.
pub fn read(service_name: &str, operation_name: &str, response: &Response<'_>) -> Result<Value, AnswerError> {
    let unknown = || AnswerError::Malformed(format!("unknown operation {service_name}:{operation_name}"));
    let facts = service(service_name).ok_or_else(unknown)?;
    let operation = facts.operations.get(operation_name).ok_or_else(unknown)?;
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(facts.protocol, response));
    }
    match facts.protocol {
        Protocol::Query | Protocol::Ec2 => read_form_answer(facts, operation_name, operation, response),
        Protocol::Json | Protocol::RestJson => read_json(response),
        Protocol::RestXml => read_rest_xml(facts, operation, response),
    }
}

fn read_json(response: &Response<'_>) -> Result<Value, AnswerError> {
    let value: Value = serde_json::from_slice(response.body)
        .map_err(|error| AnswerError::Malformed(format!("no JSON: {}", kind_of(&error))))?;
    if value.is_object() { Ok(value) } else { Err(AnswerError::Malformed("no JSON object".to_owned())) }
}

/// What is wrong with a text, without quoting it.
fn kind_of(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}

fn text_of<'r>(response: &Response<'r>) -> Result<&'r str, AnswerError> {
    let text = std::str::from_utf8(response.body)
        .map_err(|_| AnswerError::Malformed("the body is no UTF-8".to_owned()))?;
    if text.trim().is_empty() {
        return Err(AnswerError::Malformed("an empty body".to_owned()));
    }
    Ok(text)
}

fn document(text: &str) -> Result<Document<'_>, AnswerError> {
    Document::parse(text)
        .map_err(|error| AnswerError::Malformed(format!("no XML at line {}", error.pos().row)))
}

fn read_form_answer(
    service: &Service,
    name: &str,
    operation: &Operation,
    response: &Response<'_>,
) -> Result<Value, AnswerError> {
    let text = text_of(response)?;
    let document = document(text)?;
    let root = document.root_element();
    if root.tag_name().name() != format!("{name}Response") {
        return Err(AnswerError::Malformed(format!("the root element is {}", root.tag_name().name())));
    }
    let body = match &operation.wrapper {
        Some(wrapper) => child(root, wrapper)
            .ok_or_else(|| AnswerError::Malformed(format!("the element {wrapper} is missing")))?,
        None => root,
    };
    Ok(structure_of(service, operation, body))
}

fn structure_of(service: &Service, operation: &Operation, element: Node<'_, '_>) -> Value {
    match &operation.output {
        Some(shape) => xml::read(service, shape, element),
        None => Value::Object(Map::new()),
    }
}

fn read_rest_xml(
    service: &Service,
    operation: &Operation,
    response: &Response<'_>,
) -> Result<Value, AnswerError> {
    let Some(shape) = operation.output.as_ref().and_then(|shape| service.shapes.get(shape)) else {
        return Ok(Value::Object(Map::new()));
    };
    let mut value = Map::new();
    let text = text_of(response)?;
    match shape.payload.as_ref().and_then(|name| Some((name, shape.members.get(name)?))) {
        Some((name, member)) if service.kind(&member.shape) != ShapeKind::Structure => {
            // The one text that is a whole body is a bucket's policy: JSON, and no page of a load balancer.
            if text.trim_start().starts_with('<') {
                return Err(AnswerError::Malformed("a page in the place of a document".to_owned()));
            }
            value.insert(name.clone(), Value::String(text.to_owned()));
        }
        payload => {
            let document = document(text)?;
            let root = document.root_element();
            let name = root.tag_name().name();
            if name.eq_ignore_ascii_case("html") || name == "Error" {
                return Err(AnswerError::Malformed(format!("the root element is {name}")));
            }
            match payload {
                Some((name, member)) => {
                    value.insert(name.clone(), xml::read(service, &member.shape, root));
                }
                None => {
                    if let Some(shape) = &operation.output
                        && let Value::Object(members) = xml::read(service, shape, root)
                    {
                        value.extend(members);
                    }
                    // The location of a bucket is the root element's own text.
                    if let Some(own) = shape.members.keys().find(|member| *member == name) {
                        value.insert(own.clone(), Value::String(root.text().unwrap_or_default().to_owned()));
                    }
                }
            }
        }
    }
    for (name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(name);
        if member.location.as_deref() == Some("header")
            && let Some(text) = response.header(wire)
        {
            value.insert(name.clone(), Value::String(text.to_owned()));
        }
    }
    Ok(Value::Object(value))
}

/// The first child element of this name, in whatever namespace.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}
