//! One character into its upper, lower or title case, as Go 1.26 maps it (Unicode 15.0).
//!
//! Go maps one character to one character, where Rust's own methods may give several and know newer letters.

use crate::unicode::is_printable;

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

/// A mapping to several characters is no simple mapping, and one with a letter that Go does not know is none of Go's.
fn single(mut mapped: impl Iterator<Item = char>, character: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) if is_printable(character) && is_printable(only) => only,
        (Some(_), None) => character,
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

#[cfg(test)]
mod tests {
    use super::{to_lower, to_upper};

    #[test]
    fn letters_that_go_does_not_know_are_nobodys_other_case() {
        assert_eq!((to_upper('\u{19b}'), to_lower('\u{a7dc}')), ('\u{19b}', '\u{a7dc}'));
        assert_eq!((to_upper('\u{10d70}'), to_upper('ß'), to_upper('ᾳ')), ('\u{10d70}', 'ß', 'ᾼ'));
    }
}
