//! What an answer means for the request: take it, try again after a while, or give up. A function of values.
//!
//! GitHub's rules (REST documentation, "rate limits" and "best practices"): wait as `retry-after` says; where
//! `x-ratelimit-remaining` is 0, until `x-ratelimit-reset`; after any other sign of a secondary limit at least a minute,
//! longer each time. Secondary limits come as 403, 429, or as 422 "was submitted too quickly".

use std::time::Duration;

use super::exchange::{Response, Unanswered};

/// Most tries of one request.
pub(super) const TRIES: u32 = 9;

/// Tries of a request that is refused without a reason that could pass.
const TRIES_OF_A_REFUSAL: u32 = 2;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The answer is the answer.
    Take,
    /// Ask again after a while.
    Again {
        /// At least so long.
        after: Duration,
        /// Whether the request may have been carried out all the same.
        may_have_happened: bool,
    },
    /// It will not be done.
    GiveUp,
}

/// Judges what came of the try with this number, from 0.
pub(super) fn judge(outcome: &Result<Response, Unanswered>, tried: u32, unix_now: u64) -> Next {
    let backoff = Duration::from_secs(1 << tried.min(5));
    let Ok(response) = outcome else {
        return Next::Again { after: backoff, may_have_happened: true };
    };
    let limited = |response: &Response| {
        let named = response.retry_after.or_else(|| {
            let reset = response.reset.filter(|_| response.remaining == Some(0))?;
            Some(reset.saturating_sub(unix_now) + 1)
        });
        let after = named.unwrap_or(60 << tried.min(4));
        Next::Again { after: Duration::from_secs(after), may_have_happened: false }
    };
    let message = response.message().to_lowercase();
    let names_limit = ["rate limit", "abuse", "too quickly", "wait a few minutes"]
        .iter()
        .any(|words| message.contains(words));
    let says_wait = response.retry_after.is_some() || response.remaining == Some(0) || names_limit;
    match response.status {
        200..300 => Next::Take,
        429 => limited(response),
        403 if says_wait => limited(response),
        403 if message.is_empty() || message == "forbidden" => {
            if tried < TRIES_OF_A_REFUSAL {
                limited(response)
            } else {
                Next::GiveUp
            }
        }
        422 if names_limit => limited(response),
        409 | 422 if tried < TRIES_OF_A_REFUSAL => Next::Again { after: backoff, may_have_happened: false },
        408 | 500.. => {
            let after = response.retry_after.map_or(backoff, Duration::from_secs).max(backoff);
            Next::Again { after, may_have_happened: true }
        }
        _ => Next::GiveUp,
    }
}

/// Whether a `Link` header names a page that follows.
pub(super) fn names_next_page(link: &str) -> bool {
    link.split(',').any(|part| {
        part.split(';').skip(1).any(|parameter| {
            let parameter = parameter.trim().replace('"', "");
            parameter == "rel=next"
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, message: &str) -> Response {
        let body = json!({"message": message});
        Response { status, retry_after: None, remaining: None, reset: None, has_next_page: false, body }
    }

    fn seconds(outcome: &Result<Response, Unanswered>, tried: u32) -> Option<(u64, bool)> {
        match judge(outcome, tried, 1_000) {
            Next::Again { after, may_have_happened } => Some((after.as_secs(), may_have_happened)),
            Next::Take | Next::GiveUp => None,
        }
    }

    #[test]
    fn limits_are_waited_for_as_long_as_the_server_says_and_else_a_minute() {
        let secondary = answer(403, "You have exceeded a secondary rate limit.");
        assert_eq!(seconds(&Ok(secondary.clone()), 0), Some((60, false)));
        assert_eq!(seconds(&Ok(secondary.clone()), 2), Some((240, false)));
        assert_eq!(seconds(&Ok(Response { retry_after: Some(7), ..secondary.clone() }), 2), Some((7, false)));
        let primary =
            Response { remaining: Some(0), reset: Some(1_030), ..answer(403, "API rate limit exceeded") };
        assert_eq!(seconds(&Ok(primary), 0), Some((31, false)));
        assert_eq!(seconds(&Ok(answer(429, "")), 0), Some((60, false)));
        assert_eq!(
            seconds(&Ok(answer(422, "Validation Failed; was submitted too quickly")), 0),
            Some((60, false))
        );
    }

    #[test]
    fn what_may_have_happened_is_told_apart_from_what_did_not() {
        assert_eq!(seconds(&Err(Unanswered("reset".to_owned())), 0), Some((1, true)));
        assert_eq!(seconds(&Ok(answer(502, "")), 3), Some((8, true)));
        assert_eq!(seconds(&Ok(answer(422, "Validation Failed")), 0), Some((1, false)));
    }

    #[test]
    fn a_refusal_is_final() {
        for refused in [
            answer(403, "Resource not accessible by integration"),
            answer(401, "Bad credentials"),
            answer(404, "Not Found"),
        ] {
            assert_eq!(judge(&Ok(refused), 0, 0), Next::GiveUp);
        }
        assert_eq!(judge(&Ok(answer(422, "Validation Failed")), 2, 0), Next::GiveUp);
    }

    #[test]
    fn the_next_page_is_found_in_any_order() {
        assert!(names_next_page("<https://x/?page=2>; rel=\"next\", <https://x/?page=9>; rel=\"last\""));
        assert!(!names_next_page("<https://x/?page=1>; rel=\"prev\", <https://x/?next=9>; rel=\"first\""));
    }
}
