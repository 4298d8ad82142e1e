//! Whether and when a failed call is tried again.
//!
//! A function of the failure, the number of attempts and a random number: it has no clock and sends nothing. What a service
//! refuses for good (denied, not found, expired) is not tried again.

use std::time::Duration;

use super::failure::Cause;

/// Codes by which services ask for patience, whatever their HTTP status.
const THROTTLING_CODES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "SlowDown",
    "EC2ThrottledException",
    "TransactionInProgressException",
];

/// Codes of trouble on the service's side, which pass, whatever their HTTP status.
const PASSING_CODES: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServiceError",
    "InternalServerError",
    "ServerException",
    "ServiceFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
    "RequestTimeout",
    "RequestTimeoutException",
];

/// The first wait, which doubles with each attempt.
const FIRST_WAIT: Duration = Duration::from_millis(400);

/// The first wait where a service asks for patience.
const FIRST_WAIT_OF_THROTTLED: Duration = Duration::from_millis(1000);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// How a failed attempt is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    /// Another attempt would say the same.
    None,
    /// Another attempt may be answered.
    Passing,
    /// Another attempt may be answered, after some patience.
    Throttled,
}

impl Chance {
    /// What an attempt that failed for this cause, answered with this HTTP status if it was answered, leaves to hope for.
    pub(super) fn of(cause: &Cause, status: Option<u16>) -> Chance {
        match cause {
            Cause::Service(code) if THROTTLING_CODES.contains(&code.as_str()) => Chance::Throttled,
            Cause::Service(code) if PASSING_CODES.contains(&code.as_str()) => Chance::Passing,
            Cause::Service(_) => match status {
                Some(429) => Chance::Throttled,
                Some(500 | 502 | 503 | 504) => Chance::Passing,
                _ => Chance::None,
            },
            Cause::Unreachable | Cause::Timeout | Cause::Malformed => Chance::Passing,
            Cause::NoCredentials => Chance::None,
        }
    }

    /// How long to wait after this many attempts; `random` is from 0 to 1. What the service asked for is granted up to a limit.
    pub(super) fn wait(self, attempts: u32, random: f64, asked_for: Option<Duration>) -> Duration {
        let first = match self {
            Chance::Throttled => FIRST_WAIT_OF_THROTTLED,
            Chance::Passing | Chance::None => FIRST_WAIT,
        };
        let longest = first.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(LONGEST_WAIT);
        // Half of the wait is random, so that many callers do not come back together.
        let wait = longest.mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0));
        wait.max(asked_for.unwrap_or_default().min(LONGEST_WAIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(code: &str) -> Cause {
        Cause::Service(code.to_owned())
    }

    #[test]
    fn what_is_denied_or_not_found_is_not_tried_again() {
        assert_eq!(Chance::of(&service("AccessDenied"), Some(403)), Chance::None);
        assert_eq!(Chance::of(&service("ResourceNotFoundException"), Some(404)), Chance::None);
        assert_eq!(Chance::of(&service("ExpiredToken"), Some(403)), Chance::None);
    }

    #[test]
    fn throttling_is_known_by_its_code_and_by_its_status() {
        assert_eq!(Chance::of(&service("Throttling"), Some(400)), Chance::Throttled);
        assert_eq!(Chance::of(&service("SomethingNew"), Some(429)), Chance::Throttled);
        assert_eq!(Chance::of(&service("SlowDown"), Some(503)), Chance::Throttled);
    }

    #[test]
    fn trouble_of_the_server_or_the_network_passes() {
        assert_eq!(Chance::of(&service("SomethingNew"), Some(503)), Chance::Passing);
        assert_eq!(Chance::of(&service("ServerException"), Some(400)), Chance::Passing);
        assert_eq!(Chance::of(&Cause::Timeout, None), Chance::Passing);
        assert_eq!(Chance::of(&Cause::Malformed, Some(200)), Chance::Passing);
    }

    #[test]
    fn waits_double_up_to_a_limit_and_grant_what_is_asked_for() {
        assert_eq!(Chance::Passing.wait(1, 1.0, None), Duration::from_millis(400));
        assert_eq!(Chance::Passing.wait(3, 1.0, None), Duration::from_millis(1600));
        assert_eq!(Chance::Throttled.wait(2, 0.0, None), Duration::from_millis(1000));
        assert_eq!(Chance::Throttled.wait(40, 1.0, None), LONGEST_WAIT);
        assert_eq!(Chance::Passing.wait(1, 0.0, Some(Duration::from_secs(5))), Duration::from_secs(5));
        assert_eq!(Chance::Passing.wait(1, 0.0, Some(Duration::from_secs(500))), LONGEST_WAIT);
    }
}
