//! Character properties and case mappings as Go's `unicode` package defines them.
//!
//! Go maps one character to one character and takes the categories literally, where Rust's own methods map to
//! several characters and use the derived properties; this module follows Go.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, HirKind};

fn property(query: &str) -> ClassUnicode {
    match regex_syntax::parse(query).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        _ => ClassUnicode::empty(),
    }
}

fn contains(class: &ClassUnicode, character: char) -> bool {
    class
        .ranges()
        .binary_search_by(|range| {
            if character < range.start() {
                std::cmp::Ordering::Greater
            } else if character > range.end() {
                std::cmp::Ordering::Less
            } else {
                std::cmp::Ordering::Equal
            }
        })
        .is_ok()
}

macro_rules! predicate {
    ($(#[$documentation:meta])* $name:ident, $query:literal, $ascii:expr) => {
        $(#[$documentation])*
        pub(crate) fn $name(character: char) -> bool {
            static CLASS: LazyLock<ClassUnicode> = LazyLock::new(|| property($query));
            if character.is_ascii() {
                let test: fn(char) -> bool = $ascii;
                return test(character);
            }
            contains(&CLASS, character)
        }
    };
}

predicate!(
    /// Category L.
    is_letter, r"\p{L}", |character| character.is_ascii_alphabetic()
);
predicate!(
    /// Category Nd.
    is_digit, r"\p{Nd}", |character| character.is_ascii_digit()
);
predicate!(
    /// Category N.
    is_number, r"\p{N}", |character| character.is_ascii_digit()
);
predicate!(
    /// Category Lu.
    is_upper, r"\p{Lu}", |character| character.is_ascii_uppercase()
);
predicate!(
    /// Category Ll.
    is_lower, r"\p{Ll}", |character| character.is_ascii_lowercase()
);
predicate!(
    /// Category Lt.
    is_title, r"\p{Lt}", |_| false
);
predicate!(
    /// Category P.
    is_punctuation,
    r"\p{P}",
    |character| character.is_ascii_punctuation()
        && !matches!(character, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~')
);

/// White space: Go's property `White_Space`.
pub(crate) fn is_space(character: char) -> bool {
    match character {
        '\t'..='\r' | ' ' | '\u{85}' | '\u{A0}' => true,
        other => !other.is_ascii() && other.is_whitespace(),
    }
}

/// The one character that is this one's upper case.
pub fn to_upper(character: char) -> char {
    single(character.to_uppercase(), character)
}

/// The one character that is this one's lower case.
pub fn to_lower(character: char) -> char {
    match character {
        'İ' => 'i',
        other => single(other.to_lowercase(), other),
    }
}

/// The one character that is this one's title case, which differs from upper case for the digraphs only.
pub(crate) fn to_title(character: char) -> char {
    match character {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        // Georgian letters have an upper case but are their own title case.
        'ა'..='ჺ' | 'ჽ'..='ჿ' => character,
        other => to_upper(other),
    }
}

/// A mapping to several characters is no simple mapping.
fn single(mut mapped: impl Iterator<Item = char>, character: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => simple_exception(character),
    }
}

/// Simple upper-case mappings of characters whose full mapping has several characters: the Greek letters with
/// iota subscript.
fn simple_exception(character: char) -> char {
    let code_point = u32::from(character);
    let mapped = match code_point {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code_point + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => code_point + 9,
        _ => code_point,
    };
    char::from_u32(mapped).unwrap_or(character)
}

/// The first character and its width; a byte that is not UTF-8 is one U+FFFD of width one.
pub(crate) fn first_character(bytes: &[u8]) -> Option<(char, usize)> {
    let length = match bytes.first()? {
        0..0x80 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    let valid = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match valid.and_then(|text| text.chars().next()) {
        Some(character) => Some((character, length)),
        None => Some(('\u{FFFD}', 1)),
    }
}

/// The last character and its width, by the same rule.
pub(crate) fn last_character(bytes: &[u8]) -> Option<(char, usize)> {
    for length in 1..=bytes.len().min(4) {
        let tail = bytes.get(bytes.len() - length..)?;
        if let Some((character, width)) = first_character(tail)
            && width == length
            && (width > 1 || tail[0].is_ascii())
        {
            return Some((character, width));
        }
    }
    bytes.last().map(|_| ('\u{FFFD}', 1))
}

/// All characters, with a U+FFFD for every byte that is not UTF-8.
pub(crate) fn characters(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    bytes
        .utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars().chain(std::iter::repeat_n('\u{FFFD}', chunk.invalid().len())))
}
