//! Go literals back into strings (`strconv.Unquote`, `strconv.UnquoteChar`).

use crate::unicode::decode_first;

/// Returns what a literal in double quotes, single quotes or backquotes stands for; none for `invalid syntax`.
#[must_use]
pub fn unquote(literal: &[u8]) -> Option<Vec<u8>> {
    let (&mark, rest) = literal.split_first()?;
    if mark == b'`' {
        let (last, inner) = rest.split_last()?;
        let is_whole = *last == b'`' && !inner.contains(&b'`');
        return is_whole.then(|| inner.iter().copied().filter(|byte| *byte != b'\r').collect());
    }
    if mark != b'"' && mark != b'\'' {
        return None;
    }
    let (mut rest, mut text) = (rest, Vec::with_capacity(literal.len()));
    while *rest.first()? != mark {
        if rest.first() == Some(&b'\n') {
            return None;
        }
        let character = unquote_character(rest, mark)?;
        match u8::try_from(character.code) {
            Ok(byte) if byte.is_ascii() || !character.is_unicode => text.push(byte),
            _ => {
                let decoded = char::from_u32(character.code)?;
                text.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        rest = character.rest;
        if mark == b'\'' && rest.first() != Some(&mark) {
            return None;
        }
        if mark == b'\'' {
            break;
        }
    }
    (rest.len() == 1).then_some(text)
}

/// A character of a literal.
#[derive(Clone, Copy, Debug)]
pub struct UnquotedCharacter<'a> {
    /// The code point, or the byte of `\x` and octal escapes.
    pub code: u32,
    /// Whether it is a code point.
    pub is_unicode: bool,
    /// What follows.
    pub rest: &'a [u8],
}

/// Reads the first character of a literal's inside; none for `invalid syntax`.
#[must_use]
pub fn unquote_character(text: &[u8], mark: u8) -> Option<UnquotedCharacter<'_>> {
    let (&first, rest) = text.split_first()?;
    if first == mark && (mark == b'\'' || mark == b'"') {
        return None;
    }
    if !first.is_ascii() {
        let (character, width) = decode_first(text)?;
        let rest = text.get(width..)?;
        return Some(UnquotedCharacter { code: u32::from(character), is_unicode: true, rest });
    }
    if first != b'\\' {
        return Some(UnquotedCharacter { code: u32::from(first), is_unicode: false, rest });
    }
    let (&letter, rest) = rest.split_first()?;
    let plain = |byte: u8| Some(UnquotedCharacter { code: u32::from(byte), is_unicode: false, rest });
    match letter {
        b'a' => plain(7),
        b'b' => plain(8),
        b'f' => plain(12),
        b'n' => plain(b'\n'),
        b'r' => plain(b'\r'),
        b't' => plain(b'\t'),
        b'v' => plain(11),
        b'\\' => plain(b'\\'),
        b'\'' | b'"' if letter == mark => plain(letter),
        b'x' => number(rest, 2, 16).map(|(code, rest)| UnquotedCharacter { code, is_unicode: false, rest }),
        b'u' | b'U' => {
            let (code, rest) = number(rest, if letter == b'u' { 4 } else { 8 }, 16)?;
            char::from_u32(code)?;
            Some(UnquotedCharacter { code, is_unicode: true, rest })
        }
        b'0'..=b'7' => {
            let (code, rest) = number(text.get(1..)?, 3, 8)?;
            (code <= 255).then_some(UnquotedCharacter { code, is_unicode: false, rest })
        }
        _ => None,
    }
}

fn number(text: &[u8], digits: usize, radix: u32) -> Option<(u32, &[u8])> {
    let (head, rest) = text.split_at_checked(digits)?;
    let code = head.iter().try_fold(0u32, |code, byte| {
        let digit = char::from(*byte).to_digit(radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    })?;
    Some((code, rest))
}
