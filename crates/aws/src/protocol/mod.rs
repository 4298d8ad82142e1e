//! AWS's protocols: an operation with parameters into a request, an answer's bytes into a value or the service's error.
//!
//! Parameters and answers are JSON trees under the names of the service models, whatever is on the wire. Endpoints, signatures
//! and retries are not known here. An answer that is not what the service would say (an HTML page, an empty body, half a
//! document) is [`AnswerError::Malformed`], never an empty value.

mod answer;
mod form;
mod refusal;
mod rest;
mod xml;

pub use answer::{AnswerError, Response, read};

use std::fmt;

use serde_json::Value;

use crate::service::{Protocol, service};

/// A request, ready to be given an endpoint and a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The service, as the tables call it.
    pub service: String,
    /// The service that it is signed for.
    pub signing_name: String,
    /// The region that is asked.
    pub region: String,
    /// The method of HTTP.
    pub method: String,
    /// The path, percent-encoded; for S3 with the bucket as its first segment.
    pub path: String,
    /// The query, not encoded, in order.
    pub query: Vec<(String, String)>,
    /// Headers besides the host and the signature's.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The bucket that is asked about, for S3.
    pub bucket: Option<String>,
}

/// Why there is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// The tables do not hold it.
    UnknownOperation(String),
    /// A parameter that is part of the path is missing.
    MissingParameter(String),
    /// The operation has no such parameter.
    UnknownParameter(String),
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestError::UnknownOperation(name) => write!(formatter, "unknown operation `{name}`"),
            RequestError::MissingParameter(name) => write!(formatter, "parameter `{name}` is missing"),
            RequestError::UnknownParameter(name) => write!(formatter, "unknown parameter `{name}`"),
        }
    }
}

impl std::error::Error for RequestError {}

/// Writes the request of an operation.
///
/// # Errors
/// The operation or a parameter is not in the tables, or a part of the path is missing.
///
/// ```
/// let request = plimsoll_aws::request("eks", "DescribeCluster", "eu-central-1", &serde_json::json!({"name": "dev"}))?;
/// assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/clusters/dev"));
/// # Ok::<(), plimsoll_aws::RequestError>(())
/// ```
pub fn request(
    service_name: &str,
    operation_name: &str,
    region: &str,
    parameters: &Value,
) -> Result<Request, RequestError> {
    let unknown = || RequestError::UnknownOperation(format!("{service_name}:{operation_name}"));
    let facts = service(service_name).ok_or_else(unknown)?;
    let operation = facts.operations.get(operation_name).ok_or_else(unknown)?;
    if let Some(given) = parameters.as_object() {
        let shape = operation.input.as_ref().and_then(|shape| facts.shapes.get(shape));
        let members = shape.map(|shape| &shape.members);
        if let Some(name) = given.keys().find(|name| !members.is_some_and(|known| known.contains_key(*name)))
        {
            return Err(RequestError::UnknownParameter(name.clone()));
        }
    }
    let mut request = Request {
        service: service_name.to_owned(),
        signing_name: facts.signing_name.clone(),
        region: region.to_owned(),
        method: operation.method.clone(),
        path: "/".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Vec::new(),
        bucket: None,
    };
    match facts.protocol {
        Protocol::Query | Protocol::Ec2 => {
            let content = "application/x-www-form-urlencoded; charset=utf-8";
            request.headers.push(("content-type".to_owned(), content.to_owned()));
            request.body = form::write(facts, operation_name, operation, parameters).into_bytes();
        }
        Protocol::Json => {
            let version = facts.json_version.as_deref().unwrap_or("1.1");
            request.headers.push(("content-type".to_owned(), format!("application/x-amz-json-{version}")));
            let prefix = facts.target_prefix.as_deref().unwrap_or_default();
            request.headers.push(("x-amz-target".to_owned(), format!("{prefix}.{operation_name}")));
            let body = if parameters.is_null() { "{}".to_owned() } else { parameters.to_string() };
            request.body = body.into_bytes();
        }
        Protocol::RestJson | Protocol::RestXml => rest::write(facts, operation, parameters, &mut request)?,
    }
    if service_name == "s3" {
        request.bucket = parameters["Bucket"].as_str().map(str::to_owned);
    }
    Ok(request)
}
