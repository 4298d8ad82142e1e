//! Alternatives of the usual form, `>=1.2.0-0 <2` or `^1, !=1.4.x`, into their comparisons as they are written.
//!
//! The patterns of the grammar take longer to compile than a small chart takes to render, and nearly every chart has a
//! constraint. What is read here is what the patterns find; whatever this is not sure of it leaves to them: ranges such as
//! `1.2 - 1.4`, blanks other than spaces, numbers mixed with `x`, everything wrong.

/// One comparison as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written<'a> {
    pub(super) operator: &'a str,
    /// All of the version.
    pub(super) version: &'a str,
    /// Without the `v`.
    pub(super) major: &'a str,
    /// With the dot before it, or nothing.
    pub(super) minor: &'a str,
    /// With the dot before it, or nothing.
    pub(super) patch: &'a str,
    /// With the hyphen before it, or nothing.
    pub(super) prerelease: &'a str,
}

/// All operators, those first that begin with another.
const OPERATORS: [&str; 11] = [">=", "=>", "<=", "=<", "!=", "~>", "=", ">", "<", "~", "^"];

/// Reads one alternative; none where it is not surely of the usual form.
pub(super) fn read(text: &str) -> Option<Vec<Written<'_>>> {
    let mut comparisons = Vec::new();
    let mut rest = skip_spaces(text);
    loop {
        let (comparison, after) = comparison(rest)?;
        comparisons.push(comparison);
        let spaced = skip_spaces(after);
        if spaced.is_empty() {
            return Some(comparisons);
        }
        rest = match spaced.strip_prefix(',') {
            Some(after) => skip_spaces(after),
            None if spaced.len() < after.len() => spaced,
            None => return None,
        };
    }
}

fn comparison(text: &str) -> Option<(Written<'_>, &str)> {
    let operator = OPERATORS
        .into_iter()
        .find_map(|operator| text.get(..operator.len()).filter(|found| *found == operator));
    let operator = operator.unwrap_or_default();
    let version = skip_spaces(text.get(operator.len()..)?);
    let (major, rest) = number(version.strip_prefix('v').unwrap_or(version))?;
    let (minor, rest) = dotted_number(rest)?;
    let (patch, rest) = dotted_number(rest)?;
    let (prerelease, rest) = identifiers(rest, '-')?;
    let (_, rest) = identifiers(rest, '+')?;
    if !(rest.is_empty() || rest.starts_with([' ', ','])) {
        return None;
    }
    let version = version.get(..version.len() - rest.len())?;
    Some((Written { operator, version, major, minor, patch, prerelease }, rest))
}

/// A number, or what stands for any number.
fn number(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let length = if digits == 0 && text.starts_with(['x', 'X', '*']) { 1 } else { digits };
    (length > 0).then(|| text.split_at(length))
}

fn dotted_number(text: &str) -> Option<(&str, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some(("", text)) };
    let (number, rest) = number(rest)?;
    Some((text.get(..1 + number.len())?, rest))
}

/// A mark and what follows it, parts with dots between them.
fn identifiers(text: &str, mark: char) -> Option<(&str, &str)> {
    let Some(rest) = text.strip_prefix(mark) else { return Some(("", text)) };
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let length = rest.bytes().take_while(belongs).count();
    let parts = rest.get(..length)?;
    if parts.split('.').any(str::is_empty) {
        return None;
    }
    Some(text.split_at(mark.len_utf8() + length))
}

fn skip_spaces(text: &str) -> &str {
    text.trim_start_matches(' ')
}
