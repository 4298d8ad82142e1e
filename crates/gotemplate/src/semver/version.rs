//! Versions: reading, printing, comparing.

use std::cmp::Ordering;
use std::fmt;

/// Longest accepted version, in bytes.
const MAXIMUM_LENGTH: usize = 256;

/// Why a text is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Not of the form of a version.
    #[error("invalid semantic version")]
    Invalid,
    /// A numeric part of the pre-release begins with a zero.
    #[error("version segment starts with 0")]
    LeadingZero,
    /// Longer than 256 bytes.
    #[error("version string is too long (max 256 bytes)")]
    TooLong,
    /// A number beyond 64 bits.
    #[error("error parsing version segment: strconv.ParseUint: parsing \"{0}\": value out of range")]
    OutOfRange(String),
    /// A part of a pre-release that is empty or has other characters than letters, digits and hyphens.
    #[error("invalid prerelease string")]
    InvalidPrerelease,
    /// A part of the metadata that is empty or has other characters than letters, digits and hyphens.
    #[error("invalid metadata string")]
    InvalidMetadata,
}

/// A semantic version, with the text that it was read from.
#[derive(Debug, Clone)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: String,
    metadata: String,
    original: String,
}

/// Which number of a version is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first number; the others become zero.
    Major,
    /// The second number; the third becomes zero.
    Minor,
    /// The third number; of a pre-release only the pre-release is dropped.
    Patch,
}

impl Version {
    /// Reads a version; minor and patch may be missing, a `v` may stand before it.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > MAXIMUM_LENGTH {
            return Err(VersionError::TooLong);
        }
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, metadata) = split_suffix(rest, '+')?;
        let (numbers, prerelease) = split_suffix(rest, '-')?;
        let segments: Vec<&str> = numbers.split('.').collect();
        let numeric =
            |segment: &&str| !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        if segments.len() > 3 || !segments.iter().all(numeric) {
            return Err(VersionError::Invalid);
        }
        let number = |index: usize| match segments.get(index) {
            Some(segment) => {
                segment.parse::<u64>().map_err(|_| VersionError::OutOfRange((*segment).to_owned()))
            }
            None => Ok(0),
        };
        let version = Self {
            major: number(0)?,
            minor: number(1)?,
            patch: number(2)?,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        };
        if !prerelease.is_empty() {
            check_prerelease(prerelease)?;
        }
        Ok(version)
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.major
    }

    /// The second number.
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// The third number.
    pub fn patch(&self) -> u64 {
        self.patch
    }

    /// What stands behind the hyphen, or nothing.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// What stands behind the plus sign, or nothing.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text that the version was read from.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The order of semantic versions; metadata does not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }

    /// The next version, or nothing if the number would overflow.
    pub fn next(&self, part: Part) -> Option<Self> {
        let (major, minor, patch) = match part {
            Part::Major => (self.major.checked_add(1)?, 0, 0),
            Part::Minor => (self.major, self.minor.checked_add(1)?, 0),
            Part::Patch if !self.prerelease.is_empty() => (self.major, self.minor, self.patch),
            Part::Patch => (self.major, self.minor, self.patch.checked_add(1)?),
        };
        let next =
            Self { major, minor, patch, prerelease: String::new(), metadata: String::new(), ..self.clone() };
        Some(next.with_own_text(&self.original))
    }

    /// The same version with another pre-release.
    pub fn with_prerelease(&self, prerelease: &str) -> Result<Self, VersionError> {
        if !prerelease.is_empty() {
            check_prerelease(prerelease)?;
        }
        Ok(Self { prerelease: prerelease.to_owned(), ..self.clone() }.with_own_text(&self.original))
    }

    /// The same version with other metadata.
    pub fn with_metadata(&self, metadata: &str) -> Result<Self, VersionError> {
        if !metadata.is_empty() && !metadata.split('.').all(is_identifier) {
            return Err(VersionError::InvalidMetadata);
        }
        Ok(Self { metadata: metadata.to_owned(), ..self.clone() }.with_own_text(&self.original))
    }

    fn with_own_text(mut self, previous: &str) -> Self {
        let prefix = if previous.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// Cuts off what follows a mark; it must consist of identifiers.
fn split_suffix(text: &str, mark: char) -> Result<(&str, &str), VersionError> {
    match text.split_once(mark) {
        None => Ok((text, "")),
        Some((rest, suffix)) if suffix.split('.').all(is_identifier) => Ok((rest, suffix)),
        Some(_) => Err(VersionError::Invalid),
    }
}

fn is_identifier(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
}

fn check_prerelease(prerelease: &str) -> Result<(), VersionError> {
    for part in prerelease.split('.') {
        if !is_identifier(part) {
            return Err(VersionError::InvalidPrerelease);
        }
        if part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(VersionError::LeadingZero);
        }
    }
    Ok(())
}

/// A version without a pre-release is the later one.
fn compare_prereleases(one: &str, other: &str) -> Ordering {
    match (one.is_empty(), other.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare_identifiers(one, other),
    }
}

/// Part by part; a missing part is an empty text.
pub(super) fn compare_identifiers(one: &str, other: &str) -> Ordering {
    let (mut ours, mut theirs) = (one.split('.'), other.split('.'));
    loop {
        let (our, their) = (ours.next(), theirs.next());
        if our.is_none() && their.is_none() {
            return Ordering::Equal;
        }
        let order = compare_parts(our.unwrap_or_default(), their.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
    }
}

/// Numbers come before texts and are compared as numbers.
fn compare_parts(one: &str, other: &str) -> Ordering {
    if one == other {
        return Ordering::Equal;
    }
    if one.is_empty() || other.is_empty() {
        return one.len().cmp(&other.len());
    }
    match (number(one), number(other)) {
        (None, None) => one.cmp(other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        // Equal numbers have equal texts as leading zeros are refused; upstream then takes the first for the smaller.
        (Some(one), Some(other)) if one > other => Ordering::Greater,
        (Some(_), Some(_)) => Ordering::Less,
    }
}

fn number(part: &str) -> Option<u64> {
    if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
}
