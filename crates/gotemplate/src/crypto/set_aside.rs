//! The clock and randomness of one moment, kept for what is made later.

use std::cell::RefCell;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};

use crate::Environment;

/// An environment whose clock stands still and whose randomness grows from a seed of another environment.
pub(crate) struct SetAside {
    now: i128,
    random: RefCell<ChaCha20Rng>,
}

impl SetAside {
    /// Takes the time and a seed of 256 bits.
    pub(crate) fn from(environment: &dyn Environment) -> SetAside {
        let mut seed = [0; 32];
        environment.fill_random(&mut seed);
        SetAside { now: environment.now(), random: RefCell::new(ChaCha20Rng::from_seed(seed)) }
    }
}

// What keys are made from is never shown.
impl std::fmt::Debug for SetAside {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SetAside").field("now", &self.now).finish_non_exhaustive()
    }
}

impl Environment for SetAside {
    fn now(&self) -> i128 {
        self.now
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        self.random.borrow_mut().fill_bytes(bytes);
    }
}
