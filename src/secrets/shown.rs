//! What of a value may be shown in a report: by what it looks like, and by the name that it stands under.
//!
//! An over-careful mask hides a value that was none; it never hides that something differs. Names that speak of where a
//! secret is (`secretName`, `TOKEN_FILE`, `passwordSecretRef`) do not hide their value.

use std::sync::LazyLock;

use regex::Regex;

use super::detectors;
use super::policy::{is_credential_name, is_reference};

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)passw|passphrase|secret|token|credential|private_?key|api[-_]?key|access[-_]?key|encryption[-_]?key")
        .expect("the pattern is well-formed")
});

static WHEREABOUTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(name|names|ref|refs|file|path|mount|dir|url|uri|host|arn|id|kind|type|key|store|namespace|version|policy|expirationseconds|seconds|ttl|interval|length|enabled|audience|annotation)s?$",
    )
    .expect("the pattern is well-formed")
});

static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(private|api|access|encryption|secret|signing|master)[-_]?key$")
        .expect("the pattern is well-formed")
});

/// Whether a text must not be shown, given the name that it stands under: a key, or the name of a variable.
#[must_use]
pub fn must_be_hidden(name: &str, text: &str) -> bool {
    if text.is_empty() || is_reference(text) {
        return false;
    }
    let is_named_so = is_credential_name(name)
        || NAME.is_match(name) && (KEY.is_match(name) || !WHEREABOUTS.is_match(name));
    let says_nothing = matches!(text, "true" | "false");
    is_named_so && !says_nothing || detectors::strikes(text)
}

#[cfg(test)]
mod tests {
    use super::must_be_hidden;

    #[test]
    fn values_are_hidden_by_their_names_and_by_what_they_look_like() {
        for (name, text, hidden) in [
            ("DB_PASSWORD", "hunter2", true),
            ("SECRET_KEY", "abc", true),
            ("apiKey", "abc", true),
            ("secretName", "web-tls", false),
            ("TOKEN_FILE", "/run/token", false),
            ("DB_PASSWORD", "$(PASSWORD)", false),
            ("image", "registry.example/web:1", false),
            ("automountServiceAccountToken", "false", false),
            ("anything", "AKIAIOSFODNN7EXAMPLE", true),
            ("DB_PASSWORD", "", false),
        ] {
            assert_eq!(must_be_hidden(name, text), hidden, "{name}: {text}");
        }
    }
}
