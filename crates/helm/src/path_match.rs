//! Go's `filepath.Match`: shell patterns of one path, where `*` and `?` never match `/`.
//!
//! Used for `.helmignore` rules and `--show-only`. It deliberately has no `**` and no alternatives. The rules are those of
//! Go 1.26 on Unix: a pattern is split at its stars into chunks; each chunk is matched as far left as it can be.

/// The pattern is malformed: an open class, a trailing backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadPattern;

impl std::fmt::Display for BadPattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("syntax error in pattern")
    }
}

/// Whether the whole name matches the pattern.
pub fn path_matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let mut pattern = pattern;
    let mut name = name;
    while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        match match_chunk(chunk, name)? {
            Some(remaining) if remaining.is_empty() || !pattern.is_empty() => {
                name = remaining;
                continue;
            }
            _ => {}
        }
        if star && let Some(remaining) = match_after_star(chunk, name, pattern.is_empty())? {
            name = remaining;
            continue;
        }
        check_rest(pattern)?;
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// Tries the chunk at every place that a star may reach; the first that fits is taken.
fn match_after_star<'a>(chunk: &str, name: &'a str, last: bool) -> Result<Option<&'a str>, BadPattern> {
    for (index, character) in name.char_indices() {
        if character == '/' {
            break;
        }
        let rest = name.get(index + character.len_utf8()..).unwrap_or_default();
        if let Some(remaining) = match_chunk(chunk, rest)? {
            if last && !remaining.is_empty() {
                continue;
            }
            return Ok(Some(remaining));
        }
    }
    Ok(None)
}

/// A pattern that does not match is still checked to its end, so that a malformed one is always an error.
fn check_rest(pattern: &str) -> Result<(), BadPattern> {
    let mut pattern = pattern;
    while !pattern.is_empty() {
        let (_, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        match_chunk(chunk, "")?;
    }
    Ok(())
}

/// Leading stars, the text up to the next star outside a class, and what follows it.
fn next_chunk(pattern: &str) -> (bool, &str, &str) {
    let trimmed = pattern.trim_start_matches('*');
    let star = trimmed.len() != pattern.len();
    let mut in_class = false;
    let mut escaped = false;
    for (index, byte) in trimmed.bytes().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' => escaped = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => {
                let (chunk, rest) = trimmed.split_at(index);
                return (star, chunk, rest);
            }
            _ => {}
        }
    }
    (star, trimmed, "")
}

/// What remains of the name after the chunk, which has no star; `None` where it does not match. The chunk is read to its
/// end even then, to find malformed patterns.
fn match_chunk<'a>(chunk: &str, name: &'a str) -> Result<Option<&'a str>, BadPattern> {
    let mut pattern = chunk.chars();
    let mut rest = name.chars();
    let mut failed = false;
    while let Some(character) = pattern.next() {
        if !failed && rest.as_str().is_empty() {
            failed = true;
        }
        match character {
            '[' => {
                let target = if failed { None } else { rest.next() };
                let matched = match_class(&mut pattern, target)?;
                failed |= !matched;
            }
            '?' => {
                if !failed {
                    failed = rest.next() == Some('/');
                }
            }
            '\\' => {
                let literal = pattern.next().ok_or(BadPattern)?;
                if !failed {
                    failed = rest.next() != Some(literal);
                }
            }
            literal => {
                if !failed {
                    failed = rest.next() != Some(literal);
                }
            }
        }
    }
    Ok(if failed { None } else { Some(rest.as_str()) })
}

fn match_class(pattern: &mut std::str::Chars<'_>, target: Option<char>) -> Result<bool, BadPattern> {
    let negated = pattern.as_str().starts_with('^');
    if negated {
        pattern.next();
    }
    let mut matched = false;
    let mut ranges = 0_usize;
    loop {
        if ranges > 0 && pattern.as_str().starts_with(']') {
            pattern.next();
            break;
        }
        let low = class_character(pattern)?;
        let mut high = low;
        if pattern.as_str().starts_with('-') {
            pattern.next();
            high = class_character(pattern)?;
        }
        if let Some(target) = target {
            matched |= low <= target && target <= high;
        }
        ranges += 1;
    }
    Ok(target.is_some() && matched != negated)
}

fn class_character(pattern: &mut std::str::Chars<'_>) -> Result<char, BadPattern> {
    let character = match pattern.next() {
        None | Some('-' | ']') => return Err(BadPattern),
        Some('\\') => pattern.next().ok_or(BadPattern)?,
        Some(character) => character,
    };
    if pattern.as_str().is_empty() { Err(BadPattern) } else { Ok(character) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_go_does() {
        let cases: &[(&str, &str, Result<bool, BadPattern>)] = &[
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*", "a/b", Ok(false)),
            ("*c", "abc", Ok(true)),
            ("a*", "a", Ok(true)),
            ("a*/b", "abc/b", Ok(true)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", Ok(false)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[^c]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a???b", "a☺☺☺b", Ok(true)),
            ("[a-ζ]*", "α", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[-]", "-", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("[^bc", "a", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("templates/.?*", "templates/.a", Ok(true)),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(path_matches(pattern, name), *expected, "{pattern} against {name}");
        }
    }
}
