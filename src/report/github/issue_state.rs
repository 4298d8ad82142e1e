//! What a drift issue remembers from one check to the next, in a line of its text that nobody sees.
//!
//! An issue's text is limited, so findings are kept by twelve digits of a hash, and where they are very many those that were
//! seen last are not kept. The digest of the whole set always is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How the line begins and ends.
const OPEN: &str = "<!-- plimsoll:state ";
const CLOSE: &str = " -->";

/// The most findings whose times are kept: about half of an issue's text.
const MOST: usize = 1_800;

/// What an issue remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueState {
    /// The digest of the set of findings.
    pub set: String,
    /// How often the set has changed.
    pub changes: u64,
    /// How many findings there are.
    pub findings: u64,
    /// When the last complete check ended.
    pub complete: Option<String>,
    /// The findings by the time at which they were first seen.
    pub first_seen: BTreeMap<String, BTreeSet<String>>,
}

impl IssueState {
    /// What an issue's text remembers; nothing where it is not readable.
    #[must_use]
    pub fn of_text(text: &str) -> Option<IssueState> {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(OPEN)?.strip_suffix(CLOSE))?;
        serde_json::from_str(line).ok()
    }

    /// The line that remembers it. It holds no `--`, which would end the comment, and no `>`.
    #[must_use]
    pub fn line(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        let json = json.replace("--", "-\\u002d").replace('<', "\\u003c").replace('>', "\\u003e");
        format!("{OPEN}{json}{CLOSE}")
    }

    /// When the oldest finding was first seen.
    #[must_use]
    pub fn oldest(&self) -> Option<&str> {
        self.first_seen.iter().find(|(_, keys)| !keys.is_empty()).map(|(time, _)| time.as_str())
    }

    /// When each finding was first seen.
    #[must_use]
    pub fn times(&self) -> BTreeMap<&str, &str> {
        let each = self.first_seen.iter();
        each.flat_map(|(time, keys)| keys.iter().map(move |key| (key.as_str(), time.as_str()))).collect()
    }

    /// The state after a check found these, by their keys. Times of those that were known are kept.
    #[must_use]
    pub fn after(&self, keys: &BTreeSet<String>, now: &str) -> IssueState {
        let known = self.times();
        let mut first_seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut times: Vec<(&str, &str)> =
            keys.iter().map(|key| (*known.get(key.as_str()).unwrap_or(&now), key.as_str())).collect();
        times.sort_unstable();
        for (time, key) in times.into_iter().take(MOST) {
            first_seen.entry(time.to_owned()).or_default().insert(key.to_owned());
        }
        let set = digest_of(keys);
        let changes = if set == self.set { self.changes } else { self.changes.saturating_add(1) };
        IssueState { set, changes, findings: keys.len() as u64, complete: self.complete.clone(), first_seen }
    }
}

/// A finding's key: twelve digits of a hash of its fingerprint.
#[must_use]
pub fn key(fingerprint: &str) -> String {
    hexadecimal(&Sha256::digest(fingerprint.as_bytes()), 12)
}

fn digest_of(keys: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    for key in keys {
        hash.update(key.as_bytes());
        hash.update(b"\n");
    }
    hexadecimal(&hash.finalize(), 24)
}

fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(digits / 2) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(fingerprints: &[&str]) -> BTreeSet<String> {
        fingerprints.iter().map(|fingerprint| key(fingerprint)).collect()
    }

    #[test]
    fn times_of_known_findings_are_kept() {
        let first = IssueState::default().after(&keys(&["a", "b"]), "1");
        let second = first.after(&keys(&["b", "c"]), "2");
        assert_eq!(second.times().get(key("b").as_str()), Some(&"1"));
        assert_eq!(second.times().get(key("c").as_str()), Some(&"2"));
        assert_eq!((first.changes, second.changes, second.findings), (1, 2, 2));
        assert_eq!(second.after(&keys(&["c", "b"]), "3").changes, 2);
    }

    #[test]
    fn the_line_is_read_back_and_cannot_end_early() {
        let state =
            IssueState { set: "--><b>".to_owned(), ..IssueState::default() }.after(&keys(&["a"]), "--> now");
        let line = state.line();
        assert_eq!(line.matches("-->").count(), 1, "{line}");
        assert_eq!(IssueState::of_text(&format!("marker\n{line}\ntext")), Some(state));
        assert_eq!(IssueState::of_text("<!-- plimsoll:state {} -->"), None);
    }

    #[test]
    fn very_many_findings_keep_the_oldest_times() {
        let old = IssueState::default().after(&keys(&["old"]), "1");
        let many: BTreeSet<String> =
            (0..20_000).map(|number| key(&number.to_string())).chain(keys(&["old"])).collect();
        let state = old.after(&many, "2");
        assert!(state.line().len() < 33_000, "{}", state.line().len());
        assert_eq!(state.oldest(), Some("1"));
        assert_eq!(state.findings, 20_001);
    }
}
