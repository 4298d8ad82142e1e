//! GET requests to one cluster, with patience: so many at once, tried again where that may help, never past the deadline.
//!
//! A try is given up after [`ATTEMPT_TIMEOUT`]. Refusals are final; 429 is tried again when the server says; failures of the
//! server and of the connection a few times, for longer once the server has answered before, since then it may be starting
//! anew. What was answered is given as bytes: only their reader knows whether they are an answer, and can ask again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use kube::Client;
use kube::client::Body;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::access::{Access, ExecPlugins};
use super::failure::{Cause, Failure};
use crate::commands::version::VERSION;

/// How long one try may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a call is tried while the server has never answered.
const FIRST_CONTACT_ATTEMPTS: u32 = 4;

/// How often a call is tried when the connection breaks, or the server says that it is not available.
const ATTEMPTS: u32 = 7;

/// How often a call is tried when the server fails at it, or answers what is no answer.
const FAULT_ATTEMPTS: u32 = 4;

/// How often a call is tried that nobody answers in time.
const TIMEOUT_ATTEMPTS: u32 = 2;

/// How often a call waits because it came too often.
const WAITS: u32 = 10;

/// The first pause between two tries; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause, whatever a server asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The largest answer that is read, after decompression.
const LARGEST_ANSWER: usize = 96 << 20;

/// In which form an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Plain JSON.
    Json,
    /// Lists with metadata only.
    MetadataList,
    /// One object's metadata only.
    Metadata,
    /// Aggregated discovery.
    Discovery,
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Accept::Json => "application/json",
            Accept::MetadataList => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            Accept::Metadata => "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            Accept::Discovery => "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        }
    }
}

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Connection {
    client: Client,
    at_once: Arc<Semaphore>,
    deadline: Instant,
    has_answered: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    /// What it means that the credentials are not taken.
    if_unauthorized: &'static str,
}

impl Connection {
    /// Opens a cluster, to be asked until the deadline; nobody is asked anything yet.
    pub async fn open(
        access: &Access,
        plugins: ExecPlugins,
        at_once: usize,
        deadline: Instant,
    ) -> Result<Connection, Failure> {
        Ok(Connection {
            client: access.client(plugins).await?,
            at_once: Arc::new(Semaphore::new(at_once.max(1))),
            deadline,
            has_answered: Arc::default(),
            calls: Arc::default(),
            if_unauthorized: access.if_unauthorized(),
        })
    }

    /// How many requests were sent.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Asks, and gives what the reader makes of the answer. A reader that finds no answer in it lets the call be tried again.
    pub async fn get<T>(
        &self,
        path: &str,
        accept: Accept,
        mut read: impl FnMut(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut pause = FIRST_PAUSE;
        let (mut attempt, mut waits) = (0, 0);
        loop {
            attempt += 1;
            let (failure, asked_pause) = match self.attempt(path, accept).await {
                Ok(bytes) => match read(&bytes) {
                    Ok(value) => return Ok(value),
                    Err(failure) => (failure, None),
                },
                Err(refused) => (refused.failure, refused.retry_after),
            };
            let most = match failure.cause {
                Cause::ConnectionFailed | Cause::CertificateNotTrusted
                    if !self.has_answered.load(Ordering::Relaxed) =>
                {
                    FIRST_CONTACT_ATTEMPTS
                }
                Cause::ConnectionFailed => ATTEMPTS,
                Cause::Timeout => TIMEOUT_ATTEMPTS,
                Cause::ServerError if asked_pause.is_some() || failure.detail.contains("503") => ATTEMPTS,
                Cause::ServerError | Cause::InvalidAnswer => FAULT_ATTEMPTS,
                Cause::TooManyRequests => {
                    waits += 1;
                    attempt = 0;
                    if waits < WAITS { 1 } else { 0 }
                }
                _ => 0,
            };
            let wanted = asked_pause.unwrap_or(pause).min(LONGEST_PAUSE);
            if attempt >= most || Instant::now() + wanted >= self.deadline {
                return Err(failure);
            }
            sleep(wanted).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn attempt(&self, path: &str, accept: Accept) -> Result<Vec<u8>, Refused> {
        let over = |_| Refused::of(Cause::Timeout, "the time of the check is over");
        let _permit = match timeout_at(self.deadline, self.at_once.acquire()).await {
            Ok(Ok(permit)) => permit,
            _ => return Err(Refused::of(Cause::Timeout, "the time of the check is over")),
        };
        let request = Request::get(path)
            .header(header::ACCEPT, accept.header())
            .header(header::USER_AGENT, format!("plimsoll/{VERSION}"))
            .body(Body::empty())
            .map_err(|_| Refused::of(Cause::InvalidAnswer, "the request has no valid path"))?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let attempt_ends = (Instant::now() + ATTEMPT_TIMEOUT).min(self.deadline);
        let answer = timeout_at(attempt_ends, self.exchange(request)).await;
        if Instant::now() >= self.deadline {
            return answer.map_err(over)?;
        }
        answer.map_err(|_| Refused::of(Cause::Timeout, "no answer within 30 s"))?
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Vec<u8>, Refused> {
        let response = self.client.send(request).await.map_err(|error| broken(&error))?;
        self.has_answered.store(true, Ordering::Relaxed);
        let status = response.status();
        if status != StatusCode::OK {
            return Err(refusal(status, &response, self.if_unauthorized));
        }
        let mut body = Limited::new(response.into_body(), LARGEST_ANSWER);
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.downcast_ref::<LengthLimitError>().is_some() {
                    Refused::of(Cause::TooLarge, "")
                } else {
                    Refused::of(Cause::InvalidAnswer, "the answer broke off")
                }
            })?;
            if let Ok(data) = frame.into_data() {
                bytes.extend_from_slice(&data);
            }
        }
        Ok(bytes)
    }
}

/// A failure, and how long the server asks to wait.
struct Refused {
    failure: Failure,
    retry_after: Option<Duration>,
}

impl Refused {
    fn of(cause: Cause, detail: &str) -> Refused {
        Refused { failure: Failure::new(cause, detail), retry_after: None }
    }
}

fn refusal(status: StatusCode, response: &Response<Body>, if_unauthorized: &str) -> Refused {
    let cause = match status {
        StatusCode::UNAUTHORIZED => Cause::Unauthorized,
        StatusCode::FORBIDDEN => Cause::Forbidden,
        StatusCode::NOT_FOUND => Cause::NotFound,
        StatusCode::GONE => Cause::Expired,
        StatusCode::TOO_MANY_REQUESTS => Cause::TooManyRequests,
        status if status.is_server_error() => Cause::ServerError,
        _ => Cause::InvalidAnswer,
    };
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|seconds| seconds.parse().ok())
        .map(Duration::from_secs);
    let detail = match cause {
        Cause::ServerError | Cause::InvalidAnswer => format!("status {}", status.as_u16()),
        Cause::Unauthorized => if_unauthorized.to_owned(),
        _ => String::new(),
    };
    Refused { failure: Failure::new(cause, detail), retry_after }
}

/// What broke, by the words of the layers below; their texts are not passed on.
fn broken(error: &kube::Error) -> Refused {
    let mut words = String::new();
    let mut below: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = below {
        words.push_str(&error.to_string());
        words.push(' ');
        below = error.source();
    }
    if words.contains("certificate") || words.contains("UnknownIssuer") {
        return Refused::of(Cause::CertificateNotTrusted, "the server's certificate is not trusted");
    }
    if matches!(error, kube::Error::Auth(_)) {
        return Refused::of(Cause::Unauthorized, "the credentials could not be had");
    }
    let detail = if words.contains("refused") {
        "the connection was refused"
    } else if words.contains("dns") || words.contains("lookup") {
        "the server's name is not known"
    } else {
        "the connection broke"
    };
    Refused::of(Cause::ConnectionFailed, detail)
}
