//! The order in which go-yaml writes the keys of a map: letters by code point and behind other characters, runs of digits by
//! their number, so `a9` stands before `a10`.
//!
//! The comparison is not transitive for every set of keys, so the sort must bear that; keys of letters alone are already
//! in order when their bytes are.

use super::machine::Generation;

/// Sorts entries by their keys.
pub(super) fn sort<T>(entries: &mut Vec<(&str, T)>, generation: Generation) {
    if entries.iter().all(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        return;
    }
    let all = std::mem::take(entries);
    *entries = merge_sort(all, generation);
}

fn merge_sort<T>(mut entries: Vec<(&str, T)>, generation: Generation) -> Vec<(&str, T)> {
    if entries.len() < 2 {
        return entries;
    }
    let right = entries.split_off(entries.len() / 2);
    let mut left = merge_sort(entries, generation).into_iter().peekable();
    let mut right = merge_sort(right, generation).into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    loop {
        let take_right = match (left.peek(), right.peek()) {
            (Some((left, _)), Some((right, _))) => is_before(right, left, generation),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => return merged,
        };
        merged.extend(if take_right { right.next() } else { left.next() });
    }
}

/// Whether the first key is written before the second.
fn is_before(first: &str, second: &str, generation: Generation) -> bool {
    let mut after_digit = false;
    let mut only_zeros = true;
    let mut ours = first.char_indices();
    let mut theirs = second.char_indices();
    loop {
        let ((our_at, our), (their_at, their)) = match (ours.next(), theirs.next()) {
            (Some(our), Some(their)) => (our, their),
            (None, Some(_)) => return true,
            _ => return false,
        };
        if our == their {
            after_digit = is_digit(our);
            only_zeros = if after_digit { only_zeros && our == '0' } else { true };
            continue;
        }
        match (our.is_alphabetic(), their.is_alphabetic()) {
            (true, true) => return our < their,
            (our_letter, their_letter) if our_letter || their_letter => {
                let digits_first = generation == Generation::V3 && after_digit;
                return if digits_first { our_letter } else { their_letter };
            }
            _ => {}
        }
        // Behind digits a zero counts as a digit of the number that began there.
        let base = i64::from((our == '0' || their == '0') && after_digit && !only_zeros);
        let (our_number, our_length) = number(first.get(our_at..).unwrap_or_default(), base);
        let (their_number, their_length) = number(second.get(their_at..).unwrap_or_default(), base);
        return if our_number != their_number {
            our_number < their_number
        } else if our_length != their_length {
            our_length < their_length
        } else {
            our < their
        };
    }
}

/// The number that the text begins with, behind a leading digit, and how many digits it has.
fn number(text: &str, base: i64) -> (i64, usize) {
    let digits = text.chars().take_while(|&character| is_digit(character));
    digits.fold((base, 0), |(number, length), digit| {
        let value = i64::from(digit as u32) - i64::from(b'0');
        (number.wrapping_mul(10).wrapping_add(value), length + 1)
    })
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || (!character.is_ascii() && character.is_numeric())
}
