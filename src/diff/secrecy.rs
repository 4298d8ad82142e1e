//! What must not be shown of a change, although rendering let it pass.
//!
//! A Secret's values, always; what a detector strikes at, wherever it stands; and what stands under a name that tells a
//! credential. In free text (a file in a ConfigMap, an argument, a variable) any such word in the name counts, and of a text
//! of many lines those lines are withheld that [`mask`] would keep out of a diagnostic. Where there is doubt, it is hidden.

use std::sync::LazyLock;

use plimsoll_diff::{HIDDEN, Location};
use plimsoll_resource::ResourceId;
use plimsoll_yaml::Step;
use regex::Regex;

use crate::secrets::{detectors, mask, policy};

/// Names of fields, of any kind, whose text is a credential.
static CREDENTIAL_FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:password|passwd|passphrase|token|api[-_]?key|private[-_]?key|access[-_]?key)$")
        .expect("the pattern is well-formed")
});

/// Names in free text that tell a credential, unless they end by telling where one is or how long it lives.
static CREDENTIAL_WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)passw|passphrase|secret|token|credential|private[-_.]?key|salt|api[-_.]?key|access[-_.]?key|encryption[-_.]?key",
    )
    .expect("the pattern is well-formed")
});

static TELLS_WHERE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:name|names|namespace|ref|file|path|dir|id|class|kind|type|seconds|ttl|expiry|enabled|store|arn)$")
        .expect("the pattern is well-formed")
});

/// Decides what is hidden.
pub(super) struct Secrecy(());

impl Secrecy {
    pub(super) fn new() -> Secrecy {
        Secrecy(())
    }

    /// What is shown instead of a scalar of this resource; none where it may be shown.
    pub(super) fn of<'a>(
        &'a self,
        id: &'a ResourceId,
    ) -> impl Fn(&Location, &str, &str) -> Option<String> + Sync + 'a {
        move |location, name, text| redact(id, location, name, text)
    }
}

fn redact(id: &ResourceId, location: &Location, name: &str, text: &str) -> Option<String> {
    let hidden = || Some(HIDDEN.to_owned());
    let first = location.steps().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        _ => None,
    });
    let is_data = matches!(first, Some("data" | "stringData" | "binaryData"));
    if id.kind == "Secret" && (is_data || name == "kubectl.kubernetes.io/last-applied-configuration") {
        return hidden();
    }
    if text.is_empty() {
        return None;
    }
    if text.contains('\n') {
        return redact_lines(text);
    }
    if detectors::strikes(text) {
        return hidden();
    }
    if is_plain(text) {
        return None;
    }
    let is_free = is_data || location.is_embedded() || is_variable_or_argument(location);
    let is_credential = policy::is_credential_name(name)
        || CREDENTIAL_FIELD.is_match(name)
        || is_free && CREDENTIAL_WORD.is_match(name) && !TELLS_WHERE.is_match(name)
        || is_free && mask::names_credential(text);
    if is_credential { hidden() } else { None }
}

/// Switches, numbers and what is made from something else when it is used.
fn is_plain(text: &str) -> bool {
    matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok() || policy::is_reference(text)
}

fn is_variable_or_argument(location: &Location) -> bool {
    location.steps().any(|step| {
        matches!(step, Step::Key(key) if matches!(key.as_str(), "env" | "args" | "command" | "values" | "annotations"))
    })
}

/// The text without the lines that hold a secret, or may. A text whose lines hide nothing may still be a secret as a whole.
fn redact_lines(text: &str) -> Option<String> {
    let mut is_hidden = false;
    let shown: Vec<&str> = text
        .split('\n')
        .map(|line| {
            let hides = mask::names_credential(line) || detectors::strikes(line);
            is_hidden |= hides;
            if hides { HIDDEN } else { line }
        })
        .collect();
    let shown = shown.join("\n");
    if detectors::strikes(&shown) {
        return Some(HIDDEN.to_owned());
    }
    is_hidden.then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &str, path: &str, name: &str, text: &str) -> Option<String> {
        let id =
            ResourceId { group: String::new(), kind: kind.to_owned(), namespace: None, name: "x".to_owned() };
        let location = Location { paths: vec![path.parse().unwrap()] };
        redact(&id, &location, name, text)
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand_and_names_of_secrets_are_not() {
        let hidden = Some(HIDDEN.to_owned());
        for (kind, path, name, text) in [
            ("Secret", "data.a", "a", "YQ=="),
            ("Deployment", "spec.x", "x", "postgres://web:hunter2hunter2@db/x"),
            (
                "Deployment",
                "spec.containers[name=web].env[name=SESSION_SECRET].value",
                "SESSION_SECRET",
                "abc",
            ),
            ("ConfigMap", "data.db-password", "db-password", "hunter2"),
            ("Deployment", "spec.containers[name=web].args[0]", "args", "--admin-password=hunter2"),
            ("HelmRelease", "spec.values.auth.password", "password", "hunter2"),
        ] {
            assert_eq!(shown(kind, path, name, text), hidden, "{path}");
        }
        for (kind, path, name, text) in [
            ("Deployment", "spec.volumes[name=x].secret.secretName", "secretName", "web-keys"),
            ("Deployment", "spec.containers[name=web].env[name=TOKEN].value", "TOKEN", "$(OTHER)"),
            ("Pod", "spec.automountServiceAccountToken", "automountServiceAccountToken", "false"),
            ("ConfigMap", "data.passwordFile", "passwordFile", "/run/secrets/password"),
            ("ExternalSecret", "spec.data[secretKey=a].secretKey", "secretKey", "a"),
        ] {
            assert_eq!(shown(kind, path, name, text), None, "{path}");
        }
    }

    #[test]
    fn of_a_text_only_the_lines_are_hidden_that_may_hold_a_secret() {
        let text = "port: 80\npassword: hunter2\nhost: a\n";
        assert_eq!(shown("ConfigMap", "data.x", "x", text).unwrap(), "port: 80\n<hidden>\nhost: a\n");
    }
}
