//! Upper and lower case, and words joined in several styles.

use crate::letter_case::{to_lower, to_title, to_upper};
use crate::types::STRING;
use crate::unicode::{
    characters, decode_first, is_digit, is_letter, is_lower, is_number, is_punctuation, is_space, is_title,
    is_upper,
};
use crate::{Function, Signature, Value};

use super::arguments::{Conversion, bytes};

const TEXT: Signature = Signature::new(&[STRING], STRING);

pub(super) fn functions() -> Vec<Function> {
    let conversions: [(&'static str, Conversion); 9] = [
        ("upper", |text| characters(text).map(to_upper).collect::<String>().into()),
        ("lower", |text| characters(text).map(to_lower).collect::<String>().into()),
        ("title", |text| title(text).into()),
        ("untitle", |text| untitle(text).into()),
        ("swapcase", |text| swap_case(text).into()),
        ("initials", |text| initials(text).into()),
        ("camelcase", |text| pascal_case(text).into()),
        ("snakecase", |text| joined_case(text, '_')),
        ("kebabcase", |text| joined_case(text, '-')),
    ];
    conversions
        .into_iter()
        .map(|(name, convert)| {
            Function::new(name, TEXT, move |_, arguments| {
                let text = bytes(&arguments[0]);
                Ok(Value::from(convert(text)))
            })
        })
        .collect()
}

fn title(text: &[u8]) -> String {
    let mut previous = ' ';
    characters(text)
        .map(|character| {
            let begins = is_separator(previous);
            previous = character;
            if begins { to_title(character) } else { character }
        })
        .collect()
}

fn is_separator(character: char) -> bool {
    match character {
        '0'..='9' | 'a'..='z' | 'A'..='Z' | '_' => false,
        other if other.is_ascii() => true,
        other => !is_letter(other) && !is_digit(other) && is_space(other),
    }
}

fn untitle(text: &[u8]) -> String {
    let mut begins = true;
    characters(text)
        .map(|character| {
            if is_space(character) {
                begins = true;
                character
            } else if std::mem::take(&mut begins) {
                to_lower(character)
            } else {
                character
            }
        })
        .collect()
}

/// Small letters at the start of a word become title case, others upper case.
fn swap_case(text: &[u8]) -> String {
    let mut begins = true;
    characters(text)
        .map(|character| {
            if is_upper(character) || is_title(character) {
                begins = false;
                to_lower(character)
            } else if is_lower(character) {
                if std::mem::take(&mut begins) { to_title(character) } else { to_upper(character) }
            } else {
                begins = is_space(character);
                character
            }
        })
        .collect()
}

/// Upstream takes every byte for a character, so only ASCII comes out whole.
fn initials(text: &[u8]) -> String {
    let mut begins = true;
    text.iter()
        .map(|&byte| char::from(byte))
        .filter(|&character| {
            if is_space(character) {
                begins = true;
                false
            } else {
                std::mem::take(&mut begins)
            }
        })
        .collect()
}

fn is_connector(character: char) -> bool {
    matches!(character, '-' | '_') || is_space(character)
}

fn pascal_case(text: &[u8]) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = characters(text);
    let mut first_is_upper = false;
    let mut current = None;
    for character in rest.by_ref() {
        if !is_connector(character) {
            first_is_upper = is_upper(character);
            current = Some(to_upper(character));
            break;
        }
        output.push(character);
    }
    let Some(mut current) = current else {
        // Upstream writes the last connector of a text of connectors twice.
        output.extend(characters(text).last());
        return output;
    };
    for character in rest {
        let previous = current;
        current = character;
        if is_connector(current) && is_connector(previous) {
            output.push(previous);
        } else if is_connector(previous) {
            first_is_upper = is_upper(current);
            current = to_upper(current);
        } else {
            if first_is_upper {
                if is_upper(current) {
                    current = to_lower(current);
                } else {
                    first_is_upper = false;
                }
            }
            output.push(previous);
        }
    }
    output.push(current);
    output
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Invalid,
    Number,
    UpperCase,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// Small letters with a connector between words, where numbers belong to the word before or after them.
fn joined_case(text: &[u8], connector: char) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len() + 8);
    let mut connector_bytes = [0; 4];
    let mark = connector.encode_utf8(&mut connector_bytes).as_bytes().to_vec();
    let (mut kind, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if kind != Word::Connector {
            push_lower(&mut output, kind, word, &mark);
        }
        let (previous, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match previous {
            Word::Number => {
                while matches!(kind, Word::Alphabet | Word::Number) {
                    push_lower(&mut output, kind, word, &mark);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::Invalid | Word::Punctuation | Word::Connector) {
                    output.extend_from_slice(&mark);
                }
            }
            Word::Connector => push_lower(&mut output, previous, last, &mark),
            Word::Punctuation => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punctuation) {
                    output.extend_from_slice(&mark);
                }
            }
            _ => {
                if rest.is_empty() {
                    continue;
                }
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Word::Alphabet {
                    push_lower(&mut output, Word::Number, number, &mark);
                    if !matches!(kind, Word::Connector | Word::Punctuation) {
                        output.extend_from_slice(&mark);
                    }
                    continue;
                }
                output.extend_from_slice(&mark);
                push_lower(&mut output, Word::Number, number, &mark);
                while matches!(kind, Word::Alphabet | Word::Number) {
                    push_lower(&mut output, kind, word, &mark);
                    (kind, word, rest) = next_word(rest);
                }
                if !matches!(kind, Word::Invalid | Word::Connector | Word::Punctuation) {
                    output.extend_from_slice(&mark);
                }
            }
        }
    }
    push_lower(&mut output, kind, word, &mark);
    output
}

fn push_lower(output: &mut Vec<u8>, kind: Word, word: &[u8], mark: &[u8]) {
    if kind != Word::UpperCase && kind != Word::Connector {
        output.extend_from_slice(word);
        return;
    }
    for character in characters(word) {
        if is_connector(character) {
            output.extend_from_slice(mark);
        } else {
            let lower = if is_upper(character) { to_lower(character) } else { character };
            output.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

/// A letter that is no Chinese character.
fn is_alphabetic(character: char) -> bool {
    is_letter(character)
        && !matches!(character, '\u{4E00}'..='\u{9FCC}' | '\u{3400}'..='\u{4D85}' | '\u{20000}'..='\u{2B81D}')
}

/// The next valid character with the width of all that is skipped to reach it; the previous one if there is none.
fn next_valid(text: &[u8], previous: char) -> (char, usize) {
    let mut width = 0;
    while let Some((character, length)) = decode_first(&text[width..]) {
        width += length;
        if character != '\u{FFFD}' {
            return (character, width);
        }
    }
    (previous, width)
}

/// Cuts off a run of characters of one kind.
fn next_word(text: &[u8]) -> (Word, &[u8], &[u8]) {
    if text.is_empty() {
        return (Word::Invalid, text, text);
    }
    let (first, width) = next_valid(text, '\u{FFFD}');
    if first == '\u{FFFD}' {
        let (word, rest) = text.split_at(width);
        return (Word::Invalid, word, rest);
    }
    let run = |start: usize, previous: char, belongs: &dyn Fn(char) -> bool| {
        let (mut end, mut last) = (start, previous);
        while end < text.len() {
            let (character, length) = next_valid(&text[end..], last);
            last = character;
            if length == 0 || !belongs(character) {
                break;
            }
            end += length;
        }
        (end, last)
    };
    let small = |character: char| is_alphabetic(character) && !is_upper(character);
    let (kind, end) = if is_connector(first) {
        (Word::Connector, run(width, first, &is_connector).0)
    } else if is_punctuation(first) {
        (Word::Punctuation, run(width, first, &is_punctuation).0)
    } else if is_upper(first) {
        (Word::UpperCase, upper_case_end(text, width, first, &run))
    } else if is_alphabetic(first) {
        (Word::Alphabet, run(width, first, &small).0)
    } else if is_number(first) {
        (Word::Number, run(width, first, &is_number).0)
    } else {
        let other = |character: char| {
            !is_connector(character)
                && !is_alphabetic(character)
                && !is_number(character)
                && !is_punctuation(character)
        };
        (Word::Other, run(width, first, &other).0)
    };
    let (word, rest) = text.split_at(end);
    (kind, word, rest)
}

/// Follows characters of a sort from a place on, and returns the end and the last character seen.
type Run<'r> = dyn Fn(usize, char, &dyn Fn(char) -> bool) -> (usize, char) + 'r;

/// `HTTPStatus` is `HTTP` and `Status`: the last capital belongs to the small letters behind it.
fn upper_case_end(text: &[u8], width: usize, first: char, run: &Run<'_>) -> usize {
    if width >= text.len() {
        return width;
    }
    let (second, length) = next_valid(&text[width..], first);
    if is_upper(second) {
        let (end, last) = run(width + length, second, &is_upper);
        if end < text.len() && is_alphabetic(last) {
            let previous = last_width(&text[width..end]);
            return end - previous;
        }
        return end;
    }
    if is_alphabetic(second) {
        return run(width + length, second, &|character| is_alphabetic(character) && !is_upper(character)).0;
    }
    width
}

fn last_width(text: &[u8]) -> usize {
    crate::unicode::decode_last(text).map_or(0, |(_, width)| width)
}
