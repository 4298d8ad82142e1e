//! The caller's randomness as the libraries want it.

use std::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};

use crate::Environment;

/// Random numbers from an environment.
pub(super) struct Randomness<'e>(pub(super) &'e dyn Environment);

impl TryRng for Randomness<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill_random(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill_random(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_random(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Randomness<'_> {}
