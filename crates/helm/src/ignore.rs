//! `.helmignore`: which files of a chart's folder are no part of the chart.
//!
//! Helm's own dialect, not Git's: patterns are [`path_matches`], `**` is an error, and a rule with `!` ignores whatever it
//! does not match. Rules are those of Helm 3.21 and 4.2, which agree. Archives are never filtered.

use crate::path_match::path_matches;

/// The rules of one folder, in order.
#[derive(Debug, Clone, Default)]
pub struct IgnoreRules {
    patterns: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    rule: String,
    scope: Scope,
    negated: bool,
    folders_only: bool,
}

/// What a pattern is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    WholePath,
    BaseName,
}

/// Whether a path names a folder or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A folder.
    Folder,
    /// A file.
    File,
}

impl IgnoreRules {
    /// The rules of a `.helmignore` (or of none), with Helm's own rule after them.
    pub fn parse(text: Option<&[u8]>) -> Result<IgnoreRules, String> {
        let mut rules = IgnoreRules::default();
        let bytes = text.unwrap_or_default();
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        for line in String::from_utf8_lossy(bytes).lines() {
            rules.add(line)?;
        }
        rules.add("templates/.?*")?;
        Ok(rules)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        if rule.contains("**") {
            return Err("double-star (**) syntax is not supported".to_owned());
        }
        path_matches(rule, "abc").map_err(|error| error.to_string())?;
        let (rule, negated) = match rule.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (rule, false),
        };
        let (rule, folders_only) = match rule.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (rule, false),
        };
        let (rule, scope) = match rule.strip_prefix('/') {
            Some(rest) => (rest, Scope::WholePath),
            None if rule.contains('/') => (rule, Scope::WholePath),
            None => (rule, Scope::BaseName),
        };
        self.patterns.push(Pattern { rule: rule.to_owned(), scope, negated, folders_only });
        Ok(())
    }

    /// Whether a path (relative to the chart's folder) is left out. A folder that is takes its contents with it.
    #[must_use]
    pub fn ignores(&self, path: &str, kind: PathKind) -> bool {
        if path.is_empty() || path == "." || path == "./" {
            return false;
        }
        for pattern in &self.patterns {
            let wrong_kind = pattern.folders_only && kind == PathKind::File;
            if pattern.negated {
                if wrong_kind || !pattern.matches(path) {
                    return true;
                }
            } else if !wrong_kind && pattern.matches(path) {
                return true;
            }
        }
        false
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let name = match self.scope {
            Scope::WholePath => path,
            Scope::BaseName => path.rsplit('/').next().unwrap_or(path),
        };
        path_matches(&self.rule, name).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(rules: &str, path: &str, kind: PathKind) -> bool {
        IgnoreRules::parse(Some(rules.as_bytes())).expect("valid rules").ignores(path, kind)
    }

    #[test]
    fn base_names_whole_paths_and_folders() {
        assert!(ignored("*.md", "docs/a.md", PathKind::File));
        assert!(!ignored("docs/*.md", "a.md", PathKind::File));
        assert!(ignored("/docs", "docs", PathKind::Folder));
        assert!(!ignored("docs/", "docs", PathKind::File));
        assert!(ignored("", "templates/.hidden", PathKind::File));
        assert!(!ignored("", "templates/.", PathKind::File));
    }

    #[test]
    fn a_negated_rule_ignores_what_it_does_not_match() {
        assert!(ignored("!*.yaml", "a.txt", PathKind::File));
        assert!(!ignored("!*.yaml", "a.yaml", PathKind::File));
    }

    #[test]
    fn double_stars_are_refused() {
        assert_eq!(
            IgnoreRules::parse(Some(b"a/**")).err().as_deref(),
            Some("double-star (**) syntax is not supported")
        );
    }
}
