//! What stands between the program and the stand-in for an account: every request is passed on, and named by what AWS calls it.
//!
//! The names come from the wire alone (the scope of the signature, the form's action, the target, method and path), so that the
//! program's own word for what it asks is not needed.

use std::io::{Read, Write};
use std::net::TcpStream;

use plimsoll_aws::service;

use crate::support::server::{Answer, Received, Server};

/// A call as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    /// The service, as the tables call it.
    pub(crate) service: String,
    /// The operation.
    pub(crate) operation: String,
    /// The bucket, for S3.
    pub(crate) bucket: String,
}

/// A server that passes requests on, once `pass` has seen them.
pub(crate) fn start(port: u16, pass: impl Fn(&Received) -> bool + Send + Sync + 'static) -> Server {
    Server::start(
        None,
        move |request| {
            if pass(request) { forward(port, request) } else { Answer::of_status(503, "") }
        },
    )
}

fn forward(port: u16, request: &Received) -> Answer {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "connection" | "expect") {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str("connection: close\r\n\r\n");
    let mut bytes = Vec::new();
    let sent = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        stream.write_all(text.as_bytes())?;
        stream.write_all(&request.body)?;
        stream.read_to_end(&mut bytes)
    });
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let (Ok(_), Some(end)) = (sent, end) else { return Answer::of_status(502, "") };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(502);
    let mut answer = Answer::of_status(status, &bytes[end + 4..]);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        match name.to_ascii_lowercase().as_str() {
            "connection" => {}
            // A question about a head is answered with the length of a body that does not come.
            "content-length" => answer.length = value.parse().unwrap_or(0),
            _ => answer.headers.push((name.to_owned(), value.to_owned())),
        }
    }
    answer
}

/// What a request asks for.
pub(crate) fn name_of(request: &Received) -> Asked {
    let scope = request.header("authorization").and_then(|text| text.split("Credential=").nth(1));
    let signed = scope.and_then(|scope| scope.split('/').nth(3)).unwrap_or_default();
    let service = service::service_names()
        .find(|name| service::service(name).is_some_and(|facts| facts.signing_name == signed))
        .unwrap_or(signed)
        .to_owned();
    let body = String::from_utf8_lossy(&request.body);
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned);
    let target = request.header("x-amz-target").and_then(|text| text.rsplit('.').next()).map(str::to_owned);
    let operation = action
        .or(target)
        .or_else(|| of_path(&service, request))
        .unwrap_or_else(|| format!("{} {}", request.method, request.target));
    let path = request.target.split('?').next().unwrap_or_default();
    let bucket = if service == "s3" { path.split('/').nth(1).unwrap_or_default() } else { "" };
    Asked { service, operation, bucket: bucket.to_owned() }
}

/// The operation of a service that speaks REST, by its method and its path.
fn of_path(service: &str, request: &Received) -> Option<String> {
    let facts = service::service(service)?;
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let fits = facts.operations.iter().filter(|(_, operation)| {
        let (own, asked) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
        let own: Vec<&str> = own.split('/').filter(|segment| !segment.is_empty()).collect();
        operation.method == request.method
            && own.len() == segments.len()
            && own.iter().zip(&segments).all(|(own, given)| own.starts_with('{') || own == given)
            && (asked.is_empty() || query.split('&').any(|pair| pair.split('=').next() == Some(asked)))
    });
    // The one that says more of the query is meant.
    fits.max_by_key(|(_, operation)| operation.uri.len()).map(|(name, _)| name.clone())
}
