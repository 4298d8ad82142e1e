//! Text of others made harmless for terminals and pages: nothing steers a terminal or turns the direction of writing.

/// The text with control characters, and those that are not seen, written out; a tab becomes blanks.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_unseen = |character: char| matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\t' {
            out.push_str("    ");
        } else if character.is_control() || is_unseen(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_that_steers_a_terminal_is_printed() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\td"), "a\\u{1b}[31mb\\u{202e}c    d");
    }
}
