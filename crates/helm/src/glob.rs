//! The patterns of `.Files.Glob`: gobwas/glob v0.2.3 with `/` as separator.
//!
//! `*` and `?` stay within a folder, `**` does not, `[a-z]` and `[!abc]` are classes, `{a,b}` alternatives, `\` escapes.
//! Matching takes time linear in pattern times name.

use std::collections::BTreeSet;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Glob {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Literal(char),
    /// `?`
    One,
    /// `*`
    Within,
    /// `**`
    Any,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Alternatives(Vec<Vec<Part>>),
}

impl Glob {
    /// Compiles a pattern; `None` where it is malformed.
    pub(crate) fn compile(pattern: &str) -> Option<Glob> {
        let mut characters = pattern.chars().peekable();
        let mut depth = 0;
        let parts = parts(&mut characters, &mut depth)?;
        (characters.next().is_none() && depth == 0).then_some(Glob { parts })
    }

    /// What matches everything; Helm takes it for a malformed pattern.
    pub(crate) fn anything() -> Glob {
        Glob { parts: vec![Part::Any] }
    }

    /// Whether the whole name matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        ends(&self.parts, &name, &BTreeSet::from([0])).contains(&name.len())
    }
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// How deep alternatives may be nested.
const DEEPEST: usize = 32;

fn parts(characters: &mut Characters<'_>, depth: &mut usize) -> Option<Vec<Part>> {
    let mut found = Vec::new();
    while let Some(character) = characters.peek().copied() {
        if *depth > 0 && matches!(character, ',' | '}') {
            return Some(found);
        }
        characters.next();
        found.push(match character {
            '\\' => Part::Literal(characters.next()?),
            '?' => Part::One,
            '*' => {
                if characters.next_if_eq(&'*').is_some() {
                    while characters.next_if_eq(&'*').is_some() {}
                    Part::Any
                } else {
                    Part::Within
                }
            }
            '[' => class(characters)?,
            '{' => {
                *depth += 1;
                if *depth > DEEPEST {
                    return None;
                }
                let mut alternatives = Vec::new();
                loop {
                    alternatives.push(parts(characters, depth)?);
                    match characters.next()? {
                        ',' => {}
                        _ => break,
                    }
                }
                *depth -= 1;
                Part::Alternatives(alternatives)
            }
            literal => Part::Literal(literal),
        });
    }
    (*depth == 0).then_some(found)
}

fn class(characters: &mut Characters<'_>) -> Option<Part> {
    let negated = characters.next_if_eq(&'!').is_some();
    let mut ranges = Vec::new();
    loop {
        let low = match characters.next()? {
            ']' if ranges.is_empty() => return None,
            ']' => return Some(Part::Class { negated, ranges }),
            '\\' => characters.next()?,
            low => low,
        };
        if characters.next_if_eq(&'-').is_some() {
            let high = characters.next()?;
            if high < low || high == ']' {
                return None;
            }
            ranges.push((low, high));
        } else {
            ranges.push((low, low));
        }
    }
}

/// Where in the name the parts may end when they begin at any of the starts.
fn ends(parts: &[Part], name: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut at = starts.clone();
    for part in parts {
        at = match part {
            Part::Alternatives(alternatives) => {
                alternatives.iter().flat_map(|parts| ends(parts, name, &at)).collect()
            }
            Part::Any => at.first().map_or_else(BTreeSet::new, |first| (*first..=name.len()).collect()),
            Part::Within => within(name, &at),
            single => at
                .into_iter()
                .filter(|start| name.get(*start).is_some_and(|character| single.is_one(*character)))
                .map(|start| start + 1)
                .collect(),
        };
        if at.is_empty() {
            break;
        }
    }
    at
}

fn within(name: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    for start in starts {
        let mut end = *start;
        while reached.insert(end) && name.get(end).is_some_and(|character| *character != '/') {
            end += 1;
        }
    }
    reached
}

impl Part {
    fn is_one(&self, character: char) -> bool {
        match self {
            Part::Literal(literal) => *literal == character,
            Part::One => character != '/',
            Part::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
            Part::Within | Part::Any | Part::Alternatives(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_gobwas_does() {
        let cases = [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "d/a.yaml", false),
            ("**.yaml", "d/e/a.yaml", true),
            ("d/*", "d/a", true),
            ("d/**", "d/e/f", true),
            ("{a,b/*}.txt", "b/c.txt", true),
            ("[a-c]?", "bz", true),
            ("[!a-c]", "b", false),
            ("a\\*", "a*", true),
            ("", "", true),
        ];
        for (pattern, name, expected) in cases {
            let glob = Glob::compile(pattern).unwrap_or_else(Glob::anything);
            assert_eq!(glob.matches(name), expected, "{pattern} against {name}");
        }
        assert!(Glob::compile("[a").is_none());
        assert!(Glob::compile("{a").is_none());
    }
}
