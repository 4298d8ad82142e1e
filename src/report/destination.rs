//! Where a report or a snapshot goes to or comes from: a file, or a place in S3.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::live::aws::Location;

/// A file, or a place in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A file.
    File(PathBuf),
    /// `s3://BUCKET/KEY`.
    Store(Location),
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Destination, String> {
        if Location::is_named_by(text) {
            Location::parse(text).map(Destination::Store)
        } else {
            let Ok(path): Result<PathBuf, Infallible> = text.parse();
            Ok(Destination::File(path))
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::File(path) => write!(formatter, "{}", path.display()),
            Destination::Store(location) => write!(formatter, "{location}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_begin_with_the_scheme_is_a_file() {
        assert_eq!("out/drift.json".parse(), Ok(Destination::File("out/drift.json".into())));
        assert!(matches!("s3://reports/dev".parse(), Ok(Destination::Store(_))));
        assert_eq!("s3://".parse::<Destination>(), Err("`s3://` names no bucket".to_owned()));
    }
}
