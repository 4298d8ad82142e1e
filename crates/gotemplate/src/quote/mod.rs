//! Go's `strconv` quoting of strings and characters, both ways.

mod unquote;

use std::fmt::Write as _;

pub use unquote::{unquote, unquote_character};

use crate::unicode::is_printable;

/// Returns `bytes` as a Go string literal in double quotes (`strconv.Quote`, also `%q`).
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, '"', Escape::Unprintable)
}

/// Returns `bytes` as a Go string literal with everything but ASCII escaped (`strconv.QuoteToASCII`, also `%+q`).
#[must_use]
pub fn quote_to_ascii(bytes: &[u8]) -> String {
    quote_with(bytes, '"', Escape::NonAscii)
}

/// Returns a character as a Go literal in single quotes (`strconv.QuoteRune`, `%q` of a number).
#[must_use]
pub fn quote_character(character: char) -> String {
    let mut bytes = [0; 4];
    quote_with(character.encode_utf8(&mut bytes).as_bytes(), '\'', Escape::Unprintable)
}

/// Which printable characters are escaped.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Escape {
    Unprintable,
    NonAscii,
}

pub(crate) fn quote_with(bytes: &[u8], mark: char, escape: Escape) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push(mark);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            push_escaped(&mut quoted, character, mark, escape);
        }
        for byte in chunk.invalid() {
            push_formatted(&mut quoted, format_args!("\\x{byte:02x}"));
        }
    }
    quoted.push(mark);
    quoted
}

pub(crate) fn push_escaped(quoted: &mut String, character: char, mark: char, escape: Escape) {
    match character {
        '\\' => quoted.push_str("\\\\"),
        '\x07' => quoted.push_str("\\a"),
        '\x08' => quoted.push_str("\\b"),
        '\x0c' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\x0b' => quoted.push_str("\\v"),
        _ if character == mark => {
            quoted.push('\\');
            quoted.push(mark);
        }
        _ if character.is_ascii() && !character.is_ascii_control() => quoted.push(character),
        _ if !character.is_ascii() && escape == Escape::Unprintable && is_printable(character) => {
            quoted.push(character);
        }
        _ => match u32::from(character) {
            code @ ..0x80 => push_formatted(quoted, format_args!("\\x{code:02x}")),
            code @ 0x80..0x1_0000 => push_formatted(quoted, format_args!("\\u{code:04x}")),
            code => push_formatted(quoted, format_args!("\\U{code:08x}")),
        },
    }
}

fn push_formatted(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a String does not fail");
}
