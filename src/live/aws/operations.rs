//! An operation of the tables of `plimsoll-aws`, asked with patience: its parameters out, its answer as a value back.
//!
//! The tables hold nothing that writes and nothing that returns a secret value or an object, so neither can be asked here.

use plimsoll_aws::{AnswerError, Response};
use serde_json::Value;

use super::bucket_reads::{ask_bucket, list_buckets};
use super::caller::{CallName, Caller};
use super::failure::{CallFailure, Cause};
use super::transport::{RawAnswer, Request};
use crate::live::encoding::percent_encoded;

/// The name that the tables have for S3.
const S3: &str = "s3";

impl Caller {
    /// Asks for an operation of a service in a region.
    pub async fn call(
        &self,
        service: &str,
        operation: &str,
        region: &str,
        parameters: &Value,
    ) -> Result<Value, CallFailure> {
        let name = CallName {
            service: service.to_owned(),
            operation: operation.to_owned(),
            region: region.to_owned(),
        };
        let read = |answer: &RawAnswer| understood(service, operation, answer);
        if service == S3 {
            return self.call_s3(&name, parameters, read).await;
        }
        let asked = plimsoll_aws::request(service, operation, region, parameters);
        let asked = asked.map_err(|error| CallFailure::new(Cause::Malformed, error.to_string()))?;
        let prefix = plimsoll_aws::service::service(service).map(|facts| facts.endpoint_prefix.as_str());
        let endpoint = self.session.endpoint(prefix.unwrap_or(service), region);
        let request = Request {
            url: format!("{}{}{}", endpoint.url, asked.path, query(&asked.query)),
            method: asked.method,
            headers: asked.headers,
            body: asked.body,
            signing_name: asked.signing_name,
            signing_region: endpoint.signing_region,
        };
        self.ask(&name, None, |_region| self.session.send(&request), read).await
    }

    async fn call_s3(
        &self,
        name: &CallName,
        parameters: &Value,
        read: impl Fn(&RawAnswer) -> Result<Value, CallFailure>,
    ) -> Result<Value, CallFailure> {
        let text = |key: &str| parameters.get(key).and_then(Value::as_str);
        match text("Bucket") {
            Some(bucket) => {
                let send = |region: String| {
                    let client = self.session.s3(&region);
                    async move { ask_bucket(&client, &name.operation, bucket).await }
                };
                self.ask(name, Some(bucket), send, read).await
            }
            None => {
                let continuation = text("ContinuationToken").map(str::to_owned);
                let page_size = parameters.get("MaxBuckets").and_then(Value::as_i64);
                let page_size = page_size.and_then(|size| i32::try_from(size).ok());
                let send = |region: String| {
                    let client = self.session.s3(&region);
                    let continuation = continuation.clone();
                    async move { list_buckets(&client, continuation, page_size).await }
                };
                self.ask(name, None, send, read).await
            }
        }
    }
}

fn understood(service: &str, operation: &str, answer: &RawAnswer) -> Result<Value, CallFailure> {
    let response = Response { status: answer.status, headers: &answer.headers, body: &answer.body };
    plimsoll_aws::read(service, operation, &response).map_err(|error| match error {
        AnswerError::Service { code, message, .. } => CallFailure::new(Cause::Service(code), message),
        AnswerError::Malformed(why) => CallFailure::new(Cause::Malformed, why),
    })
}

/// A query with its question mark, encoded.
fn query(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(key, value)| match value.as_str() {
            "" => percent_encoded(key),
            value => format!("{}={}", percent_encoded(key), percent_encoded(value)),
        })
        .collect();
    if encoded.is_empty() { String::new() } else { format!("?{}", encoded.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        let pairs = [("nextToken".to_owned(), "a/b=".to_owned()), ("policy".to_owned(), String::new())];
        assert_eq!(query(&pairs), "?nextToken=a%2Fb%3D&policy");
        assert_eq!(query(&[]), "");
    }
}
