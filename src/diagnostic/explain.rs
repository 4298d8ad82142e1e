//! What the codes of diagnostics mean: the texts of `explanations.md`, one section a code.

use std::sync::LazyLock;

use crate::lint::rules;

/// The texts, in the order of their codes: `## code`, then Markdown.
const TEXTS: &str = include_str!("explanations.md");

/// The explanations of the rules of `lint`, which are made of the rules.
static RULES: LazyLock<Vec<(&str, String)>> =
    LazyLock::new(|| rules().iter().map(|rule| (rule.code.as_str(), rule.explanation())).collect());

/// The explanation of a code.
#[must_use]
pub fn explanation(code: &str) -> Option<&'static str> {
    let of_rule = || RULES.iter().find(|(name, _)| *name == code).map(|(_, text)| text.trim_end());
    sections().find(|(name, _)| *name == code).map(|(_, text)| text).or_else(of_rule)
}

/// All codes that are explained, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    let mut codes: Vec<&str> =
        sections().map(|(name, _)| name).chain(RULES.iter().map(|(name, _)| *name)).collect();
    codes.sort_unstable();
    codes.into_iter()
}

fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS.split("\n## ").skip(1).filter_map(|section| {
        let (name, text) = section.split_once('\n')?;
        Some((name.trim(), text.trim()))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::codes;

    #[test]
    fn codes_are_sorted_and_unique() {
        let codes: Vec<&str> = codes().collect();
        assert!(codes.is_sorted_by(|first, second| first < second), "{codes:#?}");
    }

    /// Reads the sources: a code that no explanation has, or an explanation that no code has, is a broken promise.
    #[test]
    fn every_code_of_the_sources_is_explained_and_no_other() {
        let mut used = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        collect(&root.join("src"), &mut used);
        used.sort();
        used.dedup();
        assert_eq!(used, codes().collect::<Vec<_>>());
    }

    fn collect(folder: &Path, used: &mut Vec<String>) {
        let code = regex::Regex::new("\"([a-z][a-z0-9-]*::[a-z][a-z0-9-]*)\"").unwrap();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, used);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                used.extend(code.captures_iter(&source).map(|found| found[1].to_owned()));
            }
        }
    }
}
