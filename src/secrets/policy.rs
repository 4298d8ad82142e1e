//! The policy: no plaintext secret is written, unless the environment permits it with a reason.
//!
//! A Secret's `data` and `stringData` must be empty or ciphertext. In every other kind a literal is refused where a detector
//! strikes, and where a variable or key that Langfuse or a chart takes a first password from has a value. Resources that
//! only refer to secrets (ExternalSecret, SealedSecret, ...) are read like any other kind.
//!
//! Upstream: SOPS 3.x (every encrypted value begins `ENC[`, `sops.mac` present), bitnami SealedSecret.

use std::collections::HashSet;
use std::sync::LazyLock;

use plimsoll_drift::glob;
use plimsoll_resource::{Resource, ResourceId};
use plimsoll_yaml::{Node, Span};

use super::{detectors, sops};
use crate::config::date::Date;
use crate::config::environment::AllowedSecret;

/// Names that hold a password or key whenever they hold a literal at all.
const CREDENTIAL_NAMES: &str = include_str!("credential_names.txt");

/// A literal that must not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of secret it is.
    pub what: String,
    /// The field, as a path.
    pub field: String,
    /// The key by which it can be permitted.
    pub key: String,
    /// Where its value stands in the text that the resource was read from.
    pub span: Span,
    /// The first line of the value's text, by which the span can be verified; never shown.
    pub value: Hidden,
    /// The permission that would have held, had it not expired.
    pub expired: Option<Date>,
}

/// A text that has no way to be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// Whether a text begins with what is hidden, quotes or the header of a block aside.
    #[must_use]
    pub fn stands_at(&self, text: &str) -> bool {
        let first = self.0.lines().next().unwrap_or_default();
        let text = match text.split_once('\n') {
            Some((header, block)) if header.starts_with(['|', '>']) => block.trim_start(),
            _ => text.trim_start_matches(['"', '\'']),
        };
        !first.is_empty() && text.starts_with(first.trim_start())
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("***")
    }
}

/// Permissions of an environment, on a given day.
#[derive(Debug, Clone, Copy)]
pub struct Permission<'a> {
    /// The rules.
    pub rules: &'a [AllowedSecret],
    /// The day.
    pub today: Date,
}

/// A literal that was permitted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedPermission {
    /// The resource.
    pub resource: ResourceId,
    /// The field.
    pub field: String,
    /// Why it is permitted.
    pub reason: String,
}

/// What of a resource must not be written, and what may although it looks like a secret.
#[must_use]
pub fn check(resource: &Resource, permission: Permission<'_>) -> (Vec<Finding>, Vec<UsedPermission>) {
    let mut found = Vec::new();
    if resource.id.group.is_empty() && resource.id.kind == "Secret" {
        of_secret(&resource.node, &mut found);
    }
    let sealed = sops::is_sealed(&resource.node);
    let mut walk = Walk { found: &mut found, is_sealed: sealed };
    walk.node(&resource.node, &mut String::new(), "");
    let mut refused = Vec::new();
    let mut used = Vec::new();
    for mut finding in found {
        match permission.rule_for(&resource.id, &finding) {
            Ok(Some(rule)) => used.push(UsedPermission {
                resource: resource.id.clone(),
                field: finding.field,
                reason: rule.reason.clone(),
            }),
            Ok(None) => refused.push(finding),
            Err(expired) => {
                finding.expired = Some(expired);
                refused.push(finding);
            }
        }
    }
    refused.dedup_by(|second, first| first.field == second.field);
    (refused, used)
}

fn of_secret(secret: &Node, found: &mut Vec<Finding>) {
    for section in ["data", "stringData"] {
        let Some(values) = secret.get(section) else { continue };
        let Some(entries) = values.entries() else {
            if !values.is_null() {
                found.push(finding("the data of a Secret", section.to_owned(), section, values));
            }
            continue;
        };
        for entry in entries {
            let key = entry.key.scalar_text().unwrap_or_default();
            let is_empty = entry.value.is_null() || entry.value.scalar_text() == Some("");
            // A value that names itself ciphertext counts as such only below the seal: without it nothing decrypts it.
            let is_encrypted =
                sops::is_sealed(secret) && entry.value.as_str().is_some_and(sops::is_ciphertext);
            if !is_empty && !is_encrypted {
                found.push(finding("a value of a Secret", join(section, key), key, &entry.value));
            }
        }
    }
}

struct Walk<'a> {
    found: &'a mut Vec<Finding>,
    is_sealed: bool,
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, path: &mut String, key: &str) {
        if let Some(entries) = node.entries() {
            self.named_value(node, path);
            for entry in entries {
                let name = entry.key.scalar_text().unwrap_or_default();
                let length = path.len();
                push_key(path, name);
                if detectors::strikes(name) {
                    self.found.push(finding(
                        "a secret in a key",
                        format!("{}[...]", &path[..length]),
                        key,
                        &entry.key,
                    ));
                }
                self.credential(name, &entry.value, path);
                self.node(&entry.value, path, name);
                path.truncate(length);
            }
        } else if let Some(items) = node.items() {
            for (index, item) in items.iter().enumerate() {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                self.node(item, path, key);
                path.truncate(length);
            }
        } else if let Some(text) = node.scalar_text()
            && !self.passes(text)
            && let Some(what) = detectors::detect(text)
        {
            self.found.push(finding(what, path.clone(), key, node));
        }
    }

    /// `{name: X, value: Y}`, as containers list their variables.
    fn named_value(&mut self, node: &Node, path: &str) {
        let (Some(name), Some(value)) = (node.get("name").and_then(Node::as_str), node.get("value")) else {
            return;
        };
        self.credential(name, value, &join(path, "value"));
    }

    fn credential(&mut self, name: &str, value: &Node, path: &str) {
        let Some(text) = value.scalar_text() else { return };
        if text.is_empty()
            || value.is_null()
            || self.passes(text)
            || is_reference(text)
            || !is_credential_name(name)
        {
            return;
        }
        self.found.push(finding(&format!("the value of `{name}`"), path.to_owned(), name, value));
    }

    fn passes(&self, text: &str) -> bool {
        self.is_sealed && sops::is_ciphertext(text)
    }
}

/// Whether a value is made from another when it is used: `$(VARIABLE)`, `${variable}`, `sk-{{ .template }}`.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    [("$(", ")"), ("${", "}"), ("{{", "}}")].iter().any(|(open, close)| {
        text.find(open)
            .is_some_and(|start| text[start + open.len()..].find(close).is_some_and(|length| length > 0))
    })
}

/// The names of the list, and its patterns. Every variable of every container is looked up.
static KNOWN_CREDENTIALS: LazyLock<(HashSet<&str>, Vec<&str>)> = LazyLock::new(|| {
    let known = CREDENTIAL_NAMES.lines().filter(|line| !line.starts_with('#'));
    let (patterns, names): (Vec<&str>, Vec<&str>) = known.partition(|name| name.contains('*'));
    (names.into_iter().collect(), patterns)
});

/// Whether a variable or key of this name holds a credential whenever it holds a literal.
#[must_use]
pub fn is_credential_name(name: &str) -> bool {
    let (names, patterns) = &*KNOWN_CREDENTIALS;
    names.contains(name) || patterns.iter().any(|pattern| glob(pattern, name))
}

fn finding(what: &str, field: String, key: &str, node: &Node) -> Finding {
    Finding {
        what: what.to_owned(),
        field,
        key: key.to_owned(),
        span: node.span(),
        value: Hidden(node.scalar_text().unwrap_or_default().to_owned()),
        expired: None,
    }
}

fn join(path: &str, key: &str) -> String {
    let mut joined = path.to_owned();
    push_key(&mut joined, key);
    joined
}

fn push_key(path: &mut String, key: &str) {
    let is_plain = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'-'));
    if is_plain {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    } else {
        let escaped = key.replace('\\', "\\\\").replace('"', "\\\"");
        path.push_str(&format!("[\"{escaped}\"]"));
    }
}

impl<'a> Permission<'a> {
    /// The rule that permits a finding; the day on which the only such rule ended.
    fn rule_for(self, id: &ResourceId, finding: &Finding) -> Result<Option<&'a AllowedSecret>, Date> {
        let mut expired = None;
        for rule in self.rules.iter().filter(|rule| matches(rule, id, finding)) {
            match rule.expires.as_deref().and_then(Date::parse) {
                Some(last) if last < self.today => expired = Some(last),
                _ => return Ok(Some(rule)),
            }
        }
        expired.map_or(Ok(None), Err)
    }
}

fn matches(rule: &AllowedSecret, id: &ResourceId, finding: &Finding) -> bool {
    let optional =
        |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|pattern| glob(pattern, text));
    optional(&rule.kind, &id.kind)
        && glob(&rule.name, &id.name)
        && optional(&rule.namespace, id.namespace.as_deref().unwrap_or_default())
        && rule.keys.iter().any(|pattern| glob(pattern, &finding.key) || pattern == &finding.field)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("alertmanager-*", "alertmanager-main", true),
            ("alertmanager-*", "x-alertmanager-main", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "ac", false),
            ("*ab", "aab", true),
            ("a*a", "a", false),
            ("plain", "plain", true),
            ("plain", "plainer", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
