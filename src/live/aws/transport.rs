//! One request, signed and sent once; its answer as bytes.
//!
//! Signing is aws-sigv4's, sending is the HTTP client of the AWS SDK. Nothing is retried, followed or parsed here.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::failure::{CallFailure, Cause};
use super::limits::CONNECT_TIMEOUT;

/// The most bytes of one answer that are read. The largest answers, pages of a thousand items, are some megabytes.
const LONGEST_ANSWER: usize = 64 << 20;

/// A request to one service, ready to be signed.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The service and region that it is signed for.
    pub(super) signing_name: String,
    pub(super) signing_region: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct RawAnswer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl RawAnswer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A client that keeps connections, takes proxies from the environment, and trusts the certificates of the system.
pub(super) fn connector() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build();
    SharedHttpConnector::new(connector)
}

/// Signs a request and sends it.
pub(super) async fn send(
    connector: &SharedHttpConnector,
    credentials: &Credentials,
    request: &Request,
) -> Result<RawAnswer, CallFailure> {
    let signed = signed(request, credentials, SystemTime::now())?;
    let response = connector.call(signed).await.map_err(|error| {
        let cause = if error.is_timeout() { Cause::Timeout } else { Cause::Unreachable };
        CallFailure::new(cause, error.to_string())
    })?;
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let body = read(response.into_body()).await?;
    Ok(RawAnswer { status, headers, body })
}

fn signed(request: &Request, credentials: &Credentials, now: SystemTime) -> Result<HttpRequest, CallFailure> {
    let unsendable = |error: &dyn std::fmt::Display| {
        CallFailure::new(Cause::Unreachable, format!("the request cannot be built: {error}"))
    };
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&request.signing_region)
        .name(&request.signing_name)
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| unsendable(&error))?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let signable =
        SignableRequest::new(&request.method, &request.url, headers, SignableBody::Bytes(&request.body))
            .map_err(|error| unsendable(&error))?;
    let (instructions, _) = sign(signable, &parameters).map_err(|error| unsendable(&error))?.into_parts();
    let mut built = http::Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let mut built = built.body(SdkBody::from(request.body.clone())).map_err(|error| unsendable(&error))?;
    instructions.apply_to_request_http1x(&mut built);
    HttpRequest::try_from(built).map_err(|error| unsendable(&error))
}

/// A body that ends early is no answer.
async fn read(body: SdkBody) -> Result<Vec<u8>, CallFailure> {
    let mut bytes = Vec::new();
    let mut stream = ByteStream::new(body);
    while let Some(part) = stream.next().await {
        let part = part
            .map_err(|error| CallFailure::new(Cause::Unreachable, format!("the answer was cut: {error}")))?;
        if bytes.len() + part.len() > LONGEST_ANSWER {
            return Err(CallFailure::new(Cause::Malformed, "the answer is too long"));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}
