//! The program's HTTP client for fetching: bounded, and careful with credentials.
//!
//! A credential goes with the first request only, over an encrypted connection (or to this machine itself), and never with a
//! redirected one. A redirect never leads from an encrypted connection to an open one. A body has a limit that is known
//! beforehand; one that ends early is an error. A request that failed for a passing reason is tried again.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, StatusCode, Url};

use super::chart_address::check_url;
use crate::diagnostic::{Code, Diagnostic};

/// What is asked for.
pub(super) struct Request<'a> {
    /// Where.
    pub(super) url: Url,
    /// Further headers.
    pub(super) headers: &'a [(HeaderName, &'a str)],
    /// The value of the `Authorization` header.
    pub(super) authorization: Option<String>,
    /// What is sent, and its type; without it the request is a GET.
    pub(super) body: Option<(&'a str, Vec<u8>)>,
    /// The most bytes that the answer may have.
    pub(super) limit: u64,
}

impl<'a> Request<'a> {
    pub(super) fn get(url: Url, limit: u64) -> Request<'a> {
        Request { url, headers: &[], authorization: None, body: None, limit }
    }
}

/// What came back.
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Where it came from once redirects were followed.
    pub(super) url: Url,
}

/// The client.
pub(super) struct Http<'a> {
    client: Client,
    runtime: tokio::runtime::Runtime,
    progress: &'a dyn Fn(&str),
}

const REDIRECTS: usize = 5;
const TRIES: u32 = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// The most bytes of an answer that is only there to say what went wrong.
const ERROR_BODY: u64 = 1 << 20;
/// How many bytes come between two lines of progress.
const STRIDE: u64 = 256 << 10;

impl<'a> Http<'a> {
    /// A client that tells how far it is.
    pub(super) fn new(progress: &'a dyn Fn(&str)) -> Result<Http<'a>, Diagnostic> {
        let unusable = |cause: String| {
            Diagnostic::error(Code::new("fetch::unreachable"), "the HTTP client could not be set up")
                .with_cause(cause)
        };
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unusable(chain(&error)))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Http { client, runtime, progress })
    }

    /// Sends a request and reads its whole answer, whatever its status.
    pub(super) fn send(&self, request: &Request<'_>) -> Result<Response, Diagnostic> {
        let mut url = request.url.clone();
        let mut authorization = request.authorization.as_deref();
        for _ in 0..=REDIRECTS {
            if let Err((code, message, help)) = check_url(&url) {
                let message = format!("`{}` is not fetched: {message}", shown(&url));
                return Err(Diagnostic::error(Code::new(code), message).with_help(help));
            }
            let response = self.send_patiently(request, &url, authorization)?;
            let location = response.headers.get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            match next {
                Some(next) if response.status.is_redirection() && request.body.is_none() => {
                    if url.scheme() == "https" && next.scheme() != "https" {
                        let message =
                            format!("`{}` redirects to a connection that is not encrypted", shown(&url));
                        return Err(Diagnostic::error(Code::new("fetch::unreachable"), message));
                    }
                    url = next;
                    authorization = None;
                }
                _ => return Ok(response),
            }
        }
        let message = format!("`{}` redirects more than {REDIRECTS} times", shown(&request.url));
        Err(Diagnostic::error(Code::new("fetch::unreachable"), message))
    }

    /// Sends a request until it is answered with something else than a passing failure.
    fn send_patiently(
        &self,
        request: &Request<'_>,
        url: &Url,
        authorization: Option<&str>,
    ) -> Result<Response, Diagnostic> {
        let mut tried = 1;
        loop {
            let outcome = self.runtime.block_on(self.send_once(request, url, authorization));
            let (is_passing, last) = match outcome {
                Ok(response) => {
                    let passing = [
                        StatusCode::TOO_MANY_REQUESTS,
                        StatusCode::BAD_GATEWAY,
                        StatusCode::SERVICE_UNAVAILABLE,
                        StatusCode::GATEWAY_TIMEOUT,
                    ];
                    (passing.contains(&response.status), Ok(response))
                }
                Err(failure) => (failure.is_passing, Err(failure.diagnostic)),
            };
            if !is_passing || tried == TRIES {
                return last;
            }
            std::thread::sleep(Duration::from_millis(300) * tried);
            tried += 1;
        }
    }

    async fn send_once(
        &self,
        request: &Request<'_>,
        url: &Url,
        authorization: Option<&str>,
    ) -> Result<Response, Failure> {
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let mut builder = self.client.request(method, url.clone());
        for (name, value) in request.headers {
            builder = builder.header(name, *value);
        }
        if let Some(authorization) = authorization {
            let invalid = |_| {
                Failure::lasting(
                    "fetch::credentials",
                    "the credential has characters that no header can have",
                )
            };
            let mut value = HeaderValue::from_str(authorization).map_err(invalid)?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some((kind, body)) = &request.body {
            builder = builder.header(CONTENT_TYPE, *kind).body(body.clone());
        }
        let unreachable = |error: reqwest::Error| Failure {
            diagnostic: Diagnostic::error(
                Code::new("fetch::unreachable"),
                format!("`{}` cannot be reached", shown(url)),
            )
            .with_cause(chain(&error.without_url())),
            is_passing: true,
        };
        let mut response = builder.send().await.map_err(unreachable)?;
        let status = response.status();
        let headers = response.headers().clone();
        let limit = if status.is_success() { request.limit } else { request.limit.max(ERROR_BODY) };
        let too_large = || Failure {
            diagnostic: Diagnostic::error(
                Code::new("fetch::too-large"),
                format!("`{}` has more than {} bytes", shown(url), limit),
            ),
            is_passing: false,
        };
        let expected = response.content_length();
        if expected.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        let mut told = 0;
        loop {
            let chunk = response.chunk().await.map_err(|error| Failure {
                diagnostic: Diagnostic::error(
                    Code::new("fetch::unreachable"),
                    format!("`{}` was not received whole", shown(url)),
                )
                .with_cause(chain(&error.without_url())),
                is_passing: true,
            })?;
            let Some(chunk) = chunk else { break };
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
            if body.len() as u64 >= told + STRIDE {
                told = body.len() as u64;
                let of = expected.map(|length| format!(" of {}", megabytes(length))).unwrap_or_default();
                (self.progress)(&format!("fetching {}: {}{of}", shown(url), megabytes(told)));
            }
        }
        Ok(Response { status, headers, body, url: url.clone() })
    }

    /// Says what is going on, where a person watches.
    pub(super) fn tell(&self, line: &str) {
        (self.progress)(line);
    }
}

/// Why a request failed, and whether another try may help.
struct Failure {
    diagnostic: Diagnostic,
    is_passing: bool,
}

impl Failure {
    fn lasting(code: &'static str, message: &str) -> Failure {
        Failure { diagnostic: Diagnostic::error(Code::new(code), message), is_passing: false }
    }
}

impl Response {
    /// The answer, or what its status means for what was asked.
    pub(super) fn require_success(self, what: &str) -> Result<Response, Diagnostic> {
        let status = self.status;
        if status.is_success() {
            return Ok(self);
        }
        let host = host(&self.url);
        let (code, message) = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ("fetch::denied", format!("`{host}` does not give {what}"))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                ("fetch::not-found", format!("`{host}` does not have {what}"))
            }
            _ => ("fetch::unreachable", format!("`{host}` does not answer for {what}")),
        };
        Err(Diagnostic::error(Code::new(code), message).with_cause(format!("its status is {status}")))
    }
}

/// A request for these kinds of content.
pub(super) fn accept(kinds: &str) -> (HeaderName, &str) {
    (ACCEPT, kinds)
}

/// An address without what may be secret in it: addresses of object stores are signed.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // An address that cannot have a user has none to hide.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// Host and port of an address, as credentials are kept for.
pub(super) fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// All that an error says, outermost first.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(below) = source {
        let below_text = below.to_string();
        if !text.contains(&below_text) {
            text = format!("{text}: {below_text}");
        }
        source = below.source();
    }
    text
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
