//! A call with patience: tried again where that may help, within limits of time, count and number of calls at once.
//!
//! A call ends in an answer that its reader understood, or in a failure that says why; never in silence. S3's redirects to
//! a bucket's own region are followed once, and remembered. What was asked is counted; nothing of a request or an answer but
//! its names, status, size and time is kept.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::attempts::Chance;
use super::failure::{CallFailure, Cause};
use super::ledger::{CallRecord, Ledger};
use super::limits::{ATTEMPT_TIMEOUT, ATTEMPTS, CALL_TIMEOUT};
use super::session::Session;
use super::transport::RawAnswer;

/// The name of a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallName {
    /// The service, as requests are signed for it.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The region that is asked.
    pub region: String,
}

/// What understands an answer: the value, or why the answer is none.
pub(super) type Understood<T> = Result<T, CallFailure>;

/// Asks with patience, for one check.
pub struct Caller {
    pub(super) session: Session,
    at_once: Semaphore,
    deadline: Instant,
    ledger: Mutex<Ledger>,
    homes: Mutex<BTreeMap<String, String>>,
}

impl Caller {
    /// Asks by this session, so many calls at once, until the deadline.
    #[must_use]
    pub fn new(session: Session, at_once: usize, deadline: Instant) -> Caller {
        Caller {
            session,
            at_once: Semaphore::new(at_once.max(1)),
            deadline,
            ledger: Mutex::new(Ledger::default()),
            homes: Mutex::new(BTreeMap::new()),
        }
    }

    /// The session that it asks by.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What was asked up to now.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The region that a bucket was found in, where S3 redirected to it.
    #[must_use]
    pub fn home_of(&self, bucket: &str) -> Option<String> {
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// Asks until there is an answer or no more hope. `send` is given the region to ask, `read` understands an answer;
    /// `bucket` is whose redirects are followed.
    pub(super) async fn ask<T, Sending>(
        &self,
        name: &CallName,
        bucket: Option<&str>,
        send: impl Fn(String) -> Sending,
        read: impl Fn(&RawAnswer) -> Understood<T>,
    ) -> Result<T, CallFailure>
    where
        Sending: Future<Output = Result<RawAnswer, CallFailure>>,
    {
        let end = self.deadline.min(Instant::now() + CALL_TIMEOUT);
        let mut region =
            bucket.and_then(|bucket| self.home_of(bucket)).unwrap_or_else(|| name.region.clone());
        let mut attempts = 0;
        let mut redirected = false;
        loop {
            attempts += 1;
            let sent = self.attempt(name, &region, end, &send).await;
            let (failure, status, asked_for) = match sent {
                Ok(answer) => {
                    if let Some((bucket, home)) = bucket.zip(redirection(&answer, &region))
                        && !redirected
                    {
                        redirected = true;
                        self.homes
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .insert(bucket.to_owned(), home.clone());
                        region = home;
                        continue;
                    }
                    match read(&answer) {
                        Ok(value) => return Ok(value),
                        Err(failure) => (failure, Some(answer.status), retry_after(&answer)),
                    }
                }
                Err(failure) => (failure, None, None),
            };
            let chance = Chance::of(&failure.cause, status);
            let wait = chance.wait(attempts, random(), asked_for);
            if chance == Chance::None || attempts >= ATTEMPTS || Instant::now() + wait >= end {
                self.ledger.lock().unwrap_or_else(PoisonError::into_inner).count_failure(name);
                return Err(failure);
            }
            sleep(wait).await;
        }
    }

    async fn attempt<Sending>(
        &self,
        name: &CallName,
        region: &str,
        end: Instant,
        send: impl Fn(String) -> Sending,
    ) -> Result<RawAnswer, CallFailure>
    where
        Sending: Future<Output = Result<RawAnswer, CallFailure>>,
    {
        let late = || CallFailure::new(Cause::Timeout, "no answer in time");
        let left = end.saturating_duration_since(Instant::now());
        let permit = timeout(left, self.at_once.acquire()).await.map_err(|_| late())?;
        let begin = Instant::now();
        let left = end.saturating_duration_since(begin).min(ATTEMPT_TIMEOUT);
        let sent = timeout(left, send(region.to_owned())).await.unwrap_or_else(|_| Err(late()));
        drop(permit);
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).record(CallRecord {
            name: CallName { region: region.to_owned(), ..name.clone() },
            status: sent.as_ref().ok().map(|answer| answer.status),
            bytes: sent.as_ref().map_or(0, |answer| answer.body.len()),
            duration: begin.elapsed(),
        });
        sent
    }
}

/// The region that S3 says a bucket is in, where the call was meant for another.
fn redirection(answer: &RawAnswer, region: &str) -> Option<String> {
    let refused = matches!(answer.status, 301 | 307 | 308 | 400);
    let home = answer.header("x-amz-bucket-region")?;
    (refused && home != region).then(|| home.to_owned())
}

/// What a service asks to wait, in whole seconds.
fn retry_after(answer: &RawAnswer) -> Option<Duration> {
    answer.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// A number from 0 to 1 that only spreads waits.
fn random() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX)
}
