//! Calls of the API with patience: paced writes, waits as `patience` judges, creation that looks before it repeats itself.

use std::cell::Cell;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::exchange::{Exchange, Method, Request, Response, Unanswered};
use super::patience::{Next, TRIES, judge};
use super::{Clock, ForgeError};

/// The time between two writes.
const WRITE_PACE: Duration = Duration::from_secs(1);

/// How long a run may wait in all.
const WAITING_BUDGET: Duration = Duration::from_secs(30 * 60);

/// How long a creation without an answer may still be on its way before it is looked for.
const SETTLING: Duration = Duration::from_secs(3);

/// The API, called with patience.
pub struct GitHub<E, C> {
    exchange: E,
    clock: C,
    last_write: Cell<Option<Duration>>,
    waited: Cell<Duration>,
}

/// How something came to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Created<T> {
    /// What is there.
    pub(super) value: T,
    /// Whether one of the tries is without an answer, so that there may be more than one of it.
    pub(super) is_doubtful: bool,
}

impl<E: Exchange, C: Clock> GitHub<E, C> {
    /// The API behind a carrier.
    pub fn new(exchange: E, clock: C) -> GitHub<E, C> {
        GitHub { exchange, clock, last_write: Cell::new(None), waited: Cell::new(Duration::ZERO) }
    }

    /// Seconds since 1970, by the clock that is waited by.
    pub fn unix_seconds(&self) -> u64 {
        self.clock.unix_seconds()
    }

    /// Sends a request that may be repeated, until it is answered; `action` completes "could not".
    ///
    /// What creates goes through [`GitHub::create`] instead; a POST that only asks may come here.
    pub(super) fn call(&self, action: &str, request: &Request) -> Result<Response, ForgeError> {
        self.repeat(action, request, Ok, || Ok(None)).map(|created| created.value)
    }

    /// Reads one value.
    pub(super) fn read<T: DeserializeOwned>(&self, action: &str, path: &str) -> Result<T, ForgeError> {
        decode(action, self.call(action, &Request::get(path))?.body)
    }

    /// Creates something once. Where a try may have been carried out without an answer, `find` looks for it before the next.
    pub(super) fn create<T: DeserializeOwned>(
        &self,
        action: &str,
        request: &Request,
        find: impl Fn() -> Result<Option<T>, ForgeError>,
    ) -> Result<Created<T>, ForgeError> {
        self.repeat(action, request, |response| decode(action, response.body), find)
    }

    /// The loop of all requests: `take` reads the answer, `find` looks after a try that may have been carried out without one.
    fn repeat<T>(
        &self,
        action: &str,
        request: &Request,
        take: impl Fn(Response) -> Result<T, ForgeError>,
        find: impl Fn() -> Result<Option<T>, ForgeError>,
    ) -> Result<Created<T>, ForgeError> {
        let mut is_doubtful = false;
        let mut tried = 0;
        loop {
            if request.method != Method::Get {
                self.pace();
            }
            let outcome = self.exchange.exchange(request);
            match (judge(&outcome, tried, self.clock.unix_seconds()), outcome) {
                (Next::Take, Ok(response)) => {
                    return Ok(Created { value: take(response)?, is_doubtful });
                }
                (Next::Again { after, may_have_happened }, _) if tried + 1 < TRIES => {
                    let looks = may_have_happened && request.method == Method::Post;
                    self.wait(action, if looks { after.max(SETTLING) } else { after })?;
                    if looks {
                        is_doubtful = true;
                        if let Some(value) = find()? {
                            return Ok(Created { value, is_doubtful });
                        }
                    }
                }
                (_, outcome) => return Err(refused(action, outcome)),
            }
            tried += 1;
        }
    }

    /// Waits until a second has passed since the last write.
    fn pace(&self) {
        if let Some(last) = self.last_write.get() {
            let since = self.clock.elapsed().saturating_sub(last);
            if since < WRITE_PACE {
                self.clock.sleep(WRITE_PACE - since);
            }
        }
        self.last_write.set(Some(self.clock.elapsed()));
    }

    /// Waits, and a little longer, unless that is more than a run may wait in all.
    pub(super) fn wait(&self, action: &str, after: Duration) -> Result<(), ForgeError> {
        let after = after + self.clock.jitter(after / 10);
        let waited = self.waited.get() + after;
        if waited > WAITING_BUDGET {
            return Err(ForgeError::Limited { action: action.to_owned(), wait: after });
        }
        self.waited.set(waited);
        self.clock.sleep(after);
        Ok(())
    }
}

/// Reads what an answer holds.
pub(super) fn decode<T: DeserializeOwned>(action: &str, body: Value) -> Result<T, ForgeError> {
    serde_json::from_value(body).map_err(|error| unexpected(action, &error.to_string()))
}

/// The error of an answer that is not what the API promises.
pub(super) fn unexpected(action: &str, reason: &str) -> ForgeError {
    ForgeError::Unexpected {
        action: action.to_owned(),
        reason: format!("the answer is not as expected, {reason}"),
    }
}

fn unanswered(action: &str, reason: String) -> ForgeError {
    ForgeError::Unanswered { action: action.to_owned(), reason }
}

fn refused(action: &str, outcome: Result<Response, Unanswered>) -> ForgeError {
    match outcome {
        Err(Unanswered(reason)) => unanswered(action, reason),
        Ok(response) if response.status >= 500 => unanswered(action, format!("status {}", response.status)),
        Ok(response) => ForgeError::Refused {
            action: action.to_owned(),
            status: response.status,
            message: response.message().replace('`', "'"),
        },
    }
}
