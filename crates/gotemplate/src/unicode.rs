//! Character classes as Go 1.26 has them (Unicode 15.0), from the table `unicode_ranges.tsv`: class, first, last.
//!
//! Rust's own classes follow newer versions of Unicode and other definitions.

use std::sync::LazyLock;

static RANGES: &str = include_str!("unicode_ranges.tsv");

/// The classes of the table, each with its ranges in ascending order; ASCII is left to the code.
#[derive(Default)]
struct Classes {
    letter: Ranges,
    digit: Ranges,
    number: Ranges,
    upper: Ranges,
    lower: Ranges,
    title: Ranges,
    punctuation: Ranges,
    printable: Ranges,
}

type Ranges = Vec<(u32, u32)>;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let mut classes = Classes::default();
    for line in RANGES.lines() {
        let mut cells = line.split('\t');
        let class = cells.next().unwrap_or_default();
        let mut number =
            || cells.next().and_then(|cell| u32::from_str_radix(cell, 16).ok()).unwrap_or_default();
        let range = (number(), number());
        let ranges = match class {
            "letter" => &mut classes.letter,
            "digit" => &mut classes.digit,
            "number" => &mut classes.number,
            "upper" => &mut classes.upper,
            "lower" => &mut classes.lower,
            "title" => &mut classes.title,
            "punctuation" => &mut classes.punctuation,
            _ => &mut classes.printable,
        };
        ranges.push(range);
    }
    classes
});

/// Reports whether Go's `unicode.IsLetter` holds.
#[must_use]
pub fn is_letter(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_alphabetic() } else { contains(&CLASSES.letter, character) }
}

/// Reports whether Go's `unicode.IsDigit` holds.
#[must_use]
pub fn is_digit(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { contains(&CLASSES.digit, character) }
}

/// Reports whether Go's `unicode.IsNumber` holds.
pub(crate) fn is_number(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_digit() } else { contains(&CLASSES.number, character) }
}

/// Reports whether Go's `unicode.IsUpper` holds.
pub(crate) fn is_upper(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_uppercase() } else { contains(&CLASSES.upper, character) }
}

/// Reports whether Go's `unicode.IsLower` holds.
pub(crate) fn is_lower(character: char) -> bool {
    if character.is_ascii() { character.is_ascii_lowercase() } else { contains(&CLASSES.lower, character) }
}

/// Reports whether Go's `unicode.IsTitle` holds.
pub(crate) fn is_title(character: char) -> bool {
    !character.is_ascii() && contains(&CLASSES.title, character)
}

/// Reports whether Go's `unicode.IsPunct` holds.
pub(crate) fn is_punctuation(character: char) -> bool {
    match character {
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => false,
        '\0'..='\x7f' => character.is_ascii_punctuation(),
        _ => contains(&CLASSES.punctuation, character),
    }
}

/// Reports whether Go's `unicode.IsSpace` holds.
pub(crate) fn is_space(character: char) -> bool {
    match character {
        '\t'..='\r' | ' ' => true,
        '\0'..='\x7f' => false,
        other => other.is_whitespace(),
    }
}

/// Reports whether Go's `strconv.IsPrint` and `unicode.IsPrint` hold.
#[must_use]
pub fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        '\0'..='\x7f' => false,
        _ => contains(&CLASSES.printable, character),
    }
}

/// Decodes the first character; a byte that does not begin one counts as U+FFFD of width 1, as in Go.
#[must_use]
pub fn decode_first(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    if first.is_ascii() {
        return Some((char::from(first), 1));
    }
    let head = bytes.get(..4).unwrap_or(bytes);
    let decoded = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    Some(decoded.map_or((char::REPLACEMENT_CHARACTER, 1), |character| (character, character.len_utf8())))
}

/// Decodes the last character by the same rule.
pub(crate) fn decode_last(bytes: &[u8]) -> Option<(char, usize)> {
    for length in 1..=bytes.len().min(4) {
        let tail = bytes.get(bytes.len() - length..)?;
        if let Some((character, width)) = decode_first(tail)
            && width == length
            && (width > 1 || character.is_ascii())
        {
            return Some((character, width));
        }
    }
    bytes.last().map(|_| (char::REPLACEMENT_CHARACTER, 1))
}

/// Decodes characters one by one; bytes which are not UTF-8 count as U+FFFD each.
pub fn characters(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    character_offsets(bytes).map(|(_, character)| character)
}

/// The characters with their bytes' offsets.
pub fn character_offsets(bytes: &[u8]) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let (character, width) = decode_first(bytes.get(offset..)?)?;
        let start = offset;
        offset += width;
        Some((start, character))
    })
}

fn contains(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    ranges
        .binary_search_by(|(first, last)| match () {
            () if *last < code => std::cmp::Ordering::Less,
            () if *first > code => std::cmp::Ordering::Greater,
            () => std::cmp::Ordering::Equal,
        })
        .is_ok()
}
