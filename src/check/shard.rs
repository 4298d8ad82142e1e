//! Which resources a shard looks at: each by its own name, so that any number of shards gives the same findings.

use std::fmt;
use std::str::FromStr;

use crate::render::digest;

/// One of several parts of a check: `2/8` is the second of eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub of: u32,
}

impl Shard {
    /// Whether what is named so belongs to this part.
    #[must_use]
    pub fn holds(self, name: &str) -> bool {
        let digest = digest::sha256(name.as_bytes());
        let number = digest.get(..15).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
        number % u64::from(self.of.max(1)) + 1 == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || "a shard is written `i/n`, from 1/n to n/n".to_owned();
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard =
            Shard { index: index.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
        if shard.index >= 1 && shard.index <= shard.of { Ok(shard) } else { Err(wrong()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn every_name_belongs_to_exactly_one_shard() {
        for of in 1..9 {
            for name in 0..50 {
                let holders = (1..=of).filter(|index| Shard { index: *index, of }.holds(&name.to_string()));
                assert_eq!(holders.count(), 1);
            }
        }
    }

    #[test]
    fn a_shard_is_written_as_a_fraction() {
        assert_eq!("2/8".parse(), Ok(Shard { index: 2, of: 8 }));
        for wrong in ["", "2", "0/8", "9/8", "a/8", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
