//! Parameters in paths, queries, headers and bodies: the REST protocols.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::form::{encode, plain_text};
use super::{Request, RequestError};
use crate::service::{Operation, Protocol, Service, ShapeKind};

/// Fills a request by the places that the model gives each parameter.
pub(super) fn write(
    service: &Service,
    operation: &Operation,
    parameters: &Value,
    request: &mut Request,
) -> Result<(), RequestError> {
    let (path, query) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        request.query.push((name.to_owned(), value.to_owned()));
    }
    let mut path = path.to_owned();
    let mut body = Map::new();
    let shape = operation.input.as_ref().and_then(|shape| service.shapes.get(shape));
    for (name, member) in shape.map(|shape| &shape.members).into_iter().flatten() {
        let given = parameters.get(name).filter(|value| !value.is_null());
        let wire = member.location_name.as_deref().unwrap_or(name);
        match (member.location.as_deref(), given) {
            (Some("uri"), None) => return Err(RequestError::MissingParameter(name.clone())),
            (Some("uri"), Some(value)) => fill(&mut path, wire, &plain_text(value)),
            (_, None) => {}
            (Some("querystring"), Some(Value::Array(items))) => {
                request.query.extend(items.iter().map(|item| (wire.to_owned(), plain_text(item))));
            }
            (Some("querystring"), Some(value)) => request.query.push((wire.to_owned(), plain_text(value))),
            (Some("header"), Some(value)) => {
                request.headers.push((wire.to_ascii_lowercase(), plain_text(value)));
            }
            (_, Some(value)) => {
                body.insert(wire.to_owned(), value.clone());
            }
        }
    }
    request.path = path;
    if body.is_empty() {
        return Ok(());
    }
    if service.protocol == Protocol::RestJson {
        request.headers.push(("content-type".to_owned(), "application/json".to_owned()));
        request.body = Value::Object(body).to_string().into_bytes();
    } else if let Some(root) = &operation.input {
        request.headers.push(("content-type".to_owned(), "application/xml".to_owned()));
        let namespace = format!("https://route53.amazonaws.com/doc/{}/", service.version);
        let mut text = format!("<{root} xmlns=\"{namespace}\">");
        write_xml(service, root, &Value::Object(body), &mut text);
        let _ = write!(text, "</{root}>");
        request.body = text.into_bytes();
    }
    Ok(())
}

/// A parameter into its place: `{Name}`, or `{Name+}` where slashes stay.
fn fill(path: &mut String, name: &str, value: &str) {
    let whole = format!("{{{name}+}}");
    if path.contains(&whole) {
        let parts: Vec<String> = value.split('/').map(encode).collect();
        *path = path.replace(&whole, &parts.join("/"));
    } else {
        *path = path.replace(&format!("{{{name}}}"), &encode(value));
    }
}

fn write_xml(service: &Service, shape: &str, value: &Value, text: &mut String) {
    let Some(shape) = service.shapes.get(shape) else { return };
    for (name, member) in &shape.members {
        let wire = member.location_name.as_deref().unwrap_or(name);
        let Some(value) = value.get(wire) else { continue };
        let _ = write!(text, "<{wire}>");
        match service.kind(&member.shape) {
            ShapeKind::Structure => write_xml(service, &member.shape, value, text),
            ShapeKind::List => {
                let item = service.shapes.get(&member.shape).and_then(|list| list.member.as_ref());
                let item = item.and_then(|item| item.location_name.as_deref()).unwrap_or("member");
                for value in value.as_array().into_iter().flatten() {
                    let _ = write!(text, "<{item}>{}</{item}>", escaped(&plain_text(value)));
                }
            }
            _ => text.push_str(&escaped(&plain_text(value))),
        }
        let _ = write!(text, "</{wire}>");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
