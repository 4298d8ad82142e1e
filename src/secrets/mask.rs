//! What must not be shown of a text: lines that hold secrets, or may.
//!
//! An excerpt is an aid, so where there is doubt the line is left out: in a file with a Secret, beside a key that names a
//! credential, or where a detector strikes.

use std::sync::LazyLock;

use regex::Regex;

use super::detectors;
use crate::diagnostic::Place;

/// A key that names a credential, with a scalar behind it on the line.
static CREDENTIAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:passw|passphrase|secret|token|credential|private|salt|api[-_]?key|access[-_]?key|encryption[-_]?key|auth)[a-z0-9_.-]*["']?\s*[:=]\s*(?:[^\s{\[#]|\{\{)"#,
    )
    .expect("the pattern is well-formed")
});

static SECRET_KIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)kind["']?\s*:\s*["']?Secret\b|stringData|secretGenerator"#)
        .expect("the pattern is well-formed")
});

/// The place, without its excerpt where the line of the text must not be shown.
#[must_use]
pub fn without_secrets(mut place: Place, text: &str) -> Place {
    if place.excerpt.as_ref().is_some_and(|excerpt| may_hold_secret(&excerpt.line, text)) {
        place.excerpt = None;
    }
    place
}

/// Whether a line of a text may hold a secret.
#[must_use]
pub fn may_hold_secret(line: &str, text: &str) -> bool {
    CREDENTIAL.is_match(line) || detectors::strikes(line) || looks_random(line) || SECRET_KIND.is_match(text)
}

/// Whether a line gives a value to a name that tells a credential.
#[must_use]
pub fn names_credential(line: &str) -> bool {
    CREDENTIAL.is_match(line)
}

/// A long word of letters of both cases and digits: a key in some form, or a part of one.
fn looks_random(line: &str) -> bool {
    line.split(|character: char| !(character.is_ascii_alphanumeric() || "+/=_".contains(character))).any(
        |word| {
            word.len() >= 20
                && word.bytes().any(|byte| byte.is_ascii_digit())
                && word.bytes().any(|byte| byte.is_ascii_lowercase())
                && word.bytes().any(|byte| byte.is_ascii_uppercase())
        },
    )
}
