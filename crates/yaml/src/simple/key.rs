//! Keys: one word, or text in quotes without escapes.

use std::ops::Range;

use crate::node::Style;

/// A key at the start of a text.
pub(super) struct Key {
    /// Where its text is.
    pub(super) text: Range<usize>,
    /// Its length up to the colon.
    pub(super) length: usize,
    /// How it is written.
    pub(super) style: Style,
}

/// The most bytes of a key; the grammar has a limit beyond.
const LONGEST: usize = 500;

/// Finds a key with a colon and a blank or nothing behind it.
pub(super) fn find(text: &[u8]) -> Option<Key> {
    let key = match text.first()? {
        quote @ (b'"' | b'\'') => quoted(text, *quote)?,
        first if first.is_ascii_alphanumeric() || matches!(first, b'_' | b'/' | b'.') => word(text),
        _ => return None,
    };
    let is_key = text.get(key.length) == Some(&b':')
        && matches!(text.get(key.length + 1), None | Some(b' '))
        && key.length <= LONGEST;
    is_key.then_some(key)
}

fn word(text: &[u8]) -> Key {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let length = text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len());
    Key { text: 0..length, length, style: Style::Plain }
}

fn quoted(text: &[u8], quote: u8) -> Option<Key> {
    let length = super::text::quoted_length(text, quote)?;
    let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
    Some(Key { text: 1..length - 1, length, style })
}
