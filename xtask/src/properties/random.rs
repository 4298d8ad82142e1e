//! Random numbers from a seed (SplitMix64), the same on every machine.

/// A stream of random numbers.
pub(super) struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub(super) fn from_seed(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// Whether something happens that does in so many of ten cases.
    pub(super) fn in_ten(&mut self, times: u64) -> bool {
        self.below(10) < times
    }

    /// One of several.
    pub(super) fn choose<'a>(&mut self, options: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(options.len() as u64)).unwrap_or_default();
        options.get(index).copied().unwrap_or_default()
    }
}
