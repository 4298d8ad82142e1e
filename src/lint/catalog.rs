//! The rules as data: `rules.yaml`, read once.

use std::sync::LazyLock;

use plimsoll_yaml::{Budget, Dialect, Node};

use crate::diagnostic::Severity;

/// What is known of a rule besides its check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its stable code, `lint::what`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it demands, in one sentence.
    pub title: String,
    /// Why it is a rule.
    pub why: String,
    /// How to mend what it finds.
    pub mend: String,
    /// What it finds, as YAML.
    pub example: String,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let text = include_str!("rules.yaml");
    let tree = plimsoll_yaml::parse_one(text, Dialect::Yaml12, &Budget::DEFAULT)
        .expect("the rules are part of the program, and a test reads them");
    tree.into_items().iter().map(read).collect()
});

fn read(node: &Node) -> Rule {
    let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default().trim().to_owned();
    let severity = match text("severity").as_str() {
        "note" => Severity::Note,
        "warning" => Severity::Warning,
        _ => Severity::Error,
    };
    Rule {
        code: format!("lint::{}", text("name")),
        severity,
        title: text("title"),
        why: text("why"),
        mend: text("mend"),
        example: text("example"),
    }
}

/// All rules, sorted by code.
#[must_use]
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The rule of a code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

impl Rule {
    /// The rule as `plimsoll explain` tells it.
    #[must_use]
    pub fn explanation(&self) -> String {
        let severity = self.severity.word();
        let Rule { title, why, mend, example, .. } = self;
        format!(
            "{title} ({severity})\n\n{why}\n\nTo mend it, {mend}\n\nExample of what is found:\n\n{example}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rules::CHECKS;

    #[test]
    fn every_check_has_its_rule_and_every_rule_its_check() {
        let codes: Vec<&str> = rules().iter().map(|rule| rule.code.as_str()).collect();
        assert!(codes.is_sorted_by(|first, second| first < second), "{codes:#?}");
        let mut checks: Vec<&str> = CHECKS.iter().map(|(code, _)| *code).collect();
        checks.sort_unstable();
        assert_eq!(codes, checks);
        for rule in rules() {
            for text in [&rule.title, &rule.why, &rule.mend, &rule.example] {
                assert!(!text.is_empty(), "{} lacks a text", rule.code);
            }
        }
    }
}
