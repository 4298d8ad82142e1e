//! What templates may ask of the outside world, passed in by the caller.
//!
//! The engine has no clock and no randomness of its own. Results of functions which ask here carry taint, so that a
//! caller that wants the same bytes on every run can refuse them.

use crate::{Map, Value};

/// The outside world as templates see it.
pub trait Environment {
    /// Returns the time as nanoseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i128;

    /// Fills `bytes` with randomness fit for keys.
    fn fill_random(&self, bytes: &mut [u8]);

    /// Returns the IANA name of the local time zone.
    fn time_zone(&self) -> &str {
        "UTC"
    }

    /// Answers `lookup`; offline the answer is an empty map.
    ///
    /// # Errors
    /// The text of the failure, where a cluster is asked and does not answer.
    fn lookup(
        &self,
        _api_version: &str,
        _kind: &str,
        _namespace: &str,
        _name: &str,
    ) -> Result<Value, String> {
        Ok(Value::from(Map::new()))
    }

    /// Answers `getHostByName`; offline the answer is empty.
    fn resolve_host(&self, _name: &str) -> String {
        String::new()
    }
}

/// An environment where time stands still and randomness is a counter: for tests and for callers which refuse taint.
#[derive(Clone, Debug, Default)]
pub struct FixedEnvironment {
    /// What [`Environment::now`] answers.
    pub now: i128,
    counter: std::cell::Cell<u64>,
}

impl FixedEnvironment {
    /// Creates an environment whose clock shows `now`, nanoseconds since 1970.
    #[must_use]
    pub fn at(now: i128) -> Self {
        Self { now, counter: std::cell::Cell::new(0) }
    }
}

impl Environment for FixedEnvironment {
    fn now(&self) -> i128 {
        self.now
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // SplitMix64: spreads the counter over all bytes, so that loops which reject values end.
            let step = self.counter.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
            self.counter.set(step);
            let mixed = (step ^ (step >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *byte = (mixed ^ (mixed >> 31)).to_le_bytes()[0];
        }
    }
}
