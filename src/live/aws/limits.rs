//! How long and how often AWS is asked, in one place.

use std::time::Duration;

/// After this an attempt to connect is given up.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// After this an attempt is given up.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// After this a call is given up, whatever its attempts.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How often a call is tried.
pub(super) const ATTEMPTS: u32 = 4;
