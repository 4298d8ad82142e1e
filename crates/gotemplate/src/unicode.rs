//! Character classes as Go 1.26 has them (Unicode 15.0), from the table `unicode_ranges.tsv`: class, first, last.
//!
//! Rust's own classes follow newer versions of Unicode and other definitions.

use std::sync::LazyLock;

static RANGES: &str = include_str!("unicode_ranges.tsv");

struct Classes {
    letters: Vec<(u32, u32)>,
    digits: Vec<(u32, u32)>,
    printable: Vec<(u32, u32)>,
}

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let mut classes = Classes { letters: Vec::new(), digits: Vec::new(), printable: Vec::new() };
    for line in RANGES.lines() {
        let mut cells = line.split('\t');
        let class = cells.next().unwrap_or_default();
        let mut number =
            || cells.next().and_then(|cell| u32::from_str_radix(cell, 16).ok()).unwrap_or_default();
        let range = (number(), number());
        match class {
            "letter" => classes.letters.push(range),
            "digit" => classes.digits.push(range),
            _ => classes.printable.push(range),
        }
    }
    classes
});

/// Reports whether Go's `unicode.IsLetter` holds.
#[must_use]
pub fn is_letter(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' => true,
        '\0'..='\x7f' => false,
        _ => contains(&CLASSES.letters, character),
    }
}

/// Reports whether Go's `unicode.IsDigit` holds.
#[must_use]
pub fn is_digit(character: char) -> bool {
    match character {
        '0'..='9' => true,
        '\0'..='\x7f' => false,
        _ => contains(&CLASSES.digits, character),
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

/// Decodes characters one by one, each with its bytes' offset; bytes which are not UTF-8 count as U+FFFD each.
pub fn characters(bytes: &[u8]) -> impl Iterator<Item = (usize, char)> + '_ {
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
