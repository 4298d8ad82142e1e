//! Go's regular expressions: RE2 syntax in, matches, replacements and splits out.
//!
//! The pattern is parsed by our own parser, which accepts and refuses what Go's `regexp/syntax` does, with its
//! error texts; what it makes is executed by `regex-automata` with leftmost-first semantics, in linear time.
//! Text that is not UTF-8 is matched as Go does it: every invalid byte counts as one U+FFFD.
//!
//! Not here: POSIX leftmost-longest matching, which no chart can reach. Unicode properties and case folding are
//! those of `regex-syntax`; the names that `\p` accepts are Go's.
//!
//! Upstream: `regexp` and `regexp/syntax` of Go 1.26.

mod class;
mod error;
mod escape;
mod expand;
mod frame;
mod parse;
mod program;
mod search;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use search::Regex;

/// Escapes every character of `text` that has a meaning in a pattern.
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for &byte in text {
        if br"\.+*?()|[]{}^$".contains(&byte) {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted
}
