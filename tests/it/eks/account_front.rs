//! What stands before the account's stand-in: everything passes as it is, but what EKS says of clusters.
//!
//! The stand-in invents an endpoint and an authority; here they become those of a server that really runs. It enforces no
//! rights, so a refusal is said here as EKS says it.

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::server::{Answer, Received, Server};

/// The API server that stands behind every cluster of the account.
#[derive(Debug, Clone)]
pub(super) struct ControlPlane {
    pub(super) endpoint: String,
    /// In PEM.
    pub(super) authority: Vec<u8>,
}

/// Serves the account. The name of a cluster says what else becomes of it: `denied` may not be looked at, `unborn` has no endpoint
/// yet, `foreign` belongs to another account.
pub(super) fn serve(account_port: u16, plane: ControlPlane) -> Server {
    Server::start(None, move |request| {
        let described =
            (request.method == "GET").then(|| request.target.strip_prefix("/clusters/")).flatten();
        let Some(name) = described.filter(|name| !name.contains('/')) else {
            return forward(account_port, request);
        };
        if name == "denied" {
            let message = "User: arn:aws:sts::111122223333:user/moto is not authorized to perform: eks:DescribeCluster on resource: arn:aws:eks:eu-central-1:111122223333:cluster/denied";
            return Answer::of_status(403, format!("{{\"message\": \"{message}\"}}"))
                .with("content-type", "application/json")
                .with("x-amzn-errortype", "AccessDeniedException");
        }
        let mut answer = forward(account_port, request);
        let Ok(mut said) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
        if let Some(cluster) = said.get_mut("cluster") {
            cluster["endpoint"] = plane.endpoint.clone().into();
            cluster["certificateAuthority"]["data"] = STANDARD.encode(&plane.authority).into();
            match name {
                "unborn" => {
                    cluster["status"] = "CREATING".into();
                    let members = cluster.as_object_mut().expect("it is one");
                    members.remove("endpoint");
                    members.remove("certificateAuthority");
                }
                "foreign" => cluster["arn"] = "arn:aws:eks:eu-central-1:999988887777:cluster/foreign".into(),
                _ => {}
            }
            let body = said.to_string();
            answer.length = body.len();
            answer.body = body.into_bytes();
        }
        answer
    })
}

/// Sends a request on, and gives what was answered.
pub(super) fn forward(port: u16, request: &Received) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the stand-in listens");
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", request.method, request.target);
    for (name, value) in request.headers.iter().filter(|(name, _)| !is_of_connection(name)) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
    stream.write_all(head.as_bytes()).expect("the stand-in reads");
    stream.write_all(&request.body).expect("the stand-in reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the stand-in answers");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let mut answer = Answer::of_status(status, &bytes[end + 4..]);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if !is_of_connection(&name.to_ascii_lowercase()) {
            answer = answer.with(name, value.trim());
        }
    }
    answer
}

fn is_of_connection(name: &str) -> bool {
    matches!(name, "connection" | "content-length" | "transfer-encoding" | "keep-alive")
}
