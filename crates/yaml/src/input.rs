//! Bytes into text that the scanner can read without further checks: UTF-8, no byte order mark in front, no characters
//! that YAML forbids.
//!
//! Upstream: the reader of libyaml as go-yaml v2.4 and v3.0 have it, with its messages. UTF-16 with a byte order mark is
//! decoded, as they do.

use std::borrow::Cow;

/// Text that may be scanned, up to the first place that may not.
pub(crate) struct Input<'s> {
    /// The text before the fault, or all of it.
    pub(crate) text: Cow<'s, str>,
    /// Bytes cut off in front of the text: the length of the byte order mark.
    pub(crate) skipped: usize,
    /// What is wrong in the block of bytes behind the text.
    pub(crate) fault: Option<&'static str>,
}

const CONTROL: &str = "control characters are not allowed";

/// The text in the bytes.
pub(crate) fn decode(bytes: &[u8]) -> Input<'_> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest, 3),
        _ => decode_utf8(bytes, 0),
    }
}

/// The bytes as text, where that is UTF-8 without anything that has to be decoded, refused or taken for a line break, but
/// for newlines.
pub(crate) fn plain(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_plain = first_control(text).is_none()
        && memchr::memchr(b'\r', bytes).is_none()
        && (text.is_ascii() || !text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{FEFF}']));
    is_plain.then_some(text)
}

fn decode_utf8(bytes: &[u8], skipped: usize) -> Input<'_> {
    let (text, mut fault) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            (std::str::from_utf8(valid).unwrap_or_default(), Some(utf8_fault(rest)))
        }
    };
    let mut end = text.len();
    if let Some(offset) = first_control(text) {
        end = offset;
        fault = Some(CONTROL);
    }
    if fault.is_some() {
        end = block_start(text, end, skipped);
    }
    Input { text: Cow::Borrowed(text.get(..end).unwrap_or_default()), skipped, fault }
}

/// go-yaml reads in blocks and refuses the whole block that a fault is in, so what stands before the fault in the same
/// block is never looked at.
fn block_start(text: &str, fault: usize, skipped: usize) -> usize {
    const BLOCK: usize = 512;
    let mut start = 0;
    let mut end = BLOCK - skipped;
    while end <= fault {
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        start = end;
        end += BLOCK;
    }
    start
}

fn utf8_fault(rest: &[u8]) -> &'static str {
    let Some(&first) = rest.first() else { return "incomplete UTF-8 octet sequence" };
    let width = match first {
        0x00..=0x7F => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    let Some(octets) = rest.get(..width) else { return "incomplete UTF-8 octet sequence" };
    if octets.iter().skip(1).any(|octet| octet & 0xC0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let value = octets
        .iter()
        .skip(1)
        .fold(u32::from(first) & (0x7F >> width), |value, octet| (value << 6) | u32::from(octet & 0x3F));
    let shortest = match value {
        0..=0x7F => 1,
        0x80..=0x7FF => 2,
        0x800..=0xFFFF => 3,
        _ => 4,
    };
    if shortest == width { "invalid Unicode character" } else { "invalid length of a UTF-8 sequence" }
}

/// The offset of the first character that YAML forbids.
fn first_control(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if at.is_multiple_of(BLOCK) && bytes.get(at..at + BLOCK).is_some_and(is_harmless) {
            at += BLOCK;
            continue;
        }
        let forbidden = match byte {
            b'\t' | b'\n' | b'\r' | 0x20..=0x7E => false,
            // U+0080 to U+009F, of which only NEL is allowed.
            0xC2 => matches!(bytes.get(at + 1), Some(&next) if next < 0xA0 && next != 0x85),
            // U+FFFE and U+FFFF.
            0xEF => bytes.get(at + 1) == Some(&0xBF) && matches!(bytes.get(at + 2), Some(0xBE | 0xBF)),
            0x80.. => false,
            _ => true,
        };
        if forbidden {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// Whether none of the bytes can be a part of a forbidden character; without branches, so that it is done many at a time.
fn is_harmless(bytes: &[u8]) -> bool {
    let suspicious =
        |byte: u8| (byte < b' ') & (byte != b'\n') | (byte == 0x7F) | (byte == 0xC2) | (byte == 0xEF);
    !bytes.iter().fold(false, |found, &byte| found | suspicious(byte))
}

fn decode_utf16(bytes: &[u8], join: fn([u8; 2]) -> u16) -> Input<'_> {
    let units = bytes.chunks_exact(2).map(|pair| join([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    let mut fault = (bytes.len() % 2 == 1).then_some("incomplete UTF-16 character");
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(character) => text.push(character),
            Err(error) if error.unpaired_surrogate() & 0xFC00 == 0xDC00 => {
                fault = Some("unexpected low surrogate area");
                break;
            }
            Err(_) => {
                fault = Some("expected low surrogate area");
                break;
            }
        }
    }
    if let Some(offset) = first_control(&text) {
        text.truncate(offset);
        fault = Some(CONTROL);
    }
    Input { text: Cow::Owned(text), skipped: 0, fault }
}
