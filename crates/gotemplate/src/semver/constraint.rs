//! Constraints: alternatives (`||`) of comparisons that must all hold.

use std::cmp::Ordering;
use std::sync::LazyLock;

use crate::quote::quote;
use crate::regex::Regex;

use super::plain::{self, Written};
use super::version::{Version, compare_identifiers};

const MAXIMUM_LENGTH: usize = 512;
const MAXIMUM_ALTERNATIVES: usize = 32;

/// Why a text is no constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// Not of the form of a constraint; the text is quoted as Go does it.
    #[error("improper constraint: {0}")]
    Improper(String),
    /// The version in it cannot be read.
    #[error("constraint parser error")]
    Version,
    /// Longer than 512 bytes.
    #[error("constraint string is too long (max 512 bytes)")]
    TooLong,
    /// More than 32 alternatives.
    #[error("too many constraint groups (max 32)")]
    TooManyAlternatives,
}

/// A set of versions, written as alternatives of ranges.
#[derive(Debug, Clone)]
pub struct Constraints(Vec<Alternative>);

#[derive(Debug, Clone)]
struct Alternative {
    comparisons: Vec<Comparison>,
    names_prerelease: bool,
}

#[derive(Debug, Clone)]
struct Comparison {
    operator: Operator,
    version: Version,
    /// Minor and all behind it are open, as in `1.x`.
    any_minor: bool,
    /// Patch is open, as in `1.2.x`.
    any_patch: bool,
    /// Some number is open or missing.
    is_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// The grammar of one comparison; the odd `|` in the classes and the empty operator are upstream's.
struct Grammar {
    whole: Regex,
    range: Regex,
    each: Regex,
    valid: Regex,
}

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let version = concat!(
        r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?",
        r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
        r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
    );
    let operators = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
    let compile = |pattern: String| Regex::new(pattern.as_bytes()).expect("the grammar is a valid pattern");
    Grammar {
        whole: compile(format!(r"^\s*({operators})\s*({version})\s*$")),
        range: compile(format!(r"\s*({version})\s+-\s+({version})\s*")),
        each: compile(format!(r"({operators})\s*({version})")),
        valid: compile(format!(
            r"^(\s*({operators})\s*({version})\s*)((?:\s+|,\s*)({operators})\s*({version})\s*)*$"
        )),
    }
});

impl Constraints {
    /// Reads a constraint such as `>=1.2.0 <2 || ^3.1`, `1.2 - 1.4` or `~1.2`.
    pub fn parse(text: &str) -> Result<Self, ConstraintError> {
        if text.len() > MAXIMUM_LENGTH {
            return Err(ConstraintError::TooLong);
        }
        if let Some(constraints) = Self::parse_plain(text) {
            return constraints;
        }
        let text = rewrite_ranges(text);
        let alternatives: Vec<&str> = text.split("||").collect();
        if alternatives.len() > MAXIMUM_ALTERNATIVES {
            return Err(ConstraintError::TooManyAlternatives);
        }
        alternatives.into_iter().map(parse_alternative).collect::<Result<_, _>>().map(Self)
    }

    /// Reads a constraint of the usual form; none where only the grammar can tell.
    fn parse_plain(text: &str) -> Option<Result<Self, ConstraintError>> {
        let alternatives: Vec<Vec<Written<'_>>> = text.split("||").map(plain::read).collect::<Option<_>>()?;
        let is_few = alternatives.len() <= MAXIMUM_ALTERNATIVES;
        let read = |alternative: &Vec<Written<'_>>| {
            let comparisons = alternative.iter().map(Comparison::of).collect::<Result<Vec<_>, _>>()?;
            Ok(Alternative::new(comparisons))
        };
        is_few.then(|| alternatives.iter().map(read).collect::<Result<_, _>>().map(Self))
    }

    /// Whether a version is in the set. A pre-release is only where the alternative names a pre-release.
    pub fn check(&self, version: &Version) -> bool {
        self.0.iter().any(|alternative| {
            (version.prerelease().is_empty() || alternative.names_prerelease)
                && alternative.comparisons.iter().all(|comparison| comparison.check(version))
        })
    }
}

fn parse_alternative(text: &str) -> Result<Alternative, ConstraintError> {
    if !GRAMMAR.valid.is_match(text.as_bytes()) {
        return Err(ConstraintError::Improper(quote(text.as_bytes())));
    }
    let comparisons = GRAMMAR
        .each
        .find_all(text.as_bytes(), None)
        .into_iter()
        .map(parse_comparison)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Alternative::new(comparisons))
}

fn parse_comparison(text: &[u8]) -> Result<Comparison, ConstraintError> {
    let improper = || ConstraintError::Improper(quote(text));
    let groups = GRAMMAR.whole.captures(text).ok_or_else(improper)?;
    let group = |index: usize| -> &str {
        groups
            .get(index)
            .copied()
            .flatten()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    };
    Comparison::of(&Written {
        operator: group(1),
        version: group(2),
        major: group(3),
        minor: group(4),
        patch: group(5),
        prerelease: group(6),
    })
}

/// `1.2 - 1.4` becomes `>= 1.2, <= 1.4`.
fn rewrite_ranges(text: &str) -> String {
    let mut rewritten = text.to_owned();
    for groups in GRAMMAR.range.captures_all(text.as_bytes()) {
        let group = |index: usize| {
            groups.get(index).copied().flatten().and_then(|bytes| std::str::from_utf8(bytes).ok())
        };
        if let (Some(whole), Some(low), Some(high)) = (group(0), group(1), group(11)) {
            rewritten = rewritten.replacen(whole, &format!(">= {low}, <= {high} "), 1);
        }
    }
    rewritten
}

impl Alternative {
    fn new(comparisons: Vec<Comparison>) -> Self {
        let names_prerelease =
            comparisons.iter().any(|comparison| !comparison.version.prerelease().is_empty());
        Self { comparisons, names_prerelease }
    }
}

impl Comparison {
    fn of(written: &Written<'_>) -> Result<Self, ConstraintError> {
        let &Written { major, minor, patch, prerelease, .. } = written;
        let is_open = |part: &str| matches!(part.trim_start_matches('.'), "" | "x" | "X" | "*");
        let (mut any_minor, mut any_patch, mut open) = (false, false, true);
        let version = if is_open(major) {
            format!("0.0.0{prerelease}")
        } else if is_open(minor) {
            any_minor = true;
            format!("{major}.0.0{prerelease}")
        } else if is_open(patch) {
            any_patch = true;
            format!("{major}{minor}.0{prerelease}")
        } else {
            open = false;
            written.version.to_owned()
        };
        let version = Version::parse(&version).map_err(|_| ConstraintError::Version)?;
        let operator = match written.operator {
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterOrEqual,
            "<=" | "=<" => Operator::LessOrEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => Operator::Equal,
        };
        Ok(Self { operator, version, any_minor, any_patch, is_open: open })
    }

    fn check(&self, version: &Version) -> bool {
        match self.operator {
            Operator::Equal if self.is_open => self.is_close(version),
            Operator::Equal => version.compare(&self.version).is_eq(),
            Operator::NotEqual => self.differs(version),
            Operator::Greater => self.is_exceeded_by(version),
            Operator::Less => version.compare(&self.version).is_lt(),
            Operator::GreaterOrEqual => version.compare(&self.version).is_ge(),
            Operator::LessOrEqual => self.is_not_exceeded_by(version),
            Operator::Tilde => self.is_close(version),
            Operator::Caret => self.is_compatible(version),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.is_open {
            if own.major() != version.major() {
                return true;
            }
            if own.minor() != version.minor() && !self.any_minor {
                return true;
            }
            if self.any_minor {
                return false;
            }
            if own.patch() != version.patch() && !self.any_patch {
                return true;
            }
            if self.any_patch {
                return compare_identifiers(version.prerelease(), own.prerelease()).is_ne();
            }
        }
        version.compare(own).is_ne()
    }

    /// `>11` needs 12, `>11.1` needs 11.2.
    fn is_exceeded_by(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.is_open {
            match version.major().cmp(&own.major()) {
                Ordering::Greater => return true,
                Ordering::Less => return false,
                Ordering::Equal if self.any_minor => return false,
                Ordering::Equal if self.any_patch => return version.minor() > own.minor(),
                Ordering::Equal => {}
            }
        }
        version.compare(own).is_gt()
    }

    fn is_not_exceeded_by(&self, version: &Version) -> bool {
        let own = &self.version;
        if !self.is_open {
            return version.compare(own).is_le();
        }
        let same_major = version.major() == own.major();
        version.major() <= own.major() && !(same_major && version.minor() > own.minor() && !self.any_minor)
    }

    /// `~1.2.3` is `>=1.2.3 <1.3`, `~1` is `>=1 <2`.
    fn is_close(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.compare(own).is_lt() {
            return false;
        }
        let from_zero = (own.major(), own.minor(), own.patch()) == (0, 0, 0);
        if from_zero && !self.any_minor && !self.any_patch {
            return true;
        }
        version.major() == own.major() && (version.minor() == own.minor() || self.any_minor)
    }

    /// `^1.2.3` is `>=1.2.3 <2`, `^0.2.3` is `>=0.2.3 <0.3`, `^0.0.3` is `0.0.3`.
    fn is_compatible(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.compare(own).is_lt() {
            return false;
        }
        if own.major() > 0 || self.any_minor {
            return version.major() == own.major();
        }
        if version.major() > 0 {
            return false;
        }
        if own.minor() > 0 || self.any_patch {
            return version.minor() == own.minor();
        }
        version.minor() == 0 && version.patch() == own.patch()
    }
}

#[cfg(test)]
mod tests {
    use super::{Constraints, plain, rewrite_ranges};

    /// What a constraint is put together from: everything usual, and what the grammar finds odd.
    const FRAGMENTS: [&str; 24] = [
        ">=", "=>", "~>", "=", "<", "^", "!=", " ", "  ", ",", "||", " - ", "-", "+", ".", "v", "x", "*",
        "1", "20", "1.2", "1.2.3", "-rc.1", "\t",
    ];

    #[test]
    fn what_is_read_without_the_grammar_is_what_the_grammar_reads() {
        let (mut state, mut plain, mut proper) = (1_u32, 0, 0);
        for _ in 0..30_000 {
            let mut text = String::new();
            loop {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if text.len() > 30 || (state >> 29 == 0 && !text.is_empty()) {
                    break;
                }
                text.push_str(FRAGMENTS[(state >> 16) as usize % FRAGMENTS.len()]);
            }
            let by_grammar: Result<Vec<_>, _> =
                rewrite_ranges(&text).split("||").map(super::parse_alternative).collect();
            proper += u32::from(by_grammar.is_ok());
            if let Some(read) = Constraints::parse_plain(&text) {
                plain += 1;
                assert_eq!(format!("{:?}", read.map(|read| read.0)), format!("{by_grammar:?}"), "{text:?}");
            }
        }
        assert!(plain > 1_000 && proper > plain, "{plain} were plain and {proper} proper, too few to tell");
    }

    #[test]
    fn the_usual_is_plain() {
        let usual =
            [">=1.25.0-0", "^1.2", "~1.2.3", ">= 1.19, < 2", "1.x.x", "*", "v1.2.3+meta", ">1.20-0 <1.30-0"];
        for text in usual {
            assert!(plain::read(text).is_some(), "{text}");
        }
    }
}
