//! Replacement templates: `$1`, `$name`, `${name}` and `$$`.
//!
//! Go takes the longest run of letters, digits and underscores as the name, so `$1W` means the group called `1W`.

/// A piece of a replacement template.
pub(super) enum Part<'t> {
    Text(&'t [u8]),
    Group(usize),
    Named(&'t [u8]),
}

/// Splits a template into text and references; a `$` that begins no reference is text.
pub(super) fn parts(template: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(dollar) = rest.iter().position(|&byte| byte == b'$') {
        parts.push(Part::Text(&rest[..dollar]));
        let after = &rest[dollar + 1..];
        if after.first() == Some(&b'$') {
            parts.push(Part::Text(b"$"));
            rest = &after[1..];
            continue;
        }
        match reference(after) {
            Some((name, remaining)) => {
                parts.push(match group_number(name) {
                    Some(number) => Part::Group(number),
                    None => Part::Named(name),
                });
                rest = remaining;
            }
            None => {
                parts.push(Part::Text(b"$"));
                rest = after;
            }
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// The name at the start of the text behind a `$`, and what follows it.
fn reference(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (text, braced) = match text.strip_prefix(b"{") {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let length: usize = text
        .utf8_chunks()
        .next()?
        .valid()
        .chars()
        .take_while(|&character| is_name_character(character))
        .map(char::len_utf8)
        .sum();
    if length == 0 {
        return None;
    }
    let (name, rest) = text.split_at(length);
    if braced { Some((name, rest.strip_prefix(b"}")?)) } else { Some((name, rest)) }
}

/// A letter, a decimal digit or an underscore; `is_alphanumeric` alone would add other numbers and marks.
fn is_name_character(character: char) -> bool {
    character == '_' || crate::unicode::is_letter(character) || crate::unicode::is_digit(character)
}

fn group_number(name: &[u8]) -> Option<usize> {
    if name.len() > 1 && name.first() == Some(&b'0') {
        return None;
    }
    let mut number = 0_usize;
    for byte in name {
        if !byte.is_ascii_digit() || number >= 100_000_000 {
            return None;
        }
        number = number * 10 + usize::from(byte - b'0');
    }
    Some(number)
}
