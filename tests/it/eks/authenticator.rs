//! What the control plane of an EKS cluster does with a token: whether it is one of its own cluster, and whose it is.
//!
//! It takes no more than EKS's authenticator takes: the prefix, a presigned `sts:GetCallerIdentity` in base64 without padding, to
//! the STS of the region, with no parameters but those of a signature, not older than a quarter of an hour, with the header that
//! names the cluster signed. The signature is calculated anew by the documented steps of version 4; whose the access key is, the
//! presigned call itself is sent to ask.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account_front::forward;
use crate::support::server::{Answer, Received, Server};

/// The parameters that a token must have.
const PARAMETERS: [&str; 8] = [
    "Action",
    "Version",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];

/// Whose tokens are taken.
#[derive(Debug, Clone)]
pub(super) struct Authenticator {
    /// The cluster's own name.
    pub(super) cluster: &'static str,
    /// Where STS listens.
    pub(super) sts_port: u16,
    /// What signs a call, by access key.
    pub(super) secret: &'static str,
}

impl Authenticator {
    /// Serves reviews of tokens, as an API server asks for them.
    pub(super) fn serve(self) -> Server {
        Server::start(None, move |request| {
            let review: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let status = match self.identify(token_of(&review)) {
                Ok(arn) => {
                    json!({"authenticated": true, "user": {"username": arn, "groups": ["readers"]}})
                }
                Err(why) => json!({"authenticated": false, "error": why}),
            };
            let answer = json!({"apiVersion": review["apiVersion"], "kind": "TokenReview", "status": status});
            Answer::ok(answer.to_string()).with("content-type", "application/json")
        })
    }

    /// Why the token of a review is refused; none where it is taken.
    pub(super) fn refusal(&self, request: &Received) -> Option<String> {
        let review: Value = serde_json::from_slice(&request.body).ok()?;
        self.identify(token_of(&review)).err()
    }

    /// Whose token it is, or why it is none.
    fn identify(&self, token: &str) -> Result<String, String> {
        let presigned = token.strip_prefix("k8s-aws-v1.").ok_or("the prefix is missing")?;
        let presigned = URL_SAFE_NO_PAD.decode(presigned).map_err(|error| error.to_string())?;
        let presigned = String::from_utf8(presigned).map_err(|error| error.to_string())?;
        let (host, query) = presigned
            .strip_prefix("https://")
            .and_then(|rest| rest.split_once("/?"))
            .ok_or("it is no URL with a query alone")?;
        if host != "sts.eu-central-1.amazonaws.com" {
            return Err(format!("{host} is not the STS of the region"));
        }
        let pairs: Vec<(&str, &str)> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let value = |name: &str| {
            let mut values = pairs.iter().filter(|(key, _)| *key == name).map(|(_, value)| *value);
            values.next().filter(|_| values.next().is_none()).ok_or(format!("not one {name}"))
        };
        if pairs.len() != query.split('&').count() || pairs.len() != PARAMETERS.len() {
            return Err(format!("other parameters than these: {PARAMETERS:?}"));
        }
        for (name, expected) in [
            ("Action", "GetCallerIdentity"),
            ("Version", "2011-06-15"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Expires", "60"),
            ("X-Amz-SignedHeaders", "host%3Bx-k8s-aws-id"),
        ] {
            if value(name)? != expected {
                return Err(format!("{name} is {}", value(name)?));
            }
        }
        let date = value("X-Amz-Date")?;
        if !(utc("-15 minutes").as_str()..=utc("now").as_str()).contains(&date) {
            return Err(format!("it was made at {date}"));
        }
        if value("X-Amz-Signature")? != self.signature(host, &pairs, date, value("X-Amz-Credential")?)? {
            return Err("it was not signed by that key for this cluster".to_owned());
        }
        // The stand-in knows a service by the header of a signature alone.
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}, SignedHeaders=host;x-k8s-aws-id, Signature={}",
            value("X-Amz-Credential")?.replace("%2F", "/"),
            value("X-Amz-Signature")?
        );
        let call = Received {
            method: "GET".to_owned(),
            target: format!("/?{query}"),
            headers: vec![
                ("host".to_owned(), host.to_owned()),
                ("x-k8s-aws-id".to_owned(), self.cluster.to_owned()),
                ("authorization".to_owned(), authorization),
            ],
            body: Vec::new(),
        };
        let answer = forward(self.sts_port, &call);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let arn = text.split_once("<Arn>").and_then(|(_, rest)| rest.split_once("</Arn>"));
        arn.filter(|_| answer.status == 200)
            .map(|(arn, _)| arn.to_owned())
            .ok_or_else(|| format!("STS does not know who it is: {text}"))
    }

    /// The signature of the call with the header that names this cluster.
    fn signature(
        &self,
        host: &str,
        pairs: &[(&str, &str)],
        date: &str,
        credential: &str,
    ) -> Result<String, String> {
        let scope: Vec<&str> = credential.split("%2F").collect();
        let [_, day, region, service, terminator] = scope.as_slice() else {
            return Err(format!("{credential} has no scope"));
        };
        if !date.starts_with(*day)
            || [*region, *service, *terminator] != ["eu-central-1", "sts", "aws4_request"]
        {
            return Err(format!("{credential} is of another scope"));
        }
        let mut query: Vec<String> = pairs
            .iter()
            .filter(|(name, _)| *name != "X-Amz-Signature")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        query.sort();
        let request = format!(
            "GET\n/\n{}\nhost:{host}\nx-k8s-aws-id:{}\n\nhost;x-k8s-aws-id\n{}",
            query.join("&"),
            self.cluster,
            hex(&Sha256::digest(b""))
        );
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/{terminator}\n{}",
            hex(&Sha256::digest(request))
        );
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [*day, *region, *service, *terminator, to_sign.as_str()] {
            let mut code = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
            code.update(part.as_bytes());
            key = code.finalize().into_bytes().to_vec();
        }
        Ok(hex(&key))
    }
}

fn token_of(review: &Value) -> &str {
    review["spec"]["token"].as_str().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A moment as signatures write it, which sorts as time goes.
fn utc(moment: &str) -> String {
    let mut command = std::process::Command::new("date");
    let output = command.args(["-u", "-d", moment, "+%Y%m%dT%H%M%SZ"]).output().expect("date starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
