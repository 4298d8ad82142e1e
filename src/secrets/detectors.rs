//! The rules of `detectors.yaml`: what a value looks like that is a secret wherever it stands.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::{Regex, RegexSet};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Rule {
    name: String,
    pattern: String,
    #[cfg(test)]
    matches: Vec<String>,
    #[cfg(test)]
    passes: Vec<String>,
}

struct Detectors {
    names: Vec<String>,
    set: RegexSet,
}

static DETECTORS: LazyLock<Detectors> = LazyLock::new(|| {
    let rules: Vec<Rule> =
        serde_yaml::from_str(include_str!("detectors.yaml")).expect("a test reads the table");
    let set = RegexSet::new(rules.iter().map(|rule| &rule.pattern)).expect("a test compiles the patterns");
    Detectors { names: rules.into_iter().map(|rule| rule.name).collect(), set }
});

/// What all rules need somewhere in a value. One pass over this keeps nearly every value from the rules themselves.
static HINT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i-u)-----BEGIN|A[KSBC][IC]A[A-Z2-7]{16}|aws_?secret|gh[pousr]_|github_pat_|gl[a-z]+-|xox[a-z]-|hooks\.slack|eyJ|sk-|[rs]k_live|AIza|SG\.|npm_|pypi-|dckr_|cio[A-Za-z0-9]{32}|hv[bs]\.|AGE-SECRET|://|[?&;][a-z_]+=|\$[a-z0-9]+\$",
    )
    .expect("the pattern is well-formed")
});

/// The name of the secret that a text holds, as it is or in base64.
#[must_use]
pub fn detect(text: &str) -> Option<&'static str> {
    detect_plain(text).or_else(|| detect_plain(&decode(text)?))
}

/// Whether any rule strikes.
#[must_use]
pub fn strikes(text: &str) -> bool {
    detect(text).is_some()
}

fn detect_plain(text: &str) -> Option<&'static str> {
    if text.len() < 8 || !HINT.is_match(text) {
        return None;
    }
    let detectors = &*DETECTORS;
    let first = detectors.set.matches(text).iter().next()?;
    detectors.names.get(first).map(String::as_str)
}

/// A text that may be base64 of another, decoded.
fn decode(text: &str) -> Option<String> {
    let is_base64 =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r');
    if text.len() < 16 || !text.bytes().all(is_base64) {
        return None;
    }
    let joined: String = text.split_ascii_whitespace().collect();
    String::from_utf8(STANDARD.decode(joined).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_strikes_what_it_lists_and_nothing_else() {
        let rules: Vec<Rule> = serde_yaml::from_str(include_str!("detectors.yaml")).unwrap();
        for rule in rules {
            for text in &rule.matches {
                assert_eq!(detect(text), Some(rule.name.as_str()), "{text}");
                assert!(detect(&STANDARD.encode(text)).is_some(), "{text} in base64");
            }
            for text in &rule.passes {
                assert_eq!(detect(text), None, "{text}");
            }
        }
    }
}
