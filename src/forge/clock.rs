//! Time as the forge's patience needs it, so that tests can let hours pass at once.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that can be waited by.
pub trait Clock {
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Seconds since 1970.
    fn unix_seconds(&self) -> u64;
    /// Lets time pass.
    fn sleep(&self, duration: Duration);
    /// A part of this duration, another one each time, so that several waiting runs do not come back together.
    fn jitter(&self, bound: Duration) -> Duration;
}

/// The clock of the system.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that begins now.
    #[must_use]
    pub fn starting_now() -> SystemClock {
        SystemClock { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn unix_seconds(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn jitter(&self, bound: Duration) -> Duration {
        let mut byte = [0];
        // Without randomness all wait the same, which is no error.
        let _ = getrandom::fill(&mut byte);
        bound * u32::from(byte[0]) / 256
    }
}
