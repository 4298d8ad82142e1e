//! Sparse checkout: whether a path that the index does not know yet belongs in the work tree.
//!
//! Patterns as in `gitignore`, meaning the opposite: what the last matching pattern includes is checked out. A path that no
//! pattern matches follows its folder. Follows `git-sparse-checkout` of Git 2.47, in cone mode and without.

use std::fs;
use std::io;

use super::error::file;
use super::{GitError, Repository};

/// The patterns of a work tree, or none where it is not sparse.
pub(super) struct SparsePatterns {
    patterns: Option<Vec<Pattern>>,
    is_cone: bool,
}

struct Pattern {
    parts: Vec<String>,
    is_anchored: bool,
    is_folder: bool,
    includes: bool,
}

impl SparsePatterns {
    pub(super) fn read(repository: &Repository) -> Result<SparsePatterns, GitError> {
        let none = SparsePatterns { patterns: None, is_cone: true };
        let Ok(config) = repository.git.config() else { return Ok(none) };
        if !config.get_bool("core.sparsecheckout").unwrap_or(false) {
            return Ok(none);
        }
        let is_cone = config.get_bool("core.sparsecheckoutcone").unwrap_or(true);
        let path = repository.git_directory().join("info/sparse-checkout");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(SparsePatterns { patterns: Some(parse(&text)), is_cone }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(none),
            Err(error) => Err(file("read", path)(error)),
        }
    }

    /// Whether all files of a folder share one answer.
    pub(super) fn is_by_folder(&self) -> bool {
        self.patterns.is_none() || self.is_cone
    }

    pub(super) fn includes(&self, path: &str) -> bool {
        let Some(patterns) = &self.patterns else { return true };
        let mut path = path;
        let mut is_folder = false;
        loop {
            if let Some(pattern) = patterns.iter().rev().find(|pattern| pattern.matches(path, is_folder)) {
                return pattern.includes;
            }
            let Some((folder, _)) = path.rsplit_once('/') else { return false };
            path = folder;
            is_folder = true;
        }
    }
}

fn parse(text: &str) -> Vec<Pattern> {
    text.lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (includes, line) = line.strip_prefix('!').map_or((true, line), |rest| (false, rest));
            let (is_folder, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
            let is_anchored = line.contains('/');
            let parts = line.trim_start_matches('/').split('/').map(str::to_owned).collect();
            Pattern { parts, is_anchored, is_folder, includes }
        })
        .collect()
}

impl Pattern {
    fn matches(&self, path: &str, is_folder: bool) -> bool {
        if self.is_folder && !is_folder {
            return false;
        }
        let parts: Vec<&str> = path.split('/').collect();
        if self.is_anchored {
            return matches_parts(&self.parts, &parts);
        }
        let name = parts.last().copied().unwrap_or_default();
        self.parts.first().is_some_and(|pattern| matches_name(pattern.as_bytes(), name.as_bytes()))
    }
}

fn matches_parts(pattern: &[String], path: &[&str]) -> bool {
    // One row of a table over the pattern's parts: which prefixes of the path are matched so far.
    let mut reached = vec![false; path.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        let mut is_open = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reached.get(index).copied().unwrap_or(false);
            if part == "**" {
                is_open |= here;
                *slot = is_open;
            } else if let Some(before) = index.checked_sub(1) {
                *slot = reached.get(before).copied().unwrap_or(false)
                    && path.get(before).is_some_and(|name| matches_name(part.as_bytes(), name.as_bytes()));
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Matches one name with `*`, `?`, `[...]` and `\`, going back to the last star only, so in time of pattern times name.
fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star = None;
    while read < name.len() || at < pattern.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at + 1, read));
            at += 1;
            continue;
        }
        if let Some(&byte) = name.get(read)
            && let Some(length) = matches_byte(pattern.get(at..).unwrap_or_default(), byte)
        {
            at += length;
            read += 1;
            continue;
        }
        match star {
            Some((after, from)) if from < name.len() => {
                star = Some((after, from + 1));
                at = after;
                read = from + 1;
            }
            _ => return false,
        }
    }
    true
}

/// How many bytes of the pattern match this byte.
fn matches_byte(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', rest @ ..] => {
            let is_negated = matches!(rest.first(), Some(b'!' | b'^'));
            let start = usize::from(is_negated);
            let end = start + 1 + rest.get(start + 1..)?.iter().position(|byte| *byte == b']')?;
            let mut set = rest.get(start..end)?;
            let mut is_in = false;
            while let Some(&first) = set.first() {
                match set {
                    [low, b'-', high, ..] => {
                        is_in |= (*low..=*high).contains(&byte);
                        set = set.get(3..).unwrap_or_default();
                    }
                    _ => {
                        is_in |= first == byte;
                        set = set.get(1..).unwrap_or_default();
                    }
                }
            }
            (is_in != is_negated).then_some(end + 2)
        }
        [plain, ..] => (*plain == byte).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{SparsePatterns, parse};

    fn included(patterns: &str, path: &str) -> bool {
        SparsePatterns { patterns: Some(parse(patterns)), is_cone: false }.includes(path)
    }

    #[test]
    fn a_cone_includes_root_files_and_its_folders_only() {
        let cone = "/*\n!/*/\n/environments/\n!/environments/*/\n/environments/dev/\n";
        assert!(included(cone, "README.md"));
        assert!(included(cone, "environments/README.md"));
        assert!(included(cone, "environments/dev/app/x.yaml"));
        assert!(!included(cone, "environments/prod/app/x.yaml"));
        assert!(!included(cone, "base/x.yaml"));
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        assert!(included("*\n!*.yaml\napp-?.yaml\n", "a/app-1.yaml"));
        assert!(!included("*\n!*.yaml\n", "a/b.yaml"));
        assert!(included("a/**/z.yaml\n", "a/b/c/z.yaml"));
        assert!(included("/x[0-9]/\n", "x7/y"));
        assert!(!included("/x[!0-9]/\n", "x7/y"));
    }
}
